"""`fctui [DIR]`: the screen."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from fctui.cli.main import COMMANDS
from fctui.cli.options import directory
from fctui.model.errors import UsageError


@click.command("fctui")
@directory
@click.option("--target", metavar="TARGET", help="The runtime; see fctui targets.")
@click.option("--method", metavar="METHOD", help="How pip packages are laid out.")
@click.option("--resolver", type=click.Choice(["uv", "pip"]), help="Who resolves pip.")
@click.option("--refresh", is_flag=True, help="Ask the registries again.")
@click.option("--offline", is_flag=True, help="Ask no registry; use what is known.")
def command(
    directory: Path,
    target: str | None,
    method: str | None,
    resolver: str | None,
    *,
    refresh: bool,
    offline: bool,
) -> None:
    """Open the screen on a function's directory."""
    if not directory.is_dir():
        near = difflib.get_close_matches(str(directory), COMMANDS, n=1)
        raise UsageError(
            f"There is no command and no directory {str(directory)!r}.",
            hint=f"Did you mean fctui {near[0]}?" if near else "fctui --help lists the commands.",
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The screen needs a terminal.",
            hint="Without one use the commands: fctui tree, plan, build. See fctui --help.",
        )
    from fctui.tui.launch import run

    status = run(
        directory,
        target=target,
        method=method,
        resolver=resolver,
        refresh=refresh,
        offline=offline,
    )
    raise click.exceptions.Exit(status)
