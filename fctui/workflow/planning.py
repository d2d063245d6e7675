"""The plan of a workflow: what is listed by now, laid out and merged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fctui.bundle.code import planned_code
from fctui.bundle.places.stored import StoreReader
from fctui.bundle.plan import Share, make_plan
from fctui.bundle.runpath.relinked import Relinked
from fctui.model.finding import Finding
from fctui.model.plan import Plan

if TYPE_CHECKING:
    from fctui.workflow.answers import Answers


def planned(answers: Answers, output: Path, relinked: Relinked) -> Plan:
    """The plan for a bundle at `output`, with the changes of `relinked`."""
    shares = {}
    findings: list[Finding] = []
    for manager in answers.managers:
        resolution, listing = answers.resolutions.get(manager), answers.listings.get(manager)
        if resolution is None or listing is None:
            continue
        shares[manager] = Share(
            answers.layout_of(manager), listing, resolution.packages, resolution.roots
        )
        findings.extend(resolution.findings)
    code = planned_code(answers.project, output)
    return make_plan(
        answers.target,
        answers.method,
        shares,
        code=code.files,
        left_out=code.left_out,
        python_dirs=answers.python_dirs(),
        findings=findings,
        read=StoreReader(answers.store),
        variables=answers.settings.bundle.environment,
        links=answers.settings.bundle.links,
        relinked=relinked,
    )
