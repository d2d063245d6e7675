"""Work on a thread that tells how far it is in bytes and stops when its task is cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from fctui.tasks.task import Task
from fctui.tasks.threads import stoppable

_T = TypeVar("_T")

_SHOW_EVERY = 1 / 20
# Seconds between two progress events.


async def on_thread(
    task: Task,
    total: int,
    work: Callable[[Callable[[int], None], Callable[[], bool]], _T],
) -> _T:
    """Run `work(progress, stopped)` on a thread; cancelled, tell it to stop and wait for it."""
    loop = asyncio.get_running_loop()
    done, shown = 0, 0.0
    task.progress(0, total)

    def progress(count: int) -> None:
        nonlocal done, shown
        done += count
        now = time.monotonic()
        if now - shown >= _SHOW_EVERY:
            shown = now
            loop.call_soon_threadsafe(task.progress, done, total)

    outcome = await stoppable(lambda stop: work(progress, stop.is_set))
    task.progress(total, total)
    return outcome
