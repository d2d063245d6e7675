"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else.")

directory = click.argument(
    "directory", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]"
)

bundle = click.argument(
    "bundle", type=click.Path(path_type=Path, file_okay=False), required=False, metavar="[BUNDLE]"
)

only_manager = click.option(
    "--manager",
    type=click.Choice(["pip", "apt", "npm", "maven"]),
    help="Only this package manager.",
)


def running(function: _F) -> _F:
    """The options of every command that works in tasks."""
    for option in (
        click.option("--offline", is_flag=True, help="Ask no registry; use what is known."),
        click.option("--refresh", is_flag=True, help="Ask the registries again."),
        click.option("-v", "--verbose", is_flag=True, help="Show commands and their output."),
        click.option("-q", "--quiet", is_flag=True, help="No progress on stderr."),
    ):
        function = option(function)
    return function


def resolving(function: _F) -> _F:
    """The options of every command that resolves or plans."""
    for option in (
        click.option("--resolver", type=click.Choice(["uv", "pip"]), help="Who resolves pip."),
        click.option("--method", metavar="METHOD", help="How pip packages are laid out."),
        click.option("--target", metavar="TARGET", help="The runtime; see fctui targets."),
    ):
        function = option(function)
    return running(function)
