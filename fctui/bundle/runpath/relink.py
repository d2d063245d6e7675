"""Making the libraries of a plan find each other: read, settle, patch, and settle again without
what could not be patched.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from fctui.bundle.links import end_of
from fctui.bundle.runpath.opened import mentioned, opened, words_of
from fctui.bundle.runpath.patch import patch_all
from fctui.bundle.runpath.relinked import Relinked
from fctui.bundle.runpath.settle import Settling
from fctui.bundle.runpath.wanted import Bundle
from fctui.model.errors import TaskError
from fctui.model.plan import Category, Plan, PlannedFile, ProjectFile, StoreFile
from fctui.model.target import Target
from fctui.native.elf import ElfFile, read_elf
from fctui.native.judge import is_foreign
from fctui.native.survey import may_be_elf
from fctui.store.bounds import Stopped
from fctui.store.store import Store
from fctui.tasks.task import Task
from fctui.tasks.threads import stoppable

_CODE = (".py", ".js", ".cjs", ".mjs")


class _Seen(Struct, frozen=True):
    """The target's own ELF files of a plan, the libraries that they name, the words of its code."""

    elves: dict[str, ElfFile]
    named: dict[str, tuple[str, ...]]
    words: frozenset[str]


async def relink(
    store: Store, target: Target, plan: Plan, root: Path, asked: Sequence[str], task: Task
) -> Relinked:
    """What changes of a plan whose files are in the store; `root` is the project, `asked` are paths
    of libraries that are to be found by their names.

    Raises MissingToolError without patchelf, TaskError where a file cannot be read.
    """
    seen = await stoppable(partial(_read, store, target, plan, root))
    if seen is None:
        return Relinked()
    bundle = Bundle(plan.files)
    settling = Settling(
        target,
        bundle,
        seen.elves,
        seen.named,
        _library_path(target, plan),
        _kept(bundle, seen, plan, asked),
        {p for p in seen.elves if not isinstance(bundle.by_path[p].source, StoreFile)},
    )
    while True:
        settled = await stoppable(lambda _stop: settling.settle())
        wanted = {
            path: (source, wish)
            for path, wish in settled.wishes.items()
            if isinstance(source := bundle.by_path[path].source, StoreFile)
        }
        if not wanted:
            return Relinked()
        copies, refused = await patch_all(store, wanted, task)
        if not refused:
            kept = len(bundle.links) - len(settled.dropped)
            task.log(f"{len(copies):,} files relinked; {kept:,} links stay in lib/")
            return Relinked(copies, settled.dropped)
        settling.fixed |= refused.keys()


def _read(
    store: Store, target: Target, plan: Plan, root: Path, stop: threading.Event
) -> _Seen | None:
    elves: dict[str, ElfFile] = {}
    named: dict[str, tuple[str, ...]] = {}
    words: set[str] = set()
    try:
        digests = {f.source.digest for f in plan.files if isinstance(f.source, StoreFile)}
        there = sorted(digest for digest in digests if digest and store.unpacked(digest))
        known = {digest: opened(store, digest, stop) for digest in there}
        words |= {word for each in known.values() for word in each.words}
        for file in plan.files:
            if stop.is_set():
                return None
            place = _place(store, root, file)
            if place is None or (
                isinstance(file.source, StoreFile) and file.source.digest not in known
            ):
                continue
            if isinstance(file.source, ProjectFile) and file.path.endswith(_CODE):
                words |= words_of(place)
            elif may_be_elf(file.path, file.size) and (elf := _elf(place, target)):
                elves[file.path] = elf
                if isinstance(file.source, StoreFile):
                    named[file.path] = known[file.source.digest].named.get(file.source.path, ())
    except Stopped:
        return None
    except OSError as error:
        raise TaskError(f"{error.filename} cannot be read: {error.strerror}.") from error
    return _Seen(elves, named, frozenset(words))


def _elf(place: Path, target: Target) -> ElfFile | None:
    """A file that a loader of the target takes; None for any other, damaged ones among them."""
    try:
        elf = read_elf(place)
    except ValueError:
        return None
    if elf is None or elf.kind not in {"shared", "executable"} or is_foreign(elf, target):
        return None
    return elf


def _place(store: Store, root: Path, file: PlannedFile) -> Path | None:
    match file.source:
        case StoreFile(digest=digest, path=path) if digest:
            return store.tree(digest) / path
        case ProjectFile(path=path):
            return root / path
    return None


def _library_path(target: Target, plan: Plan) -> tuple[str, ...]:
    """LD_LIBRARY_PATH as the function has it while all links are there."""
    preset = target.presets.get("LD_LIBRARY_PATH", "")
    value = plan.environment.get("LD_LIBRARY_PATH", preset)
    return tuple(posixpath.normpath(path) for path in value.split(":") if path)


def _kept(bundle: Bundle, seen: _Seen, plan: Plan, asked: Sequence[str]) -> set[str]:
    """The names whose links stay: asked for, mentioned where libraries are opened by name, and
    what the project declares and no file needs. Java opens what lies packed in its jars.
    """
    if any(file.category is Category.JAR for file in plan.files):
        return set(bundle.links)
    named = [end_of(f, bundle.by_path) for path in asked if (f := bundle.by_path.get(path))]
    paths = {end.path for end in named if end is not None}
    declared = {(origin.manager, origin.id) for origin in plan.origins if origin.declared}
    needed = {name for elf in seen.elves.values() for name in elf.needed}
    ends = {bundle.end(name) for name in needed if name in bundle.links}
    kept = mentioned(bundle.links, seen.words)
    for name, link in bundle.links.items():
        file = bundle.by_path[link]
        if bundle.end(name) in paths:
            kept.add(name)
        if (file.manager, file.owner) in declared and bundle.end(name) not in ends:
            kept.add(name)
    return kept
