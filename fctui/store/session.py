"""Threads that ask registries, and their connections: both end with their block."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from fctui.store.access import Access
from fctui.store.connection import Connections

P = ParamSpec("P")
T = TypeVar("T")


class Session:
    """Used in an `async with`: at its end what still runs is broken off, and no thread is left.

    `stop` is set then, for loops that are not about to ask anything.
    """

    def __init__(self, access: Access | None, *, threads: int) -> None:
        self.connections = Connections(access, threads=threads)
        self.stop = threading.Event()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="registry")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop.set()
        self.connections.break_off()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self.connections.close()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function on one of the threads."""
        return await asyncio.wrap_future(self._threads.submit(function, *args, **kwargs))
