"""Writing the files of an archive into a tree of the store, hashed as they are written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store.paths import MAX_UNPACKED, MTIME_NS

Bytes = bytes | memoryview


class TreeWriter:
    """Regular files only: symbolic links are recorded, never made, so that none can be followed."""

    def __init__(self, into: Path, archive: str) -> None:
        self._into = str(into)
        self._archive = archive
        self._made: set[str] = {""}
        self._total = 0
        self.entries: dict[str, Entry] = {}

    def file(self, path: str, chunks: Iterable[Bytes], mode: int) -> Entry:
        """Write one file; an earlier file of the same path is replaced, as tar(1) does."""
        executable = bool(mode & 0o111)
        self._directory(path.rpartition("/")[0])
        where = f"{self._into}/{path}"
        if path in self.entries and not self.entries[path].link:
            os.unlink(where)
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += _write(descriptor, chunk)
                if self._total + size > MAX_UNPACKED:
                    raise TaskError(f"{self._archive} unpacks to more than {MAX_UNPACKED} bytes.")
            os.fchmod(descriptor, 0o555 if executable else 0o444)
            os.utime(descriptor, ns=(MTIME_NS, MTIME_NS))
        finally:
            os.close(descriptor)
        self._total += size
        entry = Entry(path, size, 0o755 if executable else 0o644, "", digest.hexdigest())
        self.entries[path] = entry
        return entry

    def link(self, path: str, target: str) -> None:
        """Record a symbolic link."""
        self.entries[path] = Entry(path, len(target.encode()), 0o777, target)

    def hard_link(self, path: str, earlier: str) -> None:
        """A second name for a file of the same archive."""
        known = self.entries.get(earlier)
        if known is None or path == earlier:
            raise TaskError(f"{self._archive} links {path!r} to a file that it does not have.")
        if known.link:
            self.link(path, known.link)
            return
        self._directory(path.rpartition("/")[0])
        where = f"{self._into}/{path}"
        if path in self.entries and not self.entries[path].link:
            os.unlink(where)
        os.link(f"{self._into}/{earlier}", where, follow_symlinks=False)
        self.entries[path] = Entry(path, known.size, known.mode, "", known.sha256)

    def _directory(self, path: str) -> None:
        if path in self._made:
            return
        self._directory(path.rpartition("/")[0])
        try:
            os.mkdir(f"{self._into}/{path}", 0o755)
        except FileExistsError:
            raise TaskError(f"{self._archive} has {path!r} as a file and as a directory.") from None
        self._made.add(path)


def _write(descriptor: int, chunk: Bytes) -> int:
    view = memoryview(chunk)
    done = 0
    while done < len(view):
        done += os.write(descriptor, view[done:])
    return done
