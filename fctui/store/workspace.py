"""Rooms for unfinished work: on the store's own file system, swept when their owner has died."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from pathlib import Path


class Workspace:
    """Temporary directories below one place.

    Each process keeps its rooms in a directory of its own that it holds a flock(2) on; the lock
    ends with the process, however that ends, and the next process removes what is unlocked.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._own: Path | None = None
        self._descriptor = -1
        self._mutex = threading.Lock()

    def room(self) -> Path:
        """A new empty directory."""
        with self._mutex:
            if self._own is None:
                self._begin()
        return Path(tempfile.mkdtemp(dir=self._own))

    def clear(self, room: Path) -> None:
        """Remove a room; what is read-only in it as well."""
        shutil.rmtree(room, ignore_errors=True)

    def _begin(self) -> None:
        self._place.mkdir(parents=True, exist_ok=True)
        self._sweep()
        own = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._place))
        self._descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self._own = own

    def _sweep(self) -> None:
        """Remove the rooms of processes that are no more. One that was only just made and is not
        locked yet is spared, since its process lives.
        """
        for left in self._place.iterdir():
            with contextlib.suppress(OSError):
                descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if not _alive(left.name.partition("-")[0]):
                        shutil.rmtree(left, ignore_errors=True)
                finally:
                    os.close(descriptor)

    def close(self) -> None:
        """Remove this process's rooms and let go of the lock."""
        with self._mutex:
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                os.close(self._descriptor)
                self._own = None


def replace_file(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it sees the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _alive(pid: str) -> bool:
    return pid.isdigit() and int(pid) != os.getpid() and Path(f"/proc/{pid}").exists()
