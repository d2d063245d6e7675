"""What the store holds, and giving up what nobody has used for long, or all of it.

A file's last use is the later of its times of access and of modification. Who uses something sets
the former, since most file systems do so rarely or never: mount(8), relatime.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import TaskError
from fctui.store.bounds import Stopped
from fctui.store.disk import disk_errors
from fctui.store.workspace import Workspace

DAY = 86400.0

KINDS = {
    "archives": "artifacts as they were downloaded",
    "trees": "the same, unpacked",
    "listings": "what is in them",
    "remote": "what is in artifacts that were not downloaded",
    "begun": "downloads that broke off",
    "roots": "root file systems of targets",
    "apt": "package lists of suites",
    "uv": "uv's own caches, one a project",
    "pip": "pip's own caches, one a project",
    "deflated": "compressed files of packed bundles",
    "trials": "projects that what-ifs were tried in",
    "answers": "what registries and tools have said",
}
_DEEP = frozenset({"archives", "trees", "listings", "remote", "begun", "answers"})
# Kinds whose entries lie one directory deeper; of the others each entry is a directory.

_DERIVED = frozenset({"archives", "trees"})
# Kept as long as their listing.


class Holding(Struct, frozen=True):
    """The entries of one kind, and the bytes that they take on the disk."""

    kind: str
    entries: int
    size: int


class Freed(Struct, frozen=True):
    """What was given up: entries, and bytes. Files that a bundle has a hard link to take room as
    long as that stands.
    """

    entries: int
    size: int


Counted = Callable[[int], None]


def used(path: Path) -> None:
    """Note that something of the store is in use; once a day is enough."""
    with contextlib.suppress(OSError):
        status, now = path.stat(), time.time()
        if now - max(status.st_atime, status.st_mtime) > DAY:
            os.utime(path, ns=(int(now * 1e9), status.st_mtime_ns))


def holdings(root: Path, counted: Counted, stop: threading.Event) -> tuple[Holding, ...]:
    """What is there, by kind. `counted` is told the bytes so far. Blocks its thread."""
    found = []
    total = 0
    for kind in KINDS:
        entries = size = 0
        for entry in _entries(root, kind):
            entries += 1
            size += _size(entry, stop)
            counted(total + size)
        total += size
        if entries:
            found.append(Holding(kind, entries, size))
    return tuple(found)


def give_up(
    root: Path, workspace: Workspace, unused_for: float, counted: Counted, stop: threading.Event
) -> Freed:
    """Remove what nobody has used for so many seconds; with 0 everything. Blocks its thread.

    Raises TaskError where everything is meant and another process works in the store.
    """
    if not unused_for and not workspace.alone():
        raise TaskError(
            f"Another fctui works in the store in {root}.", hint="Try again when it has ended."
        )
    oldest = time.time() - unused_for
    entries = size = 0
    with disk_errors(root):
        room = workspace.room()
        try:
            for entry in list(_unused(root, oldest)):
                freed = _size(entry, stop)
                entry.rename(room / str(entries))
                _remove(room / str(entries))
                entries, size = entries + 1, size + freed
                counted(size)
        finally:
            workspace.clear(room)
    return Freed(entries, size)


def _unused(root: Path, oldest: float) -> Iterator[Path]:
    for kind in KINDS:
        for entry in _entries(root, kind):
            witness = entry
            if kind in _DERIVED:
                listing = root / "listings" / entry.parent.name / entry.name
                witness = listing if listing.exists() else entry
            with contextlib.suppress(FileNotFoundError):
                status = witness.stat()
                if max(status.st_atime, status.st_mtime) <= oldest:
                    yield entry


def _entries(root: Path, kind: str) -> list[Path]:
    return sorted((root / kind).glob("*/*" if kind in _DEEP else "*"))


def _size(entry: Path, stop: threading.Event) -> int:
    """Bytes on the disk of a file or of all below a directory: du(1)."""
    if stop.is_set():
        raise Stopped
    try:
        status = entry.lstat()
    except FileNotFoundError:
        return 0
    size = status.st_blocks * 512
    if stat.S_ISDIR(status.st_mode):
        with contextlib.suppress(OSError), os.scandir(entry) as inner:
            size += sum(_size(Path(each.path), stop) for each in inner)
    return size


def _remove(entry: Path) -> None:
    """Remove it, with directories of root file systems that nobody may write to."""
    if entry.is_symlink() or not entry.is_dir():
        entry.unlink(missing_ok=True)
        return
    for directory, _, _ in os.walk(entry):
        if not os.access(directory, os.W_OK | os.X_OK):
            os.chmod(directory, 0o700)
    shutil.rmtree(entry)
