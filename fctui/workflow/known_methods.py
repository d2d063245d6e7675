"""The pip methods side by side, as far as that is known without asking anybody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from fctui.bundle.manifest import Manifest
from fctui.managers.pip.seeds import OWNER as OVERHEAD
from fctui.model.errors import FctuiError
from fctui.workflow.methods import MethodReport, compare_each, recommended
from fctui.workflow.workflow import Workflow


async def known_methods(
    workflow: Workflow, bundle: Path, manifest: Manifest
) -> tuple[MethodReport, ...]:
    """The reports on the packages of a bundle that is the project's own; none where it is not, or
    where the project has moved on since. What nobody has asked an index for is not asked for now:
    then there is no report on virtualenv, which has distributions of its own.
    """
    if "pip" not in workflow.managers or not await asyncio.to_thread(_same, workflow, bundle):
        return ()
    built = {(o.id, o.version) for o in manifest.origins if o.manager == "pip"}
    built = {(id_, version) for id_, version in built if id_ != OVERHEAD}
    for frozen in (False, True):
        context = replace(workflow.context, offline=True, refresh=False, frozen=frozen, memory={})
        known = Workflow(context)
        reports: list[MethodReport] = []
        try:
            packages = (await known.resolve("pip")).packages.values()
            if {(package.id, package.version) for package in packages} != built:
                continue
            async for report in compare_each(known):
                reports.append(report)  # noqa: PERF401 - those before an error count
        except FctuiError:
            pass
        if reports:
            return recommended(reports)
    return ()


def _same(workflow: Workflow, bundle: Path) -> bool:
    return workflow.output.resolve() == bundle.resolve()
