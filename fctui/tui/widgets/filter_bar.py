"""The line to type a filter or a search into; the list above it moves while one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input, Static

from fctui.tui.signs import SIGNS

Look = Callable[[str], None]
# Looks for a text, and lets the bar say what was found.


class _Typed(Input):
    """An input that tells what was typed at once. A message would come after the frame that has
    the letter, and the list would have to wait for the next one.
    """

    virtual_size = Reactive(Size(0, 0), layout=False)
    # Textual's own lays out and paints the whole screen anew at each letter.

    def __init__(self, tell: Callable[[str], None], placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self._tell = tell

    def watch_value(self, value: str) -> None:
        """Tell it."""
        self._tell(value)


class FilterBar(Horizontal):
    """An input that looks for every text while it is typed, and hands on the keys that move."""

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

    def __init__(self, prompt: str, placeholder: str, look: Look, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._prompt = prompt
        self._placeholder = placeholder
        self._look = look
        self._query = ""
        self._room = 0

    def compose(self) -> ComposeResult:
        """Prompt, input, and what was found."""
        yield Static(self._prompt, markup=False, classes="prompt")
        yield _Typed(self._typed, self._placeholder)
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
            self.input.value = ""
        self.set_class(bool(self.input.value), "-open")

    def restore(self, query: str) -> None:
        """Show a text that is in force already."""
        self._query = self.input.value = query
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
        self.post_message(self.Closed(self))

    def _typed(self, query: str) -> None:
        if query != self._query:
            self._query = query
            self._look(query)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.close(clear=False)
        self.post_message(self.Closed(self))
