"""A view of lines that are all there: details, findings, lists to choose from, differences."""

from __future__ import annotations

from collections.abc import Sequence

from fctui.tui.lines.line import Line
from fctui.tui.widgets.line_view import LineView


class LinesView(LineView):
    """Shows lines as they are given; the cursor stays on the same key."""

    def __init__(self, *, id: str | None = None, cursor: bool = True) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, cursor=cursor)
        self.lines: Sequence[Line] = ()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.lines)

    def line_at(self, index: int, width: int) -> Line:  # noqa: ARG002 - made for a width already
        """One line."""
        return self.lines[index]

    @property
    def current(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if 0 <= self.cursor < len(self.lines) else None

    @property
    def cursor_key(self) -> str:
        """The key of the line under the cursor."""
        return self.current.key if self.current else ""

    def show(self, lines: Sequence[Line], *, top: bool = False) -> None:
        """Show other lines: from the top, or with the cursor where it was."""
        key = self.current.key if self.current and not top else ""
        self.lines = lines
        if top:
            self.cursor = 0
        elif key:
            same = (i for i, line in enumerate(lines) if line.key == key)
            self.cursor = next(same, self.cursor)
        self.resized()
        if top:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
