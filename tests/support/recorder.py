"""A reporter that keeps what it is told."""

from __future__ import annotations

from fctui.tasks.events import (
    CommandShown,
    Event,
    LogLines,
    Progress,
    State,
    TaskFinished,
    TaskStarted,
)


class Recorder:
    """Keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        """Keep one event."""
        self.events.append(event)

    @property
    def lines(self) -> list[str]:
        """The log as a reader sees it in the end: progress lines rewritten."""
        shown: dict[int, list[str]] = {}
        for event in self.events:
            if isinstance(event, LogLines):
                lines = shown.setdefault(event.task, [])
                if event.replace and lines:
                    lines.pop()
                lines.extend(event.lines)
        return [line for lines in shown.values() for line in lines]

    @property
    def commands(self) -> list[str]:
        """The commands shown."""
        return [event.line for event in self.events if isinstance(event, CommandShown)]

    @property
    def progress(self) -> list[Progress]:
        """The progress told."""
        return [event for event in self.events if isinstance(event, Progress)]

    @property
    def titles(self) -> list[str]:
        """The tasks that began."""
        return [event.title for event in self.events if isinstance(event, TaskStarted)]

    @property
    def states(self) -> list[State]:
        """How the tasks ended, in the order in which they did."""
        return [event.state for event in self.events if isinstance(event, TaskFinished)]
