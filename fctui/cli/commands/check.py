"""`fctui check`: what will break the function on its target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle, running
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.places import bundle_directory, bundle_target
from fctui.cli.run import run_workflow
from fctui.workflow.check import Checked, check
from fctui.workflow.fix import fix
from fctui.workflow.workflow import Workflow


@click.command("check")
@bundle
@click.option("--fix", "fixing", is_flag=True, help="Add the packages that cure, and rebuild.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Whose files --fix changes; else the current directory's.",
)
@click.option("--target", metavar="TARGET", help="Another runtime than it was built for.")
@click.option("--no-remedies", is_flag=True, help="Do not look for what cures the findings.")
@running
@as_json
def command(
    bundle: Path | None,
    *,
    fixing: bool,
    project: Path,
    target: str | None,
    no_remedies: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """Whether every library that the bundle needs is there for its target, and new enough."""
    place = bundle_directory(bundle)
    manifest = read_manifest(place)
    chosen = {"target": bundle_target(target, manifest), "method": manifest.method, **options}

    async def work(workflow: Workflow) -> tuple[Checked, tuple[str, ...]]:
        if fixing:
            return await fix(workflow, place)
        return await check(workflow.context, place, remedies=not no_remedies), ()

    workflow, (checked, changes) = run_workflow(project, chosen, work)
    if as_json:
        write_json(
            {
                "findings": checked.findings,
                "elf_files": checked.native.files,
                "target": checked.source,
                "changes": changes,
            }
        )
    else:
        write_lines(_text(checked, changes))
        if changes:
            write_lines(_sizes(workflow, place, sum(file.size for file in manifest.files)))
    raise click.exceptions.Exit(exit_code(checked.findings))


def _text(checked: Checked, changes: tuple[str, ...]) -> list[str]:
    from fctui.present.files import finding_lines, remedy_text
    from fctui.present.size import counted
    from fctui.workflow.remedies import one_for_several

    files = counted(checked.native.files, "ELF file")
    one = one_for_several(checked.findings)
    advice = [f"{remedy_text(one[0])} cures {one[1]} of them alone"] if one else []
    return [
        *(f"changed: {change}" for change in changes),
        *finding_lines(checked.findings),
        f"{counted(len(checked.findings), 'finding')} in {files}, against {checked.source}",
        *advice,
    ]


def _sizes(workflow: Workflow, place: Path, before: int) -> list[str]:
    """What became of the bundle's size, and the limits that it does not meet now."""
    from fctui.explore.budget import Budget
    from fctui.explore.read import of_bundle
    from fctui.explore.zipped import zipped
    from fctui.present.explore import gauge_lines
    from fctui.present.size import human

    catalog = of_bundle(place, now=False)
    gauges = Budget(catalog, workflow.target, zipped(catalog, workflow.store)).gauges()
    now = sum(file.size for file in read_manifest(place).files)
    return [
        f"{place}: {human(before)} before, {human(now)} now",
        *(f"  {line}" for line in gauge_lines(gauge for gauge in gauges if gauge.over)),
    ]
