"""`fctui prune`: what each rule leaves out of the bundle, or would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.present.pruning import prunable_json, prunable_lines
from fctui.workflow.prunable import Prunable
from fctui.workflow.workflow import Workflow


@click.command("prune")
@directory
@click.option("--files", "show_files", is_flag=True, help="List every file, by rule.")
@resolving
@as_json
def command(
    directory: Path,
    *,
    show_files: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """What each rule leaves out of the bundle, or would; nothing is changed.

    [bundle] prune in the settings, or --prune with build, puts rules in force: "default" those that
    break nothing, names of rules, globs.
    """

    async def work(workflow: Workflow) -> Prunable:
        return await workflow.prunable()

    workflow, found = with_workflow(directory, options, work)
    if as_json:
        write_json(prunable_json(found, workflow.chosen, files=show_files))
    else:
        write_lines(prunable_lines(found, workflow.chosen, files=show_files))
