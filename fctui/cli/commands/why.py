"""`fctui why`: the chains that bring a package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.lookup import find_package
from fctui.cli.options import as_json, directory, only_manager, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import resolve_all, with_workflow
from fctui.model.graph import chains, exclusive
from fctui.workflow.workflow import Workflow


@click.command("why")
@click.argument("package")
@directory
@only_manager
@resolving
@as_json
def command(
    package: str,
    directory: Path,
    manager: str | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """The chains that bring PACKAGE, and what removing it would save."""

    async def work(workflow: Workflow) -> tuple[str, str]:
        failure = await resolve_all(workflow, manager, sizes=True)
        return find_package(workflow.resolutions, package, manager, failure)

    workflow, (name, id_) = with_workflow(directory, options, work)
    resolution, sizes = workflow.resolutions[name], workflow.sizes(name)
    goes = exclusive(resolution, id_)
    saved = sum(sizes.get(gone, 0) for gone in goes)
    found = chains(resolution, id_)
    if as_json:
        write_json({"package": id_, "chains": found, "exclusive_size": saved})
        return
    from fctui.present.size import counted, human
    from fctui.tasks.text import clean

    write_lines(
        [
            f"{clean(id_)} {clean(resolution.packages[id_].version)} ({name})",
            *("  " + " → ".join(map(clean, chain)) for chain in found),
            f"without it go {counted(len(goes), 'package')}, {human(saved)}",
        ]
    )
