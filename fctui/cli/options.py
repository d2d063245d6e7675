"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from fctui.model.errors import UsageError

_F = TypeVar("_F", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout, and nothing else.")

directory = click.argument(
    "directory", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]"
)

bundle = click.argument(
    "bundle", type=click.Path(path_type=Path, file_okay=False), required=False, metavar="[BUNDLE]"
)

bundle_or_archive = click.argument(
    "bundle", type=click.Path(path_type=Path), required=False, metavar="[BUNDLE|ZIP]"
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
        click.option("--frozen", is_flag=True, help="Exactly what fctui lock wrote; no resolver."),
        click.option(
            "--prune",
            metavar="RULES",
            callback=lambda _context, _parameter, given: _words(given),
            help="What is left out: default, none, or rules; see fctui prune.",
        ),
        click.option("--resolver", type=click.Choice(["uv", "pip"]), help="Who resolves pip."),
        click.option("--method", metavar="METHOD", help="How pip packages are laid out."),
        click.option("--target", metavar="TARGET", help="The runtime; see fctui targets."),
    ):
        function = option(function)
    return running(function)


def sandboxed(function: _F) -> _F:
    """The options of every command that runs something of a bundle."""
    for option in (
        click.option("--target", metavar="TARGET", help="Another runtime than it was built for."),
        click.option(
            "--env",
            multiple=True,
            metavar="NAME=VALUE",
            help="A variable to set.",
            callback=lambda _context, _parameter, given: dict(map(_variable, given)),
        ),
        click.option(
            "--sandbox",
            default="",
            metavar="WHERE",
            help="docker:IMAGE, podman:IMAGE or rootfs:DIR; else a root of the target's release "
            "is made.",
        ),
    ):
        function = option(function)
    return function


def _words(text: str | None) -> tuple[str, ...] | None:
    """`default,symbols` as a setting has it; None where nothing was said."""
    if text is None:
        return None
    return tuple(
        word for word in (each.strip() for each in text.split(",")) if word not in {"", "none"}
    )


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise UsageError(f"--env {text} is no NAME=VALUE.")
    return name, value
