"""Choosing one of a few things: a target, a method."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget
from textual.widgets import Input

from fctui.tui.screens.dialog import STEPS, Dialog
from fctui.tui.screens.options import Option
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView

_HIGHEST = 12  # lines: with all around them they fit into 24
_KEYS = f"type to filter {SIGNS.dot} Enter chooses {SIGNS.dot} Esc leaves"


class ChooseScreen(Dialog[str]):
    """A list that is filtered as one types; what cannot be chosen is dimmed and says why."""

    KEYS_TEXT = _KEYS

    def __init__(self, title: str, options: Sequence[Option], current: str) -> None:
        super().__init__(classes="choose")
        self.TITLE_TEXT = title
        self._options = options
        self._current = current

    def parts(self) -> list[Widget]:
        """Input and list."""
        return [Input(placeholder="a part of its name", compact=True), LinesView()]

    def on_mount(self) -> None:
        """Stand on what is in force."""
        self.query_one(LinesView).styles.height = min(_HIGHEST, len(self._options))
        self._show("")
        keys = [option.id for option in self._options]
        if self._current in keys:
            view = self.query_one(LinesView)
            view.call_after_refresh(view.move_to, keys.index(self._current))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what has every word."""
        self._show(event.value)

    def on_key(self, event: object) -> None:
        """The list moves while one types."""
        step = STEPS.get(getattr(event, "key", ""))
        if step is not None and self.query_one(Input).has_focus:
            self.query_one(LinesView).action_move(step)

    def on_input_submitted(self) -> None:
        """Choose what the cursor is on."""
        line = self.query_one(LinesView).current
        option = next((o for o in self._options if line and o.id == line.key), None)
        if option is not None and not option.why_not:
            self.dismiss(option.id)

    def on_line_view_chosen(self) -> None:
        """A click chooses as well."""
        self.on_input_submitted()

    def on_line_view_moved(self) -> None:
        """Say why not, where that is so."""
        line = self.query_one(LinesView).current
        option = next((o for o in self._options if line and o.id == line.key), None)
        said = option.note if option else ""
        if option is not None and option.why_not:
            said = f"{SIGNS.warning} {option.id}: {option.why_not}"
        self.say_keys(f"{said}\n{_KEYS}")

    def _show(self, query: str) -> None:
        words = query.casefold().split()
        view = self.query_one(LinesView)
        view.highlight = query
        found = [o for o in self._options if all(w in o.line.plain.casefold() for w in words)]
        found.sort(key=lambda option: option.id.casefold() != query.casefold())
        view.show([option.line for option in found], top=True)
        view.post_message(LineView.Moved(view))
