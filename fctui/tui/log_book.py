"""The log: everything that tasks said, bounded, with their commands and how they ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from fctui.present.size import duration
from fctui.tasks.events import CommandShown, Event, LogLines, State, TaskFinished, TaskStarted
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.signs import SIGNS

LIMIT = 20_000
"""Lines; the longest npm and apt logs seen have 3,000."""
_LONGEST = 2_000
# Characters of one line: a minified file in an error message must not stall the terminal.

ENDS = {
    State.DONE: (SIGNS.done, "good"),
    State.FAILED: (SIGNS.failed, "bad"),
    State.CANCELLED: (SIGNS.stopped, "warn"),
    State.SKIPPED: (SIGNS.none, "dim"),
}
"""The sign and the style of each way that a task can end."""


class Entry(NamedTuple):
    """One line of the log, of which task, in which style."""

    task: int
    tag: str
    text: str
    style: str

    def line(self) -> Line:
        """The entry as it is shown."""
        return Line((Span(f"{self.tag:<6} ", "tag"), Span(self.text, self.style)))


class LogBook:
    """Entries in order. `dropped` counts those that were too old to keep."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.entries: deque[Entry] = deque(maxlen=limit)
        self.dropped = 0
        self.last_command = ""
        self._tags: dict[int, str] = {}
        self._titles: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def take(self, events: Iterable[Event]) -> None:
        """Add what events say."""
        for event in events:
            match event:
                case TaskStarted():
                    self._tags[event.task] = event.manager or "bundle"
                    self._titles[event.task] = event.title
                    self._add(event.task, event.title, "heading")
                case CommandShown():
                    self.last_command = clean(event.line)
                    self._add(event.task, f"$ {event.line}", "command")
                case LogLines():
                    self._log(event)
                case TaskFinished():
                    self._finish(event)

    def say(self, text: str, style: str = "text", tag: str = "fctui") -> None:
        """Add a line of the screen's own."""
        self._tags[0] = tag
        self._add(0, text, style)

    def text(self) -> str:
        """The whole log as a file has it."""
        return "".join(f"{entry.tag:<6} {clean(entry.text)}\n" for entry in self.entries)

    def _log(self, event: LogLines) -> None:
        for number, text in enumerate(event.lines):
            if number == 0 and event.replace and self._replace(event.task, text):
                continue
            self._add(event.task, text, "text")

    def _replace(self, task: int, text: str) -> bool:
        """Replace the task's last line, where that is one of its output and near the end."""
        for back in range(1, min(len(self.entries), 50) + 1):
            entry = self.entries[-back]
            if entry.task == task:
                if entry.style == "text":
                    self.entries[-back] = entry._replace(text=text[:_LONGEST])
                return entry.style == "text"
        return False

    def _finish(self, event: TaskFinished) -> None:
        sign, style = ENDS.get(event.state, (SIGNS.dot, "dim"))
        title = self._titles.get(event.task, "")
        text = f"{sign} {title}: {event.state}, {duration(event.seconds)}"
        self._add(event.task, text, style)
        for more in (event.message, event.hint):
            for line in more.splitlines():
                self._add(event.task, f"  {line}", style if more is event.message else "text")

    def _add(self, task: int, text: str, style: str) -> None:
        if len(self.entries) == self.entries.maxlen:
            self.dropped += 1
        self.entries.append(Entry(task, self._tags.get(task, ""), text[:_LONGEST], style))
