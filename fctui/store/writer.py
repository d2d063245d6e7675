"""Writing the files of an archive into a tree of the store, hashed as they are written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store.bounds import MOST_FILES, Stopped, current
from fctui.store.paths import MTIME_NS, refusal

Bytes = bytes | memoryview

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TIMES = (MTIME_NS, MTIME_NS)


class TreeWriter:
    """Regular files only: symbolic links are recorded, never made, so that none can be followed.

    The set-id bits, the owner and the time of a file are dropped; of its mode only whether it can
    be executed stays. What a umask(2) takes away, the store gives back when it seals the tree.
    """

    def __init__(self, into: Path, archive: str) -> None:
        self._into = str(into)
        self._archive = archive
        self._made: set[str] = {""}
        self._total = 0
        self._bounds = current()
        self.entries: dict[str, Entry] = {}

    def file(self, path: str, chunks: Iterable[Bytes], mode: int) -> Entry:
        """Write one file; an earlier file or link of the same path is replaced, as tar(1) does."""
        executable = bool(mode & 0o111)
        where = self._place(path)
        digest, size = hashlib.sha256(), 0
        stopped, room = self._bounds.stop.is_set, self._bounds.size - self._total
        descriptor = os.open(where, _NEW, 0o555 if executable else 0o444)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > room or stopped():
                    raise self._stop()
                digest.update(chunk)
                if os.write(descriptor, chunk) != len(chunk):
                    _write_all(descriptor, chunk, size)
            os.utime(descriptor, ns=_TIMES)
        finally:
            os.close(descriptor)
        self._total += size
        entry = Entry(path, size, 0o755 if executable else 0o644, "", digest.hexdigest())
        self.entries[path] = entry
        return entry

    def link(self, path: str, target: str) -> None:
        """Record a symbolic link."""
        earlier = self.entries.get(path)
        if path in self._made:
            raise refusal(path, self._archive, "it is a directory as well")
        self._parents(path)
        if earlier is not None and not earlier.link:
            os.unlink(f"{self._into}/{path}")
        self.entries[path] = Entry(path, len(target.encode()), 0o777, target)

    def hard_link(self, path: str, earlier: str) -> None:
        """A second name for a file of the same archive."""
        known = self.entries.get(earlier)
        if known is None or path == earlier:
            raise refusal(path, self._archive, "it links to a file that is not in the archive")
        if known.link:
            self.link(path, known.link)
            return
        os.link(f"{self._into}/{earlier}", self._place(path), follow_symlinks=False)
        first = known.same_as or earlier
        self.entries[path] = Entry(path, known.size, known.mode, "", known.sha256, first)

    def _place(self, path: str) -> str:
        """Where a new file goes, with nothing there and its directories made."""
        if path in self._made:
            raise refusal(path, self._archive, "it is a directory as well")
        if len(self.entries) >= MOST_FILES:
            raise TaskError(f"{self._archive} has more than {MOST_FILES} files.")
        self._parents(path)
        where = f"{self._into}/{path}"
        earlier = self.entries.get(path)
        if earlier is not None and not earlier.link:
            os.unlink(where)
        return where

    def _parents(self, path: str) -> None:
        directory = path.rpartition("/")[0]
        if directory not in self._made:
            self._directory(directory)

    def _directory(self, path: str) -> None:
        outer = path.rpartition("/")[0]
        if outer not in self._made:
            self._directory(outer)
        if path in self.entries:
            raise refusal(path, self._archive, "files lie below it, and it is no directory")
        os.mkdir(f"{self._into}/{path}", 0o755)
        self._made.add(path)

    def _stop(self) -> Exception:
        if self._bounds.stop.is_set():
            return Stopped()
        return TaskError(
            f"{self._archive} unpacks to more than {self._bounds.size} bytes, far more than its "
            "own size explains.",
            hint="The archive is hostile; take another version of the package.",
        )


def _write_all(descriptor: int, chunk: Bytes, end: int) -> None:
    """Write a chunk again from its start: write(2) may take less than it is given."""
    view = memoryview(chunk)
    start = end - len(view)
    done = 0
    while done < len(view):
        done += os.pwrite(descriptor, view[done:], start + done)
    os.lseek(descriptor, end, os.SEEK_SET)
