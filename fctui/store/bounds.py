"""What an unpacker is held to: how much it may write, and the moment when it has to stop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar

from msgspec import Struct, field

LARGEST = 16 << 30
# Bytes that one archive may unpack to; the largest wheels in use (GPU runtimes) have 4 GiB.

FREE = 1 << 30
# Bytes that any archive may unpack to, however small it is.

RATIO = 100
# Times its own size that a larger archive may unpack to: deflate reaches 1000 on zeros, on
# programs and data that someone wants to have it stays below 20.

MOST_FILES = 500_000
# Files of one archive; each costs an inode, and they run out before the bytes do.


class Stopped(Exception):  # noqa: N818 - no failure: the work is not wanted any more
    """The task was cancelled while a thread unpacked for it."""


class Bounds(Struct, frozen=True):
    """The most bytes to write, and whether to go on."""

    size: int = LARGEST
    stop: threading.Event = field(default_factory=threading.Event)


_bounds: ContextVar[Bounds] = ContextVar("bounds", default=Bounds())  # noqa: B039 - never set


def current() -> Bounds:
    """The bounds of the unpacking that this thread does."""
    return _bounds.get()


@contextlib.contextmanager
def bounded(archive_size: int, stop: threading.Event) -> Iterator[None]:
    """Unpack an archive of so many bytes within what is reasonable for it."""
    token = _bounds.set(Bounds(min(LARGEST, max(FREE, RATIO * archive_size)), stop))
    try:
        yield
    finally:
        _bounds.reset(token)
