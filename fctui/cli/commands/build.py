"""`fctui build`: make the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.bundle.build import Built
from fctui.cli.options import as_json, directory, resolving
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.model.errors import UsageError
from fctui.present.size import human
from fctui.workflow.workflow import Workflow


@click.command("build")
@directory
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Where; else as the settings say."
)
@click.option("--workspace", is_flag=True, help="Every function below DIR, several at once.")
@resolving
@as_json
def command(
    directory: Path,
    output: Path | None,
    *,
    workspace: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """Make the bundle, whole or not at all."""
    if workspace:
        from fctui.cli.workspace import build_workspace

        if output is not None:
            raise UsageError(
                "Several bundles do not fit into one --output.",
                hint="Each goes where [bundle] output of its own settings says.",
            )
        raise click.exceptions.Exit(build_workspace(directory, options, as_json=as_json))

    async def work(workflow: Workflow) -> Built:
        return await workflow.build(output)

    workflow, built = with_workflow(directory, options, work)
    if as_json:
        write_json(
            {
                "bundle": str(built.bundle),
                "files": built.files,
                "size": built.size,
                "seconds": round(built.seconds, 3),
                "findings": built.findings,
                "unchanged": built.unchanged,
                "left_out": built.left_out,
            }
        )
    else:
        write_lines(summary(workflow, built))
    raise click.exceptions.Exit(exit_code(built.findings))


def summary(workflow: Workflow, built: Built) -> list[str]:
    """What was made, where, how big, what is wrong, what to set."""
    from fctui.bundle.manifest import read_manifest
    from fctui.explore.budget import Budget
    from fctui.explore.read import of_bundle
    from fctui.explore.zipped import zipped
    from fctui.present.explore import gauge_lines
    from fctui.present.files import by_manager, finding_lines, left_out_lines
    from fctui.present.size import counted, duration

    manifest = read_manifest(built.bundle)
    catalog = of_bundle(built.bundle, now=False)
    gauges = Budget(catalog, workflow.target, zipped(catalog, workflow.store)).gauges()
    did = "is as it was" if built.unchanged else f"made in {duration(built.seconds)}"
    variables = [f"  {name}={value}" for name, value in sorted(manifest.environment.items())]
    return [
        f"{built.bundle} {did}",
        *(f"  {line}" for line in by_manager(manifest.files)),
        f"  {counted(built.files, 'file')}, {human(built.size)} for {workflow.target.title}",
        *(f"  {line}" for line in gauge_lines(gauges)),
        *left_out_lines(built.left_out),
        *finding_lines(built.findings),
        *(["set on the function:", *variables] if variables else ["no variable has to be set"]),
    ]
