"""The line of tasks: what runs and how far it is, and how the last ones ended."""

from __future__ import annotations

from collections.abc import Iterable

from textual.timer import Timer

from fctui.tasks.events import Event
from fctui.tui.lines.line import Line
from fctui.tui.task_board import TaskBoard
from fctui.tui.widgets.drawing import OneLine

_TURN = 0.1  # seconds of a spinner's frame


class TaskStrip(OneLine):
    """Follows the events of tasks."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.board = TaskBoard()
        self._frame = 0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Prepare the spinner; it turns only while something runs."""
        self._timer = self.set_interval(_TURN, self._turn, pause=True)

    def take(self, events: Iterable[Event]) -> None:
        """Show what events say."""
        self.board.take(events)
        if self._timer is not None:
            if self.board.running and self.app.animation_level != "none":
                self._timer.resume()
            else:
                self._timer.pause()
        self.refresh()

    def line(self, width: int) -> Line:  # noqa: ARG002 - cut where it ends
        """The tasks."""
        return self.board.line(self._frame)

    def _turn(self) -> None:
        self._frame += 1
        self.refresh()
