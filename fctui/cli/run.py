"""Running a workflow's coroutines from a command: progress, interruption, an orderly end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from fctui.cli.progress import StderrReporter
from fctui.model.errors import FctuiError
from fctui.tasks.events import Silent
from fctui.workflow.workflow import Workflow, no_dependencies

_T = TypeVar("_T")

INTERRUPTED = 130


def with_workflow(
    directory: Path,
    options: dict[str, Any],
    work: Callable[[Workflow], Coroutine[Any, Any, _T]],
    *,
    needs_dependencies: bool = True,
) -> tuple[Workflow, _T]:
    """Open the project, run `work` to its end; an interruption cancels it and waits for it.

    `options` are those of `options.resolving`. Raises FctuiError.
    """
    quiet, verbose = options.pop("quiet", False), options.pop("verbose", False)
    reporter = Silent() if quiet else StderrReporter(verbose=verbose)
    try:
        workflow = Workflow.open(directory, reporter=reporter, **options)
        if needs_dependencies and not workflow.managers:
            raise no_dependencies(workflow)
        return workflow, asyncio.run(_interruptible(work(workflow)))
    finally:
        if isinstance(reporter, StderrReporter):
            reporter.close()


async def _interruptible(work: Coroutine[Any, Any, _T]) -> _T:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        click.echo("fctui: cancelled; nothing was changed.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def find_package(workflow: Workflow, wanted: str, manager: str | None) -> tuple[str, str]:
    """(manager, id) of a package named by its id or its name.

    Raises UsageError for one that is not there, with those of like names, and for a name that
    several managers have.
    """
    import difflib

    from packaging.utils import canonicalize_name

    from fctui.model.errors import UsageError
    from fctui.tasks.text import clean

    found: list[tuple[str, str]] = []
    names: set[str] = set()
    for name, resolution in workflow.resolutions.items():
        if manager not in {None, name}:
            continue
        exact = wanted if wanted in resolution.packages else ""
        normalized = canonicalize_name(wanted)
        if not exact and name == "pip" and normalized in resolution.packages:
            exact = normalized
        if exact:
            found.append((name, exact))
            continue
        named = [p.id for p in resolution.packages.values() if p.name == wanted]
        if named:
            found.append((name, min(named, key=len)))
        names.update(p.name for p in resolution.packages.values())
    if len(found) == 1:
        return found[0]
    if found:
        managers = ", ".join(name for name, _ in found)
        raise UsageError(f"{clean(wanted)} is a package of {managers}.", hint="Add --manager.")
    near = difflib.get_close_matches(wanted, names, n=3)
    hint = f"Did you mean {', '.join(map(clean, near))}?" if near else "fctui tree lists them all."
    raise UsageError(f"{clean(wanted)} is not among the resolved packages.", hint=hint)


async def resolve_all(workflow: Workflow, manager: str | None = None) -> None:
    """Resolve every declared manager at once, or one; then raise the first failure."""
    wanted = [name for name in workflow.managers if manager in {None, name}]
    if manager is not None and not wanted:
        raise FctuiError(f"The project declares nothing for {manager}.")
    outcomes = await asyncio.gather(*map(workflow.resolve, wanted), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
