"""Building several functions at once, with one store: each failure is told, the rest goes on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from fctui.model.errors import FctuiError, TaskError, UsageError
from fctui.store.store import Store, default_store
from fctui.tasks.events import Event, Reporter, TaskStarted
from fctui.workflow.together import all_or_first_error
from fctui.workflow.workflow import Workflow, no_dependencies
from fctui.workflow.workspace import Member

if TYPE_CHECKING:
    from fctui.bundle.build import Built

_AT_ONCE = 4
# A build waits for the network and for the disk in turns; more of them only wait for each other.


class Outcome(Struct, frozen=True):
    """What came of one function: its bundle, or every error that it had, the first first."""

    member: Member
    built: Built | None = None
    errors: tuple[FctuiError, ...] = ()


class Named:
    """A reporter that puts a function's name before what its tasks are about."""

    def __init__(self, reporter: Reporter, name: str) -> None:
        self._reporter = reporter
        self._name = name

    def emit(self, event: Event) -> None:
        """Pass an event on."""
        if isinstance(event, TaskStarted):
            event = structs.replace(event, title=f"{self._name}: {event.title}")
        self._reporter.emit(event)


async def build_all(
    members: Sequence[Member],
    *,
    reporter: Reporter,
    store: Store | None = None,
    target: str | None = None,
    **options: Any,  # noqa: ANN401 - those of Workflow.open
) -> list[Outcome]:
    """Build every function, a few at once; the outcomes are in the order of `members`.

    `target` wins over what each of them says. Cancelled, all of them stop, and what stood there
    before still stands.
    """
    shared = store or default_store()
    turn = asyncio.Semaphore(min(_AT_ONCE, max(2, os.cpu_count() or 1)))

    async def one(member: Member) -> Outcome:
        async with turn:
            return await _build(
                member,
                reporter=Named(reporter, member.name),
                store=shared,
                target=target or member.told or None,
                **options,
            )

    return await all_or_first_error([one(member) for member in members])


async def _build(member: Member, **options: Any) -> Outcome:  # noqa: ANN401 - as above
    if member.problem:
        return Outcome(member, errors=(UsageError(member.problem),))
    workflow = None
    try:
        workflow = await asyncio.to_thread(Workflow.open, member.directory, **options)
        if not workflow.managers:
            raise no_dependencies(workflow)
        return Outcome(member, await workflow.build())
    except FctuiError as error:
        others = [e for e in workflow.failures.values() if e is not error] if workflow else []
        return Outcome(member, errors=(error, *others))
    except (
        OSError
    ) as error:  # a full disk is that of all, but a directory that is not writable is not
        return Outcome(member, errors=(TaskError(f"{error.filename or ''}: {error.strerror}"),))
