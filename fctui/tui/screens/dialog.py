"""What all dialogs have in common: a framed box over the screen, a title, a line of keys."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from fctui.tui.styles import style_sheet
from fctui.tui.widgets.drawing import LINE_CLASSES

Result = TypeVar("Result")

STEPS = {"up": -1, "down": 1, "pageup": -8, "pagedown": 8}
"""Keys that move a list by so many lines while somebody types above it."""


class Dialog(ModalScreen[Result | None]):
    """Esc leaves it without an answer."""

    COMPONENT_CLASSES: ClassVar[set[str]] = LINE_CLASSES
    CSS_PATH = str(style_sheet("dialog"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", id="dialog-leave", tooltip="Leave without a change"),
    ]
    TITLE_TEXT = ""
    KEYS_TEXT = "Esc leaves"

    def compose(self) -> ComposeResult:
        """Title, what a subclass has, and the keys."""
        with Vertical(classes="box"):
            yield Static(self.TITLE_TEXT, markup=False, classes="title")
            yield from self.parts()
            yield Static(self.KEYS_TEXT, markup=False, classes="keys")

    def parts(self) -> list[Widget]:
        """What stands between title and keys."""
        raise NotImplementedError

    def say_keys(self, text: str) -> None:
        """Say something else in the last line."""
        self.query_one(".keys", Static).update(text)

    def action_leave(self) -> None:
        """No answer."""
        self.dismiss(None)
