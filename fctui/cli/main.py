"""The command group: commands are imported when they are asked for, so that help costs nothing."""

from __future__ import annotations

import importlib
import os

import click

from fctui import __version__
from fctui.model.errors import UsageError

COMMANDS = {
    "audit": "Known vulnerabilities, as the ecosystems tell them.",
    "build": "Make the bundle.",
    "cache": "What the store of all projects holds; giving up what nobody uses.",
    "check": "What will break the function on its target, and what cures it.",
    "demo": "Try it on a bundled example.",
    "doctor": "Which tools this host has, and what for.",
    "env": "The environment that the function needs.",
    "files": "Each file that a package brings, and where it lands.",
    "init": "Take what other tools' files say into the project's own.",
    "inspect": "What is in a bundle.",
    "licences": "The licences of a bundle's packages.",
    "lock": "Write down exactly what it resolves to, for the targets.",
    "methods": "The four pip methods side by side.",
    "outdated": "What would change if it were resolved afresh.",
    "pack": "A zip that is the same on every machine.",
    "plan": "All files that the bundle will have.",
    "prune": "What each rule leaves out of the bundle, or would.",
    "report": "What is in a bundle, as one HTML file.",
    "run": "Call the function's handler once, as on its target.",
    "sbom": "A CycloneDX bill of what is in a bundle.",
    "shell": "A shell in a stand-in for the target, the bundle at its place.",
    "target": "One runtime in full; captured where it runs; compared.",
    "targets": "The runtimes that bundles are made for.",
    "tree": "What brings what.",
    "verify": "Prove that it runs on its target.",
    "which": "Which package brings an import name or a file, and where it lies.",
    "workspace": "The functions of a repository: targets, sizes, how far each is.",
    "why": "The chains that bring a package, and what removing it saves.",
}

SCREEN = "open"
# The command that runs where none is named; it is in no list.

_OF_THE_GROUP = ("-h", "--help", "--version")


def check_directory(name: str) -> None:
    """Raise UsageError for what is neither a command nor a directory."""
    if not os.path.isdir(name):
        import difflib

        near = difflib.get_close_matches(name, COMMANDS, n=1)
        raise UsageError(
            f"There is no command and no directory {name!r}.",
            hint=f"Did you mean fctui {near[0]}?" if near else "fctui --help lists the commands.",
        )


class LazyGroup(click.Group):
    """Knows names and summaries; a command's module is imported when it runs. What is no command
    is the directory that the screen opens on.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in {*COMMANDS, SCREEN}:
            return None
        module = importlib.import_module(f"fctui.cli.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - one convention for all modules
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a command it is the screen: `fctui`, `fctui DIR`, `fctui --target T DIR`."""
        if not args or args[0] not in {*COMMANDS, *_OF_THE_GROUP}:
            if args and not args[0].startswith("-"):
                check_directory(args[0])
            args = [SCREEN, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The summaries, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    options_metavar="",
    subcommand_metavar="[DIR] | COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="fctui")
def cli() -> None:
    """Vendor the pip, apt, npm and Maven dependencies of a function into its bundle.

    fctui [DIR] opens the screen on a function's directory; the commands below do the same
    without one. Every command takes --help; all but demo and shell take --json.
    """
