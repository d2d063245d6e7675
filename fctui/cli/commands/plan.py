"""`fctui plan`: all files that the bundle will have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, resolving
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.explore.budget import Budget, Gauge
from fctui.explore.read import of_plan
from fctui.explore.zipped import zipped
from fctui.model.plan import Plan
from fctui.present.explore import gauge_lines
from fctui.present.files import (
    by_category,
    by_manager,
    by_owner,
    file_json,
    finding_lines,
    left_out_lines,
    saving_lines,
)
from fctui.present.size import counted, human
from fctui.workflow.workflow import Workflow


@click.command("plan")
@directory
@click.option("--files", "show_files", is_flag=True, help="List every file.")
@resolving
@as_json
def command(
    directory: Path,
    *,
    show_files: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """All files that the bundle will have, before anything is installed."""

    async def work(workflow: Workflow) -> Plan:
        return await workflow.plan()

    workflow, plan = with_workflow(directory, options, work)
    gauges = gauges_of(workflow, plan)
    if as_json:
        write_json(
            {
                "files": [file_json(file) for file in plan.files],
                "unknown": [{"package": u.package, "reason": u.reason} for u in plan.unknown],
                "totals": plan.totals,
                "findings": plan.findings,
                "savings": plan.savings,
                "left_out": plan.left_out,
                "environment": plan.environment,
                "places": plan.places,
                "limits": gauges,
            }
        )
    else:
        write_lines(_text(plan, gauges, show_files=show_files))
    raise click.exceptions.Exit(exit_code(plan.findings))


def gauges_of(workflow: Workflow, plan: Plan) -> Sequence[Gauge]:
    """The target's limits, and how much of them the plan uses."""
    catalog = of_plan(plan, root=workflow.project.root, store=workflow.store)
    return Budget(catalog, workflow.target, zipped(catalog, workflow.store)).gauges()


def _text(plan: Plan, gauges: Sequence[Gauge], *, show_files: bool) -> list[str]:
    totals = plan.totals
    lines = by_category(plan.files) if show_files else by_owner(plan.files, 30)
    unknown = [f"not known before building: {u.package} ({u.reason})" for u in plan.unknown]
    return [
        *lines,
        "",
        *by_manager(plan.files),
        f"{'total':<8} {counted(totals.files, 'file'):>14}  {human(totals.size):>8}",
        "",
        *gauge_lines(gauges),
        *unknown,
        *saving_lines(plan.savings),
        *left_out_lines(plan.left_out),
        *finding_lines(plan.findings),
    ]
