"""From the core's events to the screen: gathered for a thirtieth of a second, then one message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fctui.tasks.events import Event

PERIOD = 1 / 30
"""Seconds; a terminal over SSH shows no more, and a flood of output costs one message."""


class Bridge:
    """A reporter that hands on events in batches, on the event loop that they came in on."""

    def __init__(self) -> None:
        self.deliver: Callable[[tuple[Event, ...]], object] | None = None
        self._waiting: list[Event] = []
        self._scheduled = False

    def emit(self, event: Event) -> None:
        """Take one event."""
        self._waiting.append(event)
        if self._scheduled or self.deliver is None:
            return
        self._scheduled = True
        asyncio.get_running_loop().call_later(PERIOD, self.flush)

    def flush(self) -> None:
        """Deliver what waits, now."""
        self._scheduled = False
        if self.deliver is not None and self._waiting:
            batch, self._waiting = tuple(self._waiting), []
            self.deliver(batch)
