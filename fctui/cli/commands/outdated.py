"""`fctui outdated`: what would change if the project were resolved afresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, running
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.present.outdated import outdated_json, outdated_lines
from fctui.workflow.outdated import outdated


@click.command("outdated")
@directory
@click.option("--target", metavar="TARGET", help="The runtime; see fctui targets.")
@click.option("--resolver", type=click.Choice(["uv", "pip"]), help="Who resolves pip.")
@running
@as_json
def command(
    directory: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """What would change if the project were resolved afresh: for each package the locked version,
    the one that would be taken now, the newest that there is, and the change in size.

    It is compared with fctui.lock, or without one with the bundle. Nothing is changed: fctui lock
    --upgrade takes the new versions.
    """
    _, found = with_workflow(directory, options, outdated)
    if as_json:
        write_json(outdated_json(found))
    else:
        write_lines(outdated_lines(found))
