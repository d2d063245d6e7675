"""What came of calling a handler: its result as a value, and what it took, as text."""

from __future__ import annotations

import json
from typing import Any

from fctui.model.invocation import Invocation
from fctui.present.size import duration, human
from fctui.tasks.text import clean


def result_value(done: Invocation) -> tuple[Any, bool]:
    """The result as JSON has it, and whether it is no text and so not in it: Lambda's answer is
    JSON itself, Function Compute's is text.
    """
    if done.result is None:
        return None, False
    try:
        text = done.result.decode()
        return (json.loads(text) if done.style == "lambda" else text), False
    except ValueError:
        return None, True


def invocation_lines(done: Invocation) -> list[str]:
    """What went wrong, if the function has not said it itself; then times and memory."""
    lines = []
    if done.error is not None and not done.error.traceback:
        lines.append(f"✖ {clean(done.error.type)}: {clean(done.error.message)}")
    figures = []
    if done.init_seconds is not None:
        figures.append(f"init {_time(done.init_seconds)}")
    if done.seconds is not None:
        figures.append(f"run {_time(done.seconds)}")
    if done.peak_memory:
        figures.append(f"peak memory {human(done.peak_memory)}")
    sign = "✔" if done.ok else "✖"
    lines.append(f"{sign} {clean(done.handler)}: {', '.join(figures)}")
    return lines


def _time(seconds: float) -> str:
    """Calls take milliseconds, and are paid by them."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)
