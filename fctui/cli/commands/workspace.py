"""`fctui workspace`: the functions of a repository."""

from __future__ import annotations

from pathlib import Path

import click

from fctui.cli.options import as_json, directory
from fctui.cli.output import write_json, write_lines
from fctui.cli.workspace import members_of
from fctui.present.workspace import document, table


@click.command("workspace")
@directory
@as_json
def command(directory: Path, *, as_json: bool) -> None:
    """List the functions below a directory: target, size, and whether their bundles are as they
    should be. fctui build --workspace builds them all.

    Functions are the directories that have a fctui.toml, or that a template tells of (s.yaml,
    template.yml, serverless.yml); where there are none of these, those with dependency files.
    """
    members = members_of(directory)
    if as_json:
        write_json(document(members, directory))
    else:
        write_lines(table(members, directory))
    raise click.exceptions.Exit(2 if any(member.problem for member in members) else 0)
