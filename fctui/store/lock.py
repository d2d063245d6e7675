"""Locks between processes that end with their holder, however that ends: flock(2)."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

POLL = 0.05
# Seconds between two tries of a lock that another process holds.


class FileLock:
    """One lock, held from a successful `acquire` until `release`.

    The file is removed at the release. One that a killed process left is only a file: nobody
    holds it, and whoever comes next takes it over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; without `wait` returns False when another holder has it."""
        mode = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        while True:
            descriptor = self._opened()
            try:
                fcntl.flock(descriptor, mode)
                if _is_still(self._path, descriptor):
                    self._descriptor = descriptor
                    return True
            except BlockingIOError:
                os.close(descriptor)
                return False
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its last holder has just removed the file

    def release(self) -> None:
        """Let the next one have it."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._descriptor)
        self._descriptor = -1

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self._path, flags, 0o644)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, flags, 0o644)


@contextlib.asynccontextmanager
async def held(path: Path, waiting: Callable[[], object] = lambda: None) -> AsyncIterator[None]:
    """A lock for as long as a block lasts, waited for without a thread; `waiting` is called once
    where another holder has it. Raises OSError where it cannot be made.
    """
    lock = FileLock(path)
    told = False
    while not lock.acquire(wait=False):
        if not told:
            waiting()
        told = True
        await asyncio.sleep(POLL)
    try:
        yield
    finally:
        lock.release()


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the open file is the one that the path names."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
