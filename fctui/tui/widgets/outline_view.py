"""The tree at the left: an outline's rows with columns, opened and closed in place."""

from __future__ import annotations

from collections.abc import Callable

from fctui.tui.lines.line import Line, Span
from fctui.tui.outline.forest import Forest
from fctui.tui.outline.outline import Outline, Row
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.tree_view import TreeView, columned, headings


class OutlineView(TreeView):
    """Shows a forest. Numbers may change at any time; the cursor stays on its node and its line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.outline: Outline | None = None

    @property
    def count(self) -> int:
        """How many rows are open."""
        return len(self.outline.rows) if self.outline else 0

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        rows = self.outline.rows if self.outline else []
        return rows[self.cursor] if 0 <= self.cursor < len(rows) else None

    def show(self, forest: Forest) -> None:
        """Show a forest, with the same rows open and the cursor where it was."""
        if self.outline is None:
            self.outline = Outline(forest)
            self.resized()
            self.post_message(self.Moved(self))
            return
        with_same_row = self._keeping()
        self.outline.show(forest)
        with_same_row()
        self.post_message(self.Moved(self))

    def filter(self, query: str) -> None:
        """Keep what matches, and stand on the first match."""
        if self.outline is None:
            return
        kept = self._keeping()
        self.outline.filter(query)
        self.highlight = query if query and not set(query) & set("<> ") else ""
        kept()
        row = self.current
        if query and (row is None or row.key not in self.outline.matches):
            rows = self.outline.rows
            first = next((i for i, r in enumerate(rows) if r.key in self.outline.matches), 0)
            self.move_to(first)
        self.post_message(self.Moved(self))

    def reveal(self, key: str) -> None:
        """Open the way to a node and stand on it."""
        if self.outline is None:
            return
        path = self.outline.home_path(key)
        self.outline.open_path(path[:-1])
        self.resized()
        index = self.outline.index_of(path)
        if index is not None:
            self.move_to(index)

    def open_row(self) -> None:
        """Show what is under the cursor's row."""
        if self.outline is not None:
            self.outline.open(self.cursor)

    def close_row(self) -> None:
        """Hide it."""
        if self.outline is not None:
            self.outline.close(self.cursor)

    def above(self) -> int | None:
        """The row that the cursor's stands under."""
        row = self.current
        if row is None or self.outline is None or not row.depth:
            return None
        return self.outline.index_of(row.path[:-1])

    def toggle_all(self) -> None:
        """Open everything at its own place, or close everything."""
        if self.outline is None:
            return
        kept = self._keeping()
        if self.outline.all_open:
            self.outline.close_all()
        else:
            self.outline.open_all()
        kept()

    def toggle_order(self) -> None:
        """Order by size, or as declared."""
        if self.outline is None:
            return
        kept = self._keeping()
        self.outline.order(heaviest_first=not self.outline.heaviest_first)
        if self.cursor > 0:
            kept()
        else:  # who stands at the top wants to see what comes to the top
            self.resized()
            self.post_message(self.Moved(self))

    def header(self, width: int) -> Line | None:
        """The columns' headings."""
        if self.outline is None:
            return None
        forest = self.outline.forest
        order = f" {SIGNS.down} by size" if self.outline.heaviest_first else ""
        return headings(forest.heading + order, forest.columns, width)

    def line_at(self, index: int, width: int) -> Line:
        """One row with its columns, and a bar of its share where there is room."""
        if self.outline is None:
            return Line()
        row, forest = self.outline.rows[index], self.outline.forest
        sign = " "
        if row.cycle:
            sign = SIGNS.cycle
        elif row.openable:
            sign = SIGNS.opened if row.opened else SIGNS.closed
        left = (Span("  " * row.depth), Span(f"{sign} ", "dim"), *forest.label(row.key))
        cells = forest.cells(row.key)
        if row.again:  # its numbers stand at its home
            cells = (cells[0], *(Span(SIGNS.again, "dim") for _ in cells[1:]))
        return columned(left, cells, forest.columns, width, _share(row, forest))

    def _keeping(self) -> Callable[[], None]:
        """Remember the row under the cursor; the result puts the cursor back on it."""
        row, offset = self.current, self.cursor - round(self.scroll_y)

        def restore() -> None:
            self.resized()
            index = self.outline.nearest(row.path) if row and self.outline else None
            if index is not None:
                self.move_to(index, offset=max(0, offset))

        return restore


def _share(row: Row, forest: Forest) -> tuple[int, int]:
    """A row's bytes, and those of the largest root; none where they stand elsewhere."""
    if row.again:
        return 0, 1
    return forest.weight(row.key), max((forest.weight(key) for key in forest.roots()), default=0)
