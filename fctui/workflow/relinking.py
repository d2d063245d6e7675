"""Letting the libraries of a bundle find each other, where the settings ask for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.bundle.runpath.relinked import Relinked

if TYPE_CHECKING:
    from fctui.workflow.answers import Answers


async def relink(answers: Answers, output: Path | None = None) -> None:
    """Find out what changes of the plan, as soon as all of it is in the store; remembered for the
    method by the context.

    Raises MissingToolError without patchelf.
    """
    whole = all(manager in answers.listings for manager in answers.managers)
    if not answers.settings.bundle.rpath or not whole:
        return
    from fctui.bundle.runpath.patch import required_patchelf
    from fctui.bundle.runpath.relink import relink as changes
    from fctui.workflow.planning import planned

    required_patchelf()
    async with answers.tasks.open("", "lead libraries to each other") as task:
        plan = await asyncio.to_thread(planned, answers, output or answers.output, Relinked())
        links = answers.settings.bundle.links
        root = answers.project.root
        found = await changes(answers.store, answers.target, plan, root, links, task)
    answers.context.memory[_key(answers)] = found


def relinked(answers: Answers) -> Relinked:
    """What is known by now; nothing where it is not asked for."""
    if not answers.settings.bundle.rpath:
        return Relinked()  # though a try of it may have found some
    known = answers.context.memory.get(_key(answers))
    return known if isinstance(known, Relinked) else Relinked()


def _key(answers: Answers) -> str:
    return f"relinked {answers.method}"
