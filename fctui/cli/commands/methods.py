"""`fctui methods`: the four pip methods side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.model.errors import UsageError
from fctui.present.methods import method_lines
from fctui.workflow.methods import MethodReport, compare_methods
from fctui.workflow.workflow import Workflow


@click.command("methods")
@directory
@resolving
@as_json
def command(
    directory: Path,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """The four ways to install pip packages, compared for this project."""

    async def work(workflow: Workflow) -> tuple[MethodReport, ...]:
        if "pip" not in workflow.managers:
            raise UsageError("The project declares no Python packages.")
        return await compare_methods(workflow)

    workflow, reports = with_workflow(directory, options, work)
    if as_json:
        write_json({"methods": [_json(report) for report in reports]})
    else:
        write_lines(method_lines(reports, workflow.method))


def _json(report: MethodReport) -> dict[str, Any]:
    """The contract's keys and the rest of the columns, without the files."""
    import msgspec

    made: dict[str, Any] = msgspec.to_builtins(report)
    made.pop("listing")
    return made
