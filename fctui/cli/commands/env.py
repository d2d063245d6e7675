"""`fctui env`: the environment that the function needs."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_directory


@click.command("env")
@bundle
@click.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json", "s.yaml"]),
    default="shell",
    show_default=True,
)
@as_json
def command(bundle: Path | None, form: str, *, as_json: bool) -> None:
    """The variables to set on the function; what the runtime presets is left out."""
    variables = dict(sorted(read_manifest(bundle_directory(bundle)).environment.items()))
    if as_json or form == "json":
        write_json(variables)
    elif form == "shell":
        write_lines(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    elif form == "dotenv":
        write_lines(f"{name}={value}" for name, value in variables.items())
    else:
        write_lines(["environmentVariables:", *(f"  {n}: '{v}'" for n, v in variables.items())])
