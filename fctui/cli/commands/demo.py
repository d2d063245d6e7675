"""`fctui demo`: the whole way on a bundled example."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fctui.bundle.build import Built
from fctui.cli.commands.build import summary
from fctui.cli.output import exit_code, write_lines
from fctui.cli.run import with_workflow
from fctui.demo.example import copy_example
from fctui.workflow.workflow import Workflow


@click.command("demo")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default="fctui-demo")
@click.option("--build", "headless", is_flag=True, help="Build it, also in a terminal.")
@click.option("-v", "--verbose", is_flag=True, help="Show commands and their output.")
def command(directory: Path, *, headless: bool, verbose: bool) -> None:
    """Try fctui on a copy of an example: a function that makes thumbnails.

    In a terminal this opens the screen on DIRECTORY (fctui-demo, made if it is not there);
    without one it builds the bundle and prints the summary.
    """
    made = copy_example(directory)
    said = "The example is now in" if made else "The example was there already:"
    click.echo(f"{said} {directory}", err=True)
    if sys.stdin.isatty() and sys.stdout.isatty() and not headless:
        from fctui.tui.launch import run

        raise click.exceptions.Exit(run(directory))

    async def work(workflow: Workflow) -> Built:
        return await workflow.build()

    workflow, built = with_workflow(directory, {"verbose": verbose}, work)
    lines = [*summary(workflow, built), f"look closer: fctui {directory}"]
    write_lines(lines)
    raise click.exceptions.Exit(exit_code(built.findings))
