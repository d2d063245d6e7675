"""Rooms for unfinished work: on the store's own file system, swept when their owner has died."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
import threading
import weakref
from collections.abc import AsyncIterator
from pathlib import Path

from fctui.store.disk import disk_errors

_GET_FLAGS, _SET_FLAGS, _TOP = 0x80086601, 0x40086602, 0x20000
# FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL: ioctl_iflags(2).


class Workspace:
    """Temporary directories below one place.

    Each process keeps its rooms in a directory of its own that it holds a flock(2) on; the lock
    ends with the process, however that ends, and the next process removes what is unlocked.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._own: Path | None = None
        self._end: weakref.finalize[[Path, int], Workspace] | None = None
        self._mutex = threading.Lock()

    def room(self) -> Path:
        """A new empty directory."""
        return Path(tempfile.mkdtemp(dir=self._begun()))

    def clear(self, room: Path) -> None:
        """Remove a room with all that is in it."""
        shutil.rmtree(room, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def lent(self) -> AsyncIterator[Path]:
        """A room for as long as a block lasts. Raises TaskError where none can be made."""
        with disk_errors(self._place.parent):
            room = await asyncio.to_thread(self.room)
        try:
            yield room
        finally:
            await asyncio.shield(asyncio.to_thread(self.clear, room))

    def write(self, path: Path, data: bytes) -> None:
        """Write a file outside in one step: whoever reads it sees the old or the new one, whole.

        Killed on the way, it leaves only what the next process sweeps.
        """
        descriptor, name = tempfile.mkstemp(dir=self._begun())
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            try:
                os.replace(name, path)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    def alone(self) -> bool:
        """Whether no other process has rooms here."""
        own = self._begun()
        with self._mutex:
            return not any(left != own and _is_locked(left) for left in self._place.iterdir())

    def close(self) -> None:
        """Remove this process's rooms and let go of the lock; also done when Python ends."""
        with self._mutex:
            if self._end is not None:
                self._end()
            self._own = self._end = None

    def _begun(self) -> Path:
        with self._mutex:
            if self._own is None or not self._own.is_dir():
                self._place.mkdir(parents=True, exist_ok=True)
                self._sweep()
                self._own, descriptor = self._locked_directory()
                self._end = weakref.finalize(self, _remove, self._own, descriptor)
            return self._own

    def _locked_directory(self) -> tuple[Path, int]:
        while True:
            own = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._place))
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(own, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if own.is_dir():
                    _spread(descriptor)
                    return own, descriptor
                os.close(descriptor)  # swept by another process before it was locked

    def _sweep(self) -> None:
        """Remove what has no owner any more."""
        for left in self._place.iterdir():
            with contextlib.suppress(OSError):
                descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(left, ignore_errors=True)
                finally:
                    os.close(descriptor)


def _is_locked(directory: Path) -> bool:
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _spread(directory: int) -> None:
    """Let ext4 spread what is made below, as chattr(1) +T does: trees have nothing to do with one
    another, and in one place on the disk each new file has to get past all that were removed there
    within the last minute. Where there is no such flag, nothing is lost.
    """
    with contextlib.suppress(OSError):
        known = fcntl.ioctl(directory, _GET_FLAGS, bytes(8))
        flags = int.from_bytes(known[:4], sys.byteorder) | _TOP
        fcntl.ioctl(directory, _SET_FLAGS, flags.to_bytes(4, sys.byteorder) + bytes(4))


def _remove(own: Path, descriptor: int) -> None:
    shutil.rmtree(own, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.close(descriptor)
