"""Reading what decides about pruning, and what each rule would save."""

from __future__ import annotations

import threading

from fctui.bundle.code import planned_code
from fctui.pruning.evidence import gather, of_code
from fctui.pruning.prune import Facts, strips
from fctui.pruning.strip import Stripped, required_strip, strip_all
from fctui.store.bounds import Stopped
from fctui.tasks.threads import stoppable
from fctui.workflow.answers import FACTS, Answers

READ = ("pip", "npm", "maven")
"""Managers whose packages are read before anything is left out of them."""


async def read_for_pruning(answers: Answers, manager: str) -> None:
    """Read the packages of one manager that are in the store; remembered by artifact."""
    layout = answers.whole_layout(manager)

    def read(stop: threading.Event) -> Facts | None:
        try:
            found = gather(answers.store, manager, layout.files, stop)
        except Stopped:
            return None
        return Facts(found, _code(answers))

    async with answers.tasks.open(manager, "read what has to stay"):
        facts = await stoppable(read)
    if facts is None:
        return
    known = answers.facts
    evidence = {**known.evidence, **facts.evidence}
    stripped = dict(known.stripped)
    if strips(manager, answers.chosen):
        stripped |= await _stripped(answers, manager, facts)
    answers.context.memory[FACTS] = Facts(evidence, facts.code, stripped)


async def _stripped(answers: Answers, manager: str, facts: Facts) -> dict[str, Stripped]:
    """Smaller copies of the target's libraries."""
    wanted = {
        digest: [path for path in found.symbols if found.binaries[path] == answers.target.arch]
        for digest, found in facts.evidence.items()
    }
    wanted = {digest: paths for digest, paths in wanted.items() if paths}
    if not wanted:
        return {}
    program = required_strip(answers.target)
    async with answers.tasks.open(manager, "take symbols from libraries") as task:
        return await strip_all(answers.store, wanted, program, task)


def _code(answers: Answers) -> tuple[str, ...]:
    return of_code(str(answers.project.root), planned_code(answers.project, answers.output).files)
