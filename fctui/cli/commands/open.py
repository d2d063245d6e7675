"""`fctui [DIR]`: the screen."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fctui.cli.main import check_directory
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
    check_directory(str(directory))
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
