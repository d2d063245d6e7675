"""Asking what to try: what is typed, or what is offered; what is tried already can be kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from textual.widget import Widget
from textual.widgets import Input

from fctui.model.names import normalized
from fctui.tui.lines.line import Line, Span
from fctui.tui.screens.dialog import STEPS, Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView
from fctui.workflow.what_if import Change, Requirement

_HIGHEST = 10  # lines: with all around them they fit into 24


class Answer(Struct, frozen=True):
    """What to do: try a change, keep what is tried (write it), or forget it."""

    do: Literal["try", "keep", "forget"]
    change: Change | None = None


class WhatIfScreen(Dialog[Answer]):
    """Nothing is written from here but what is tried and then kept."""

    TITLE_TEXT = "What if"
    KEYS_TEXT = (
        f"{SIGNS.up}{SIGNS.down} choose {SIGNS.dot} Enter tries it, and writes nothing "
        f"{SIGNS.dot} Esc leaves"
    )

    def __init__(
        self,
        manager: str,
        text: str,
        offered: Sequence[Change],
        tried: Change | None,
        declared: str = "",
    ) -> None:
        """`manager` is whose requirement is typed, `text` what stands there at first, `declared`
        the name of the package under the cursor where the project itself asks for it.
        """
        super().__init__(classes="what-if")
        self._declared = declared
        self._manager = manager
        self._text = text
        self._offered = offered
        self._tried = tried
        self._answers: list[Answer] = []

    def parts(self) -> list[Widget]:
        """A line to type in, and the list."""
        placeholder = f"a requirement of {self._manager}, e.g. {_EXAMPLES[self._manager]}"
        view = LinesView()
        view.can_focus = False
        return [
            Input(self._text, placeholder=placeholder, compact=True, select_on_focus=False),
            view,
        ]

    def on_mount(self) -> None:
        """Offer at once."""
        self._show()
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        """Offer what is typed first."""
        self._show()

    def on_key(self, event: object) -> None:
        """The list moves while one types."""
        step = STEPS.get(getattr(event, "key", ""))
        if step is not None:
            self.query_one(LinesView).action_move(step)

    def on_input_submitted(self) -> None:
        """Do what the cursor is on."""
        line = self.query_one(LinesView).current
        if line is not None and line.key:
            self.dismiss(self._answers[int(line.key)])

    def on_line_view_chosen(self) -> None:
        """A click does the same."""
        self.on_input_submitted()

    def _show(self) -> None:
        typed = self.query_one(Input).value.strip()
        offered = [c for c in self._offered if c != self._tried]
        changes = list(offered)
        if typed and typed != self._text.strip():
            changes[:0] = self._meant(typed)
        self._answers = [Answer("try", change) for change in changes]
        lines = [_line(change) for change in changes]
        if self._tried is not None:
            at = len(changes) - len(offered)
            title = self._tried.title
            self._answers[at:at] = [Answer("keep", self._tried), Answer("forget")]
            lines[at:at] = [
                Line((Span(" keep    ", "good"), Span(f"{title}: write it to the project"))),
                Line((Span(" forget  ", "warn"), Span(f"{title}: the limits as they are"))),
            ]
        view = self.query_one(LinesView)
        view.styles.height = max(1, min(_HIGHEST, len(lines)))
        numbered = [Line(line.left, line.right, key=str(i)) for i, line in enumerate(lines)]
        empty = [Line((Span(" Type a requirement to try it.", "dim"),))]
        view.show(numbered or empty, top=True)

    def _meant(self, typed: str) -> list[Change]:
        """What is typed; with another name than that of the package also in its place."""
        plain: list[Change] = [Requirement(self._manager, typed)]
        if not self._declared or _name(typed) == _name(self._declared):
            return plain
        return [Requirement(self._manager, typed, instead_of=self._declared), *plain]


_EXAMPLES = {
    "pip": "numpy<2",
    "apt": "libgl1",
    "npm": "sharp@^0.33",
    "maven": "group:artifact:1.0",
}


def _name(text: str) -> str:
    """The name at the beginning of a requirement, as names are compared."""
    found = re.match(r"@?[\w./+-]+", text)
    return normalized(found[0]) if found else ""


def _line(change: Change) -> Line:
    return Line((Span(" try     ", "accent"), Span(change.title, "name")))
