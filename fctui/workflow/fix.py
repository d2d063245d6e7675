"""Adding what cures the findings to the project's own files, and building again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from fctui.model.finding import Remedy
from fctui.project.edit import Edit, add, remove
from fctui.project.project import load_project
from fctui.workflow.check import Checked, check
from fctui.workflow.remedies import chosen_remedies
from fctui.workflow.workflow import Workflow

ROUNDS = 4
# What a deb brings may lack something itself; more than two rounds have never been seen.


async def fix(workflow: Workflow, bundle: Path) -> tuple[Checked, tuple[str, ...]]:
    """Check, add, rebuild, until nothing more can be cured. Returns the last check and what was
    changed in the project, a sentence each. Raises what building raises; the files stay changed
    then, for they say what is wanted.
    """
    changes: list[str] = []
    tried: set[Remedy] = set()
    for _ in range(ROUNDS):
        checked = await check(workflow.context, bundle)
        remedies = [each for each in chosen_remedies(checked.findings) if each not in tried]
        if not remedies:
            break
        tried.update(remedies)
        edits = await asyncio.to_thread(apply, workflow.project.root, remedies)
        changes += [edit.summary for edit in edits]
        workflow = workflow.reopened()
        await workflow.build(bundle)
    return checked, tuple(changes)


def apply(root: Path, remedies: Iterable[Remedy]) -> list[Edit]:
    """Make the changes that remedies stand for, one after the other, and return them."""
    made: list[Edit] = []
    for remedy in remedies:
        if remedy.instead_of:
            made.append(remove(load_project(root), remedy.manager, remedy.instead_of))
            made[-1].apply()
        made.append(add(load_project(root), remedy.manager, remedy.package))
        made[-1].apply()
    return made
