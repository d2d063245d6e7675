"""Several managers at work at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


async def all_or_first_error(work: list[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Run all to their end, so that each manager tells its own failure; then raise the first."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    try:
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
