"""`fctui [DIR]`: the screen."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fctui.cli.options import directory
from fctui.model.errors import UsageError


@click.command("open")
@directory
@click.option("--target", metavar="TARGET", help="The runtime; see fctui targets.")
@click.option("--method", metavar="METHOD", help="How pip packages are laid out.")
@click.option("--offline", is_flag=True, help="Ask no registry; use what is known.")
def command(directory: Path, target: str | None, method: str | None, *, offline: bool) -> None:
    """Open the screen on a function's directory."""
    if not directory.is_dir():
        raise UsageError(
            f"There is no command and no directory {str(directory)!r}.",
            hint="fctui --help lists the commands.",
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The screen needs a terminal.",
            hint="Without one use the commands: fctui tree, plan, build. See fctui --help.",
        )
    from fctui.tui.app import run

    raise click.exceptions.Exit(run(directory, target=target, method=method, offline=offline))
