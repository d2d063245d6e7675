"""The work behind the screen: coroutines that ask the workflow and tell what became of it.

They know no widget and no App; `tell` takes the messages.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.message import Message

from fctui.model.errors import FctuiError
from fctui.tui import messages

if TYPE_CHECKING:
    from textual.worker import Worker

    from fctui.explore.catalog import Catalog
    from fctui.model.plan import Plan
    from fctui.model.verification import Verdict
    from fctui.workflow.what_if import Change
    from fctui.workflow.workflow import Workflow

CHECKS = "checks"
"""What works on the checks pane, beside the managers and the bundle ("")."""

PACK, AUDIT, TRY = "pack", "audit", "what if"
"""What packs the bundle, asks about vulnerabilities, and tries a change."""

_BATCH = 1 / 10
# Seconds between two batches of verdicts: a hundred of them may come in one.

Tell = Callable[[Message], object]


async def work_on(workflow: Workflow, manager: str, tell: Tell) -> None:
    """Resolve a manager's packages, then list their files."""
    with _telling(tell, manager):
        await workflow.resolve(manager)
        tell(messages.Resolved(manager))
        await workflow.contents(manager)
        tell(messages.Listed(manager))


async def refresh(workflow: Workflow, manager: str, tell: Tell) -> None:
    """Ask a manager's registries again, then go on with what is remembered from that."""
    with _telling(tell, manager):
        asking = await asyncio.to_thread(workflow.reopened, refresh=True)
        await asking.resolve(manager)
        tell(messages.RegistriesAsked(manager))


async def plan(workflow: Workflow, tell: Tell) -> None:
    """Plan with what is listed; a manager that failed is missing in it."""
    missing = tuple(m for m in workflow.managers if m not in workflow.listings)
    try:
        tell(messages.Planned(*await asyncio.to_thread(_planned, workflow), missing))
    except FctuiError as error:
        tell(messages.WorkFailed("", error))


async def build(workflow: Workflow, tell: Tell, after: Iterable[Worker[None]]) -> None:
    """Make the bundle, once what ran before has ended."""
    with _telling(tell, ""):
        await ended(after)
        await asyncio.gather(*(_resolve(workflow, manager, tell) for manager in workflow.managers))
        built = await workflow.build()
        for manager in workflow.managers:
            tell(messages.Listed(manager))
        tell(messages.Planned(*await asyncio.to_thread(_planned, workflow), ()))
        tell(messages.BundleBuilt(built))


async def check(workflow: Workflow, tell: Tell) -> None:
    """Judge the bundle on the disk, if there is one that was made for the target."""
    if await asyncio.to_thread(workflow.has_bundle):
        with _telling(tell, CHECKS):
            tell(messages.BundleChecked(await workflow.check()))


async def verify(workflow: Workflow, tell: Tell) -> None:
    """Try everything of the bundle on the disk, telling what came of it as it comes."""
    waiting: list[Verdict] = []
    told = 0.0

    def heard(verdict: Verdict, expected: int) -> None:
        nonlocal told
        waiting.append(verdict)
        if time.monotonic() - told > _BATCH:
            told = time.monotonic()
            tell(messages.VerdictsArrived(tuple(waiting), expected))
            waiting.clear()

    with _telling(tell, CHECKS):
        tell(messages.BundleVerified(await workflow.verify(heard=heard)))


async def pack(workflow: Workflow, tell: Tell, *, layers: bool, smallest: bool) -> None:
    """Pack the bundle on the disk."""
    with _telling(tell, PACK):
        tell(messages.BundlePacked(await workflow.pack(layers=layers, smallest=smallest)))


async def audit(workflow: Workflow, tell: Tell) -> None:
    """Ask what is known against the packages."""
    with _telling(tell, AUDIT):
        tell(messages.PackagesAudited(await workflow.audit()))


async def try_change(workflow: Workflow, before: Catalog, change: Change, tell: Tell) -> None:
    """Find out what a change would make of what is explored."""
    from fctui.tui.exploration import Trial, weigh
    from fctui.workflow.what_if import steps, what_if

    with _telling(tell, TRY):
        async with workflow.tasks.open("", f"what if {change.title}"):
            tried = await what_if(workflow, change)
            after, target = tried.catalog, workflow.target
            weighed = await asyncio.to_thread(weigh, after, target, workflow.store)
        tell(messages.ChangeTried(Trial(tried, weighed, tuple(steps(before, after)))))


async def reopen(
    workflow: Workflow,
    tell: Tell,
    after: Iterable[Worker[None]],
    *,
    target: str | None = None,
    method: str | None = None,
    changed: Collection[str] = (),
) -> None:
    """Read the project again once what ran before has ended: with another target or method, or
    after a change of `changed` managers' answers. What that does not touch is kept.
    """
    await ended(after)
    try:
        fresh = await asyncio.to_thread(workflow.reopened, target=target, method=method)
    except FctuiError as error:
        tell(messages.WorkFailed("", error))
        return
    fresh.take_facts(workflow)
    same = fresh.target == workflow.target
    kept = () if not same else tuple(m for m in fresh.managers if m not in changed)
    for manager in kept:
        if manager in workflow.resolutions:
            fresh.resolutions[manager] = workflow.resolutions[manager]
        # An environment has distributions of its own, which are listed for that method alone.
        more = manager == "pip" and fresh.method == "virtualenv" != workflow.method
        # What is pruned may have to be read first.
        more = more or fresh.chosen != workflow.chosen
        # What is relinked has to be in the store.
        more = more or (fresh.settings.bundle.rpath and not workflow.settings.bundle.rpath)
        if manager in workflow.listings and not more:
            fresh.listings[manager] = workflow.listings[manager]
    asked = tuple(m for m in fresh.managers if m not in fresh.listings)
    tell(messages.WorkflowOpened(fresh, asked))


async def ended(workers: Iterable[Worker[None]]) -> None:
    """Wait until workers have ended, in whatever way."""
    await asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)


@contextmanager
def _telling(tell: Tell, manager: str) -> Iterator[None]:
    """Tell that work on a manager begins, and where it fails or is stopped, that."""
    tell(messages.WorkBegan(manager))
    try:
        yield
    except FctuiError as error:
        tell(messages.WorkFailed(manager, error))
    except asyncio.CancelledError:
        tell(messages.WorkCancelled(manager))
        raise


def _planned(workflow: Workflow) -> tuple[Plan, Catalog]:
    """The plan, and its files as they are explored."""
    from fctui.explore.read import of_plan

    plan = workflow.planned()
    return plan, of_plan(plan, root=workflow.project.root, store=workflow.store)


async def _resolve(workflow: Workflow, manager: str, tell: Tell) -> None:
    try:
        await workflow.resolve(manager)
    except FctuiError as error:
        tell(messages.WorkFailed(manager, error))
        raise
    tell(messages.Resolved(manager))
