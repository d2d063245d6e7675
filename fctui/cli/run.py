"""Running a workflow's coroutines from a command: progress, interruption, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from fctui.cli.output import write_error, write_lines
from fctui.cli.progress import StderrReporter
from fctui.model.errors import FctuiError, UsageError
from fctui.tasks.events import Silent
from fctui.tasks.task import Tasks

if TYPE_CHECKING:
    from fctui.workflow.workflow import Workflow

_T = TypeVar("_T")

INTERRUPTED = 130
PATIENCE = 3
# Interruptions after which a person does not wait for the tidying up any more.


def with_workflow(
    directory: Path,
    options: dict[str, Any],
    work: Callable[[Workflow], Coroutine[Any, Any, _T]],
) -> tuple[Workflow, _T]:
    """Run `work` for a project that declares something, see `run_workflow`."""
    return run_workflow(directory, options, work, declared=True)


def run_workflow(
    directory: Path,
    options: dict[str, Any],
    work: Callable[[Workflow], Coroutine[Any, Any, _T]],
    *,
    declared: bool = False,
) -> tuple[Workflow, _T]:
    """Open the project, run `work` to its end; an interruption cancels it and waits for it.

    `options` are those of `options.resolving`. Raises FctuiError; where several managers failed,
    the others' errors have been written before. With `declared` a project that declares no
    dependencies is an error.
    """
    from fctui.workflow.workflow import Workflow, no_dependencies  # not all commands need it

    quiet, verbose = options.pop("quiet", False), options.pop("verbose", False)
    told = None if quiet else StderrReporter(verbose=verbose)
    workflow = Workflow.open(directory, reporter=told or Silent(), **options)
    if declared and not workflow.managers:
        raise no_dependencies(workflow)
    if workflow.context.frozen:
        from fctui.workflow.lock import answering

        answering(workflow.context)  # or else each manager would say that it does not
    with contextlib.closing(told) if told else contextlib.nullcontext():
        outcome = _run(work(workflow))
    if isinstance(outcome, FctuiError):
        raise_after_others(workflow, outcome)
    return workflow, outcome


def raise_after_others(workflow: Workflow, failure: FctuiError) -> NoReturn:
    """Raise a manager's failure when those of the others have been written."""
    for other in workflow.failures.values():
        if other is not failure:
            write_error(other)
    raise failure


def with_tasks(
    work: Callable[[Tasks], Coroutine[Any, Any, _T]], *, quiet: bool, verbose: bool
) -> _T:
    """Run what needs no project to its end, with progress on stderr; interrupted as above."""
    told = None if quiet else StderrReporter(verbose=verbose)
    with contextlib.closing(told) if told else contextlib.nullcontext():
        outcome = _run(work(Tasks(told or Silent())))
    if isinstance(outcome, FctuiError):
        raise outcome
    return outcome


def _run(work: Coroutine[Any, Any, _T]) -> _T | FctuiError:
    """The outcome, so that the live line is gone before anything is said of an error."""
    try:
        return asyncio.run(_interruptible(work))
    except FctuiError as error:
        return error


async def _interruptible(work: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end or to the first interruption; the next does not disturb the tidying up, one
    more ends the process at once. A bundle is whole even then, and the next run sweeps the rest.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    asked: list[int] = []

    def interrupt(number: int) -> None:
        if not asked:
            task.cancel()
        asked.append(number)
        if len(asked) >= PATIENCE:
            write_lines(["fctui: ended at once; what stood there before still stands."], sys.stderr)
            os._exit(INTERRUPTED)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not asked:
            raise
        write_lines(["fctui: cancelled; what stood there before still stands."], sys.stderr)
        raise click.exceptions.Exit(INTERRUPTED) from None


async def for_each_manager(
    workflow: Workflow,
    work: Callable[[str], Awaitable[object]],
    only: str | None = None,
) -> FctuiError | None:
    """Do `work` for every declared manager at once, or for one; all run to their end.

    The first failure is raised where there is no resolution at all, and else returned: what the
    others answered can be told before it.
    """
    wanted = [name for name in workflow.managers if only in {None, name}]
    if not wanted:
        raise UsageError(
            f"The project declares nothing for {only}.",
            hint=f"It declares packages of {', '.join(workflow.managers)}.",
        )
    outcomes = await asyncio.gather(*map(work, wanted), return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for failure in failed:
        if not isinstance(failure, FctuiError) or not workflow.resolutions:
            raise failure
        workflow.failures.setdefault(wanted[outcomes.index(failure)], failure)
    return next((each for each in failed if isinstance(each, FctuiError)), None)


async def resolve_all(
    workflow: Workflow, only: str | None = None, *, sizes: bool = False
) -> FctuiError | None:
    """Resolve every declared manager at once, or one, see `for_each_manager`. With `sizes` those
    packages are listed whose installed size the index did not tell.
    """

    async def one(manager: str) -> None:
        resolution = await workflow.resolve(manager)
        unsized = [p.id for p in resolution.packages.values() if p.installed_size is None]
        if sizes and unsized:
            await workflow.contents(manager, unsized)

    return await for_each_manager(workflow, one, only)
