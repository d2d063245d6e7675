"""Work on a thread that its task can stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


async def stoppable(work: Callable[[threading.Event], _T]) -> _T:
    """Run `work(stop)` on a thread. Cancelled, set `stop` and wait until the thread has ended: what
    it writes is gone before the task says so.
    """
    stop = threading.Event()
    running = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([running])
        running.exception()
        raise
