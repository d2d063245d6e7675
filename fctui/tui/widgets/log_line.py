"""The log in one line, while nobody has asked for more of it."""

from __future__ import annotations

from fctui.tui.lines.line import Line, Span, fit
from fctui.tui.log_book import LogBook
from fctui.tui.widgets.drawing import OneLine

_WIDTH_FOR_BOTH = 110
# Cells: below that the command has the line, and the output is a key away.


class LogLine(OneLine):
    """The command that one could run by hand, and beside it what was last said; a failure first."""

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.book = book

    def line(self, width: int) -> Line:
        """The last command and entry, and the key for the others."""
        if not self.book.entries:
            return Line()
        entry, command = self.book.entries[-1], self.book.last_command
        key = Span(" l log ", "dim")
        if entry.style in ("bad", "warn") or not command:
            return Line((Span(f" {entry.text}", entry.style),), (key,))
        left = (Span(f" $ {command}", "command"),)
        if width < _WIDTH_FOR_BOTH or entry.style != "text":
            return Line(left, (key,))
        return Line(left, (Span(fit(entry.text, width // 3), "dim"), Span("  "), key))
