"""The list of the explorer: rows that open in place, made when they come into view."""

from __future__ import annotations

from fctui.tui.lines.line import Line, Span
from fctui.tui.outline.rows import Row, Rows, Source
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.tree_view import TreeView, columned, headings


class ExplorerView(TreeView):
    """Shows the rows of a source; the cursor stays on its row."""

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

    def open_row(self) -> None:
        """Show what is under the cursor's row."""
        if self.rows is not None:
            self.rows.open(self.cursor)

    def close_row(self) -> None:
        """Hide it."""
        if self.rows is not None:
            self.rows.close(self.cursor)

    def above(self) -> int | None:
        """The row that the cursor's stands under."""
        return self.rows.above(self.cursor) if self.rows else None

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
        return headings(source.heading + self.note, source.columns, width)

    def line_at(self, index: int, width: int) -> Line:
        """One row with its columns, and a bar of its share where there is room."""
        if self.rows is None:
            return Line()
        row, source = self.rows.rows[index], self.rows.source
        sign = (SIGNS.opened if row.opened else SIGNS.closed) if row.openable else " "
        left = (Span("  " * row.depth), Span(f"{sign} ", "dim"), *source.label(row))
        return columned(left, source.cells(row), source.columns, width, (row.size, source.whole))
