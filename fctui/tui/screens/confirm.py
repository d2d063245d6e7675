"""Asking before something is written: what it changes stands above the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fctui.tui.lines.line import Line
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView


class ConfirmScreen(Dialog[bool]):
    """Enter or y does it, Esc or n leaves everything as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,y", "confirm", "Do it", id="confirm", priority=True, tooltip="Write the change"
        ),
        Binding("n", "leave", "Leave", id="decline", tooltip="Leave everything as it is"),
    ]

    def __init__(self, title: str, lines: Sequence[Line], verb: str) -> None:
        super().__init__(classes="confirm")
        self.TITLE_TEXT = title
        self.KEYS_TEXT = f"Enter {verb} {SIGNS.dot} Esc leaves everything as it is"
        self._lines = lines

    def parts(self) -> list[Widget]:
        """What will change."""
        return [LinesView(cursor=False)]

    def on_mount(self) -> None:
        """Show it."""
        view = self.query_one(LinesView)
        view.styles.height = min(len(self._lines), 16)
        view.show(self._lines)
        view.focus()

    def action_confirm(self) -> None:
        """Do it."""
        self.dismiss(True)
