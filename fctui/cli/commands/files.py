"""`fctui files`: each file that a package brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.lookup import find_package
from fctui.cli.options import as_json, directory, only_manager, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import resolve_all, with_workflow
from fctui.model.errors import FctuiError
from fctui.present.files import by_category, file_json
from fctui.workflow.workflow import Workflow


@click.command("files")
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
    """Each file that PACKAGE brings, by install category, and where it lands in the bundle."""

    async def work(workflow: Workflow) -> tuple[str, str]:
        failure = await resolve_all(workflow, manager)
        name, id_ = find_package(workflow.resolutions, package, manager, failure)
        ids = [id_] if workflow.chosen.always_only else None
        listing = await workflow.contents(name, ids)
        if id_ in listing.unknown:
            raise FctuiError(
                f"The files of {id_} are not known before it is built: {listing.unknown[id_]}",
                hint="fctui build builds it; afterwards its files are known.",
            )
        return name, id_

    workflow, (name, id_) = with_workflow(directory, options, work)
    files = workflow.package_files(name, id_)
    if as_json:
        write_json({"files": [file_json(file) for file in files]})
    else:
        write_lines(by_category(files))
