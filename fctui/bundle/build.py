"""Building a bundle: staged beside the old one, checked against its plan, swapped in."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, manifest_of
from fctui.bundle.swap import make_staging, recover, remove_tree, swap_in
from fctui.bundle.walk import walk
from fctui.model.errors import TaskError, UsageError
from fctui.model.finding import Finding
from fctui.model.plan import How, LeftOut, Plan, ProjectFile
from fctui.store.materialize import materialize, unwritten
from fctui.store.store import Store
from fctui.tasks.task import Task
from fctui.tasks.threads import stoppable

_STATE = "bundle-state"


class Built(Struct, frozen=True):
    """A bundle on disk. `unchanged` says that it stood there already, as planned."""

    bundle: Path
    files: int
    size: int
    seconds: float
    findings: tuple[Finding, ...]
    unchanged: bool = False
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    """What the thread that builds works with."""

    plan: Plan
    root: Path
    output: Path
    store: Store
    how: How
    progress: Callable[[int, int], None]


async def build(
    plan: Plan, root: Path, output: Path, *, store: Store, how: How, task: Task
) -> Built:
    """Make the plan real at `output`: whole, or not at all.

    `root` is the project, `how` the way that files come from the store. Raises UsageError where
    something stands at `output` that is not a bundle, TaskError when a file cannot be written or
    is not as planned. Cancelled or failed, the old bundle still stands.
    """
    begun = time.monotonic()
    loop = asyncio.get_running_loop()

    def progress(done: int, total: int) -> None:
        loop.call_soon_threadsafe(task.progress, done, total, "files")

    unchanged = await stoppable(partial(_build, _Job(plan, root, output, store, how, progress)))
    totals = plan.totals
    seconds = time.monotonic() - begun
    return Built(
        output, totals.files, totals.size, seconds, plan.findings, unchanged, plan.left_out
    )


def check_output(output: Path, root: Path) -> None:
    """Raise UsageError for an output that would destroy something that is not a bundle."""
    where, project = output.resolve(), root.resolve()
    if project == where or project.is_relative_to(where):
        raise UsageError(
            f"The bundle cannot be made at {output}: the project itself lies there.",
            hint="Name another directory with -o, for example build/bundle.",
        )
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise UsageError(f"{output} is not a directory.", hint="Name another one with -o.")
    if not output.exists() or (output / MANIFEST_PATH).is_file() or not any(output.iterdir()):
        return
    raise UsageError(
        f"{output} has files in it and is not a bundle that fctui made.",
        hint="Name an empty or new directory with -o; nothing was changed.",
    )


def _build(job: _Job, stop: threading.Event) -> bool:
    """The work on its thread; returns whether the bundle stood there already."""
    store, output = job.store, job.output.absolute()
    key = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()
    try:
        with store.lock(f"bundle {key}"):
            check_output(output, job.root)
            recover(output)
            planned = _fingerprint(job.plan, job.root)
            known = store.recall(_STATE, key)
            if output.is_dir() and known == f"{planned} {_on_disk(output)}".encode():
                return True
            _stage_and_swap(job, stop.is_set)
            store.keep(_STATE, key, f"{planned} {_on_disk(output)}".encode())
    except OSError as error:
        raise unwritten(error, output) from error
    return False


def _stage_and_swap(job: _Job, stopped: Callable[[], bool]) -> None:
    plan = job.plan
    output = job.output.absolute()
    staging = make_staging(output)
    try:
        files = [file for file in plan.files if file.path != MANIFEST_PATH]
        hashes = materialize(job.store, files, job.root, staging, job.how, job.progress, stopped)
        path = staging / MANIFEST_PATH
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(manifest_of(plan, hashes))
        _check_against_plan(plan, staging)
        if not stopped():
            swap_in(staging, output)
    finally:
        remove_tree(staging)


def _check_against_plan(plan: Plan, staging: Path) -> None:
    """Hold the staged files against the plan: same paths, same sizes, nothing else."""
    found = {path: status.st_size for path, status in walk(staging)}
    for file in plan.files:
        size = found.pop(file.path, None)
        if size != file.size:
            have = "is missing" if size is None else f"has {size} bytes"
            raise TaskError(
                f"{file.path} {have} where the plan has {file.size}.",
                hint="Did it change while the bundle was being built? Build again.",
            )
    if found:
        raise TaskError(f"{min(found)} was not planned ({len(found)} files too many).")


def _fingerprint(plan: Plan, root: Path) -> str:
    """A hash of the plan and of the state of the function's own files that go into it."""
    digest = hashlib.sha256(msgspec.msgpack.encode(plan))
    for file in plan.files:
        if isinstance(file.source, ProjectFile):
            status = os.lstat(root / file.source.path)
            digest.update(f"{file.path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _on_disk(output: Path) -> str:
    digest = hashlib.sha256()
    for path, status in sorted(walk(output), key=lambda found: found[0]):
        state = f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0"
        digest.update(state.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
