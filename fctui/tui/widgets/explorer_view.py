"""The list of the explorer: rows that open in place, made when they come into view."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import gauge
from fctui.tui.outline.rows import Row, Rows, Source
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.outline_view import OutlineView

_BAR = 8
_WIDTH_FOR_BAR = 74
# Cells: below that the names need the room more.


class ExplorerView(LineView):
    """Shows the rows of a source; the cursor stays on its row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in OutlineView.BINDINGS if isinstance(binding, Binding)
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.rows: Rows | None = None
        self.note = ""

    @property
    def count(self) -> int:
        """How many rows are open."""
        return len(self.rows.rows) if self.rows else 0

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        rows = self.rows.rows if self.rows else []
        return rows[self.cursor] if 0 <= self.cursor < len(rows) else None

    @property
    def cursor_key(self) -> str:
        """What the cursor's row stands for."""
        return self.current.key if self.current else ""

    def show(
        self, source: Source, about: object = None, *, open_some: bool = False, note: str = ""
    ) -> None:
        """Show a source, see `Rows.show`; `note` stands behind the heading."""
        self.note = note
        row, offset = self.current, self.cursor - round(self.scroll_y)
        if self.rows is None:
            self.rows = Rows(source)
        else:
            self.rows.show(source, about, open_some=open_some)
        at_top = self.cursor == 0  # who stands at the top wants to see what comes to the top
        index = self.rows.index_of(row.key) if row and not at_top else 0
        self.resized()
        self.move_to(index or 0, offset=max(0, offset) if index else 0)
        self.post_message(self.Moved(self))

    def to_first_leaf(self) -> None:
        """Stand on something that was looked for, not on a directory above it."""
        row = self.current
        if self.rows is None or (row is not None and not row.openable):
            return
        leaves = (at for at, each in enumerate(self.rows.rows) if not each.openable)
        self.move_to(next(leaves, 0))

    def action_open(self) -> None:
        """Open the row, or step into an open one."""
        row = self.current
        if row is None or self.rows is None:
            return
        if row.opened:
            self.move_to(self.cursor + 1)
        elif row.openable:
            self.rows.open(self.cursor)
            self.resized()

    def action_close(self) -> None:
        """Close the row, or go to the one above it."""
        row = self.current
        if row is None or self.rows is None:
            return
        if row.opened:
            self.rows.close(self.cursor)
            self.resized()
        else:
            above = self.rows.above(self.cursor)
            if above is not None:
                self.move_to(above)

    def action_turn(self) -> None:
        """Open or close the row."""
        row = self.current
        if row is not None and row.opened:
            self.action_close()
        elif row is not None and row.openable:
            self.action_open()

    def toggle_all(self) -> None:
        """Open everything, or close everything."""
        if self.rows is None:
            return
        row, offset = self.current, self.cursor - round(self.scroll_y)
        if self.rows.all_open:
            self.rows.close_all()
        else:
            self.rows.open_all()
        self.resized()
        index = self.rows.index_of(row.key) if row else None
        self.move_to(index or 0, offset=max(0, offset) if index is not None else 0)

    def header(self, width: int) -> Line | None:
        """The columns' headings."""
        if self.rows is None:
            return None
        source = self.rows.source
        headings = [Span(f"{column.heading:>{column.width}}", "dim") for column in source.columns]
        if width >= _WIDTH_FOR_BAR:
            headings.append(Span(" " * (_BAR + 2)))
        return Line((Span(f"  {source.heading}{self.note}", "dim"),), (*headings, Span(" ")))

    def line_at(self, index: int, width: int) -> Line:
        """One row with its columns, and a bar of its share where there is room."""
        if self.rows is None:
            return Line()
        row, source = self.rows.rows[index], self.rows.source
        sign = (SIGNS.opened if row.opened else SIGNS.closed) if row.openable else " "
        left = (Span("  " * row.depth), Span(f"{sign} ", "dim"), *source.label(row))
        right = [
            Span(cell.text.rjust(column.width), cell.style)
            for cell, column in zip(source.cells(row), source.columns, strict=True)
        ]
        if width >= _WIDTH_FOR_BAR:
            right += [Span("  "), Span(gauge(row.size, source.whole, _BAR), "bar")]
        return Line(left, (*right, Span(" ")))

    @property
    def header_height(self) -> int:
        """The headings."""
        return 1
