"""The line to type a filter or a search into; the list above it moves while one types."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from fctui.tui.signs import SIGNS


class FilterBar(Horizontal):
    """An input that tells every change, and hands on the keys that move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="filter-up", tooltip="One line up"),
        Binding("down", "move(1)", "Down", show=False, id="filter-down", tooltip="One line down"),
        Binding(
            "pageup", "move(-10)", "Up", show=False, id="filter-page-up", tooltip="Ten lines up"
        ),
        Binding(
            "pagedown",
            "move(10)",
            "Down",
            show=False,
            id="filter-page-down",
            tooltip="Ten lines down",
        ),
        Binding(
            "escape",
            "clear",
            "clear",
            key_display="Esc",
            id="filter-clear",
            tooltip="Show everything again",
        ),
    ]

    class Changed(Message):
        """Another text is looked for."""

        def __init__(self, bar: FilterBar, query: str) -> None:
            super().__init__()
            self.bar = bar
            self.query = query

    class Moved(Message):
        """The cursor of the list is to move."""

        def __init__(self, bar: FilterBar, step: int) -> None:
            super().__init__()
            self.bar = bar
            self.step = step

    class Closed(Message):
        """Typing has ended: with Enter the text stays, with Esc it is gone."""

        def __init__(self, bar: FilterBar) -> None:
            super().__init__()
            self.bar = bar

    def __init__(self, prompt: str, placeholder: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._prompt = prompt
        self._placeholder = placeholder
        self._room = 0

    def compose(self) -> ComposeResult:
        """Prompt, input, and what was found."""
        yield Static(self._prompt, markup=False, classes="prompt")
        yield Input(placeholder=self._placeholder, compact=True, select_on_focus=False)
        yield Static("", markup=False, classes="found")

    @property
    def input(self) -> Input:
        """The input itself."""
        return self.query_one(Input)

    def open(self) -> None:
        """Show it and type into it."""
        self.add_class("-open")
        self.input.focus()

    def close(self, *, clear: bool) -> None:
        """Hide it where nothing is looked for."""
        if clear:
            with self.prevent(Input.Changed):
                self.input.value = ""
        self.set_class(bool(self.input.value), "-open")

    def restore(self, query: str) -> None:
        """Show a text that is in force already."""
        with self.prevent(Input.Changed):
            self.input.value = query
            self.input.cursor_position = len(query)
        self.set_class(bool(query), "-open")

    def say(self, found: str) -> None:
        """Say what was found."""
        keys = f"{SIGNS.up}{SIGNS.down} move {SIGNS.dot} Enter keeps {SIGNS.dot} Esc clears"
        text, shown = f"{found} {SIGNS.dot} {keys}", self.query_one(".found", Static)
        if cell_len(text) > self._room:
            self._room = cell_len(text)
            shown.styles.width = self._room
        # With another width for each number the whole screen would be laid out at each letter.
        shown.update(text, layout=False)

    def action_move(self, step: int) -> None:
        """Move in the list."""
        self.post_message(self.Moved(self, step))

    def action_clear(self) -> None:
        """Look for nothing."""
        self.close(clear=True)
        self.post_message(self.Changed(self, ""))
        self.post_message(self.Closed(self))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.close(clear=False)
        self.post_message(self.Closed(self))
