"""Locking a project for its targets, and taking exactly what is locked."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from fctui.managers.interface import Context, Manager
from fctui.managers.registry import MANAGERS
from fctui.model.errors import LockError, TaskError, UsageError
from fctui.model.lock import VERSION, Declared, Lock, LockedTarget, Pinned
from fctui.model.names import some
from fctui.model.package import Resolution
from fctui.model.target import Target
from fctui.project.edit_file import replace
from fctui.project.lock_file import (
    AGAIN,
    LOCK_NAME,
    declarations,
    lock_text,
    moved_on,
    read_lock,
)
from fctui.workflow.together import all_or_first_error
from fctui.workflow.workflow import Workflow

_MEMORY = "lock"


class Locked(Struct, frozen=True):
    """What locking made: the text of each file by its path in the project, the names of all files
    that are the lock, how many packages each target has of each manager, and the targets that
    the lock was for and is not any more.
    """

    files: dict[str, bytes]
    names: tuple[str, ...]
    packages: dict[str, dict[str, int]]
    dropped: tuple[str, ...] = ()


def for_targets(workflow: Workflow, targets: Sequence[str] = ()) -> list[Workflow]:
    """The project for each target that is named; or else for each that the settings name, and
    each that the lock has already.
    """
    named = workflow.project.settings.target
    wanted = [*(targets or ((named,) if isinstance(named, str) else named))]
    refresh = workflow.context.refresh
    opened = [workflow.reopened(target=name, refresh=refresh) for name in wanted]
    found = {each.target.id: each for each in opened}
    if not targets:
        with suppress(LockError):
            for name in read_lock(workflow.project.root).targets:
                with suppress(UsageError):  # it was a file of the user's, or is no target any more
                    if name not in found:
                        found[name] = workflow.reopened(target=name, refresh=refresh)
    return list(found.values())


async def make_lock(workflows: Sequence[Workflow]) -> Locked:
    """Resolve one project for each of its targets, and pin that. Nothing is written."""
    for workflow in workflows:
        await all_or_first_error([workflow.resolve(name) for name in workflow.managers])
    pinned: dict[str, dict[str, Pinned]] = {w.target.id: {} for w in workflows}
    files: dict[str, bytes] = {}
    for manager in declared_managers(workflows[0].context):
        made = [(w.context, w.resolutions[manager.id]) for w in workflows]
        pins = await manager.pin(made)
        files |= pins.files
        for target, pin in pins.by_target.items():
            pinned[target][manager.id] = pin
    lock = Lock(
        version=VERSION,
        declared=declared_now(workflows[0].context),
        targets={
            w.target.id: LockedTarget(facts=facts_of(w.target), **pinned[w.target.id])
            for w in workflows
        },
    )
    counts = {
        w.target.id: {name: len(w.resolutions[name].packages) for name in w.managers}
        for w in workflows
    }
    beside = {pin.file for pins in pinned.values() for pin in pins.values() if pin.file}
    names = tuple(sorted({*files, *beside, LOCK_NAME}))
    with suppress(LockError):
        before = read_lock(workflows[0].project.root)
        dropped = tuple(target for target in before.targets if target not in lock.targets)
        return Locked({**files, LOCK_NAME: lock_text(lock)}, names, counts, dropped)
    return Locked({**files, LOCK_NAME: lock_text(lock)}, names, counts)


def declared_managers(context: Context) -> list[Manager]:
    """The managers that the project declares something for."""
    return [manager for manager in MANAGERS if manager.declared(context.project)]


def declared_now(context: Context) -> tuple[Declared, ...]:
    """What the project's files ask for now."""
    return tuple(
        declared
        for manager in declared_managers(context)
        for declared in declarations(manager.id, manager.statements(context))
    )


def facts_of(target: Target) -> dict[str, str]:
    """What of a target decides which packages it needs."""
    facts = {
        "arch": target.arch,
        "glibc": ".".join(map(str, target.glibc)),
        "python": target.python.version if target.python else "",
        "node": target.node.version if target.node else "",
        "java": target.java.version if target.java else "",
        "suite": target.suite.name if target.suite else "",
        "installed": " ".join(sorted(target.installed)),
    }
    return {name: value for name, value in facts.items() if value}


def changed_files(context: Context) -> Mapping[str, str]:
    """The project's files that the lock does not answer for, and how they differ. Raises LockError
    where there is no lock.
    """
    return moved_on(read_lock(context.project.root).declared, declared_now(context))


def write_lock(locked: Locked, root: Path) -> list[str]:
    """Write the files that are not so already; returns their names. Those of targets that an
    earlier lock had for itself are removed. Raises TaskError.
    """
    written = []
    try:
        for name, text in locked.files.items():
            path = root / name
            if path.is_file() and path.read_bytes() == text:
                continue
            replace(path, text)
            written.append(name)
        for path in _left_over(root, locked.files):
            path.unlink()
    except OSError as error:
        raise TaskError(
            f"The lock cannot be written: {error.filename}: {error.strerror}.",
            hint="Make room, or make the project's directory writable.",
        ) from error
    return written


def _left_over(root: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Files of ours for pip that the new lock does not have."""
    for path in root.glob("pylock*.toml"):
        if path.name in files or not any(name.startswith("pylock") for name in files):
            continue
        with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):
            if tomllib.loads(path.read_text(encoding="utf-8")).get("created-by") == "fctui":
                yield path


async def locked_resolution(context: Context, manager: Manager) -> Resolution:
    """What is locked of one manager. Raises LockError where the project or its target is not what
    was locked.
    """
    target = await asyncio.to_thread(answering, context)
    pin = target.of(manager.id)
    if pin is None:
        raise LockError(f"{LOCK_NAME} has nothing of {manager.id}.", hint=AGAIN)
    return await manager.pinned(context, pin)


def answering(context: Context) -> LockedTarget:
    """The lock for the target, once it is known that it answers for the project. Blocks its
    thread; raises LockError.
    """
    known = context.memory.get(_MEMORY)
    if isinstance(known, LockedTarget):
        return known
    found = _checked(context)
    context.memory[_MEMORY] = found
    return found


def _checked(context: Context) -> LockedTarget:
    lock = read_lock(context.project.root)
    changed = moved_on(lock.declared, declared_now(context))
    if changed:
        told = some(f"{path} ({how})" for path, how in changed.items())
        raise LockError(f"{LOCK_NAME} does not answer for {told}.", hint=AGAIN)
    target = lock.targets.get(context.target.id)
    if target is None:
        wanted = " ".join(f"--target {name}" for name in (*lock.targets, context.target.id))
        raise LockError(
            f"{LOCK_NAME} is not for {context.target.id}; it is for {some(lock.targets, 8)}.",
            hint=f"fctui lock {wanted}",
        )
    facts = facts_of(context.target)
    for name in sorted({*facts, *target.facts}):
        before, now = target.facts.get(name, "none"), facts.get(name, "none")
        if before != now:
            raise LockError(
                f"The target {context.target.id} is not what was locked for: {name} was {before} "
                f"and is {now}.",
                hint=AGAIN,
            )
    return target
