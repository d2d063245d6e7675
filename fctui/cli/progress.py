"""Progress on stderr: one live line on a terminal, a line for each task elsewhere."""

from __future__ import annotations

import os
import sys
import time

from fctui.present.size import duration, human
from fctui.tasks.events import (
    CommandShown,
    Event,
    LogLines,
    Progress,
    State,
    TaskFinished,
    TaskStarted,
)

SIGNS = {State.DONE: "✔", State.FAILED: "✖", State.CANCELLED: "–", State.SKIPPED: "–"}

REDRAW = 0.1
# Seconds between two pictures of the live line.


class StderrReporter:
    """Prints what tasks tell. With `verbose` also every command and its output."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        self._live = sys.stderr.isatty() and not verbose
        self._tasks: dict[int, TaskStarted] = {}
        self._progress: dict[int, Progress] = {}
        self._drawn = 0.0
        self._shown = False

    def emit(self, event: Event) -> None:
        """Take one event."""
        match event:
            case TaskStarted():
                self._tasks[event.task] = event
                self._draw()
            case Progress():
                self._progress[event.task] = event
                self._draw()
            case CommandShown() if self._verbose:
                self._print(f"$ {event.line}")
            case LogLines() if self._verbose:
                for line in event.lines:
                    self._print(f"  {line}")
            case TaskFinished():
                self._finish(event)

    def close(self) -> None:
        """Take the live line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False

    def _finish(self, event: TaskFinished) -> None:
        task = self._tasks.pop(event.task, None)
        progress = self._progress.pop(event.task, None)
        if task is None:
            return
        size = f"  {_amount(progress)}" if progress and progress.done else ""
        sign = SIGNS.get(event.state, " ")
        name = f"{task.manager} " if task.manager else ""
        self._print(f"{sign} {name}{task.title}  {duration(event.seconds)}{size}")
        self._draw()

    def _print(self, line: str) -> None:
        self.close()
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        sys.stderr.flush()

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._live or not self._tasks or now - self._drawn < REDRAW:
            return
        self._drawn = now
        parts = []
        for number, task in self._tasks.items():
            progress = self._progress.get(number)
            amount = f" {_amount(progress)}" if progress else ""
            parts.append(f"{task.manager or 'bundle'}: {task.title}{amount}")
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        sys.stderr.write(f"\r\x1b[K{'  '.join(parts)[:width]}")
        sys.stderr.flush()
        self._shown = True


def _amount(progress: Progress) -> str:
    if progress.unit == "bytes":
        total = f" of {human(progress.total)}" if progress.total else ""
        return f"{human(progress.done)}{total}"
    total = f"/{progress.total:,}" if progress.total else ""
    return f"{progress.done:,}{total} {progress.unit}"
