"""Progress on stderr: one live line on a terminal, a line for each task elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict

from fctui.cli.output import write_lines
from fctui.present.plain import encodable
from fctui.present.progress import Pace, amount
from fctui.present.size import duration
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
        self._paces: defaultdict[int, Pace] = defaultdict(Pace)
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
                self._paces[event.task].take(event, time.monotonic())
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
        self._paces.pop(event.task, None)
        if task is None:
            return
        size = f"  {amount(progress)}" if progress and progress.done else ""
        sign = SIGNS.get(event.state, " ")
        self._print(f"{sign} {_name(task)}  {duration(event.seconds)}{size}")
        self._draw()

    def _print(self, line: str) -> None:
        self.close()
        write_lines([line], sys.stderr)

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._live or not self._tasks or now - self._drawn < REDRAW:
            return
        self._drawn = now
        parts = []
        for number, task in self._tasks.items():
            progress = self._progress.get(number)
            far = f" {amount(progress)}{self._paces[number].words(progress)}" if progress else ""
            parts.append(f"{_name(task)}{far}")
        line = encodable(" · ".join(parts)[: _columns() - 1], sys.stderr.encoding)
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        self._shown = True


def _name(task: TaskStarted) -> str:
    return f"{task.manager} {task.title}" if task.manager else task.title


def _columns() -> int:
    """The width of the terminal that stderr is; stdout may be a file."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
