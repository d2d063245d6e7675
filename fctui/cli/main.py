"""The command group: commands are imported when they are asked for, so that help costs nothing."""

from __future__ import annotations

import importlib
from typing import Any

import click

from fctui import __version__

_COMMANDS = {
    "build": "Make the bundle.",
    "demo": "Try it on a bundled example.",
    "doctor": "Which tools this host has, and what for.",
    "env": "The environment that the function needs.",
    "files": "Each file that a package brings, and where it lands.",
    "inspect": "What is in a bundle.",
    "plan": "All files that the bundle will have.",
    "target": "One runtime in full.",
    "targets": "The runtimes that bundles are made for.",
    "tree": "What brings what.",
    "why": "The chains that bring a package, and what removing it saves.",
}


class LazyGroup(click.Group):
    """Knows names and summaries; a command's module is imported when it runs. What is no command
    is the directory that the screen opens on.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; `open` is what runs without a name."""
        if cmd_name not in {*_COMMANDS, "open"}:
            return None
        module = importlib.import_module(f"fctui.cli.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - one convention for all modules
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The named command, or the screen for a directory."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            return "open", self.get_command(ctx, "open"), args
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The summaries, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="fctui")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Vendor the pip, apt and npm dependencies of a function into its bundle.

    fctui [DIR] opens the screen on a function's directory; the commands below do the same
    without one. Every command takes --help; all but demo take --json.
    """
    if ctx.invoked_subcommand is None:
        command: Any = cli.get_command(ctx, "open")
        ctx.invoke(command)
