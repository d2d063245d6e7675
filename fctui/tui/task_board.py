"""The tasks of a session and how far they are, made from their events."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from fctui.present.progress import Pace, amount
from fctui.present.size import duration
from fctui.tasks.events import Event, Progress, State, TaskFinished, TaskStarted
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.log_book import ENDS
from fctui.tui.signs import SIGNS


@dataclass(slots=True)
class Shown:
    """One task as the strip shows it."""

    number: int
    manager: str
    title: str
    state: State = State.RUNNING
    told: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    seconds: float = 0.0
    message: str = ""

    @property
    def progress(self) -> str:
        """How far and how fast; "" while it is not known."""
        return f"{amount(self.told)}{self.pace.words(self.told)}" if self.told else ""


class TaskBoard:
    """Tasks by number, in the order in which they began."""

    def __init__(self) -> None:
        self.tasks: dict[int, Shown] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Follow events."""
        for event in events:
            if isinstance(event, TaskStarted):
                shown = Shown(event.task, event.manager, event.title)
                self.tasks[event.task] = shown
            elif event.task in self.tasks:
                shown = self.tasks[event.task]
                if isinstance(event, Progress):
                    shown.told = event
                    shown.pace.take(event, time.monotonic())
                elif isinstance(event, TaskFinished):
                    shown.state, shown.seconds = event.state, event.seconds
                    shown.message = event.message

    @property
    def running(self) -> list[Shown]:
        """The tasks that have not ended."""
        return [task for task in self.tasks.values() if task.state is State.RUNNING]

    def running_for(self, manager: str) -> Shown | None:
        """The newest running task of a manager."""
        found = [task for task in self.running if task.manager == manager]
        return found[-1] if found else None

    def line(self, frame: int) -> Line:
        """The strip: what runs, then how each manager's last task ended."""
        spans: list[Span] = []
        running = self.running
        for task in running:
            sign = SIGNS.spinner[frame % len(SIGNS.spinner)]
            spans += [Span(f" {sign} ", "accent"), Span(_name(task), "strong")]
            if task.progress:
                spans.append(Span(f" {task.progress}", "size"))
            spans.append(Span(" "))
        busy = {task.manager for task in running}
        last = {task.manager: task for task in self.tasks.values() if task.manager not in busy}
        for task in last.values():
            sign, style = ENDS.get(task.state, (SIGNS.dot, "dim"))
            text = duration(task.seconds) if task.state is State.DONE else str(task.state)
            spans += [
                Span(f" {sign} ", style),
                Span(task.manager or "bundle"),
                Span(f" {text} ", "dim"),
            ]
        return Line(tuple(spans), (Span("c stops ", "dim"),) if running else ())


def _name(task: Shown) -> str:
    title = clean(task.title)
    prefix = "" if not task.manager or title.startswith(task.manager) else f"{task.manager} "
    return prefix + title
