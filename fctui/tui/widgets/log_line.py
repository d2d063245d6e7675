"""The last command or line of output: the log, while nobody has asked for more of it."""

from __future__ import annotations

from fctui.tui.lines.line import Line, Span
from fctui.tui.log_book import LogBook
from fctui.tui.widgets.drawing import OneLine


class LogLine(OneLine):
    """Shows the newest line of a log that is worth one."""

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.book = book

    def line(self, width: int) -> Line:  # noqa: ARG002 - cut where it ends
        """The last entry, and the key for the others."""
        if not self.book.entries:
            return Line()
        entry = self.book.entries[-1]
        if entry.style in ("heading", "good") and self.book.last_command:
            return Line(
                (Span(f" $ {self.book.last_command}", "command"),), (Span("l log ", "dim"),)
            )
        return Line((Span(f" {entry.text}", entry.style),), (Span("l log ", "dim"),))
