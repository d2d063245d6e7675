"""A view of lines that are all there: details, findings, lists to choose from, differences."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region

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
        before, self.lines = self.lines, lines
        stood = self.cursor, round(self.scroll_y)
        if top:
            self.cursor = 0
        elif key:
            same = (i for i, line in enumerate(lines) if line.key == key)
            self.cursor = next(same, self.cursor)
        self.resized(paint=False)
        if top:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        if stood != (self.cursor, round(self.scroll_y)):
            self.refresh()
        else:
            self._repaint(before)

    def _repaint(self, before: Sequence[Line]) -> None:
        """Paint the lines in sight that look different now."""
        top, high = round(self.scroll_y), self.lines_in_sight
        for y in range(high):
            at = top + y
            old = before[at] if at < len(before) else None
            new = self.lines[at] if at < len(self.lines) else None
            if old != new:
                self.refresh(Region(0, y + self.header_height, self.outer_size.width, 1))
