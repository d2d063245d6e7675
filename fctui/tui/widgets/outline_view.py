"""The tree at the left: an outline's rows with columns, opened and closed in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import gauge
from fctui.tui.outline.forest import Forest
from fctui.tui.outline.outline import Outline, Row
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView

_BAR = 8
_WIDTH_FOR_BAR = 74
# Cells: below that the names need the room more.


class OutlineView(LineView):
    """Shows a forest. Numbers may change at any time; the cursor stays on its node and its line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "open", "Open", show=False, id="open", tooltip="Show what is under it"),
        Binding(
            "left",
            "close",
            "Close",
            show=False,
            id="close",
            tooltip="Hide what is under it, or go up",
        ),
        Binding(
            "space", "turn", "Open or close", show=False, id="turn", tooltip="Open or close it"
        ),
    ]

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

    @property
    def cursor_key(self) -> str:
        """The node under the cursor."""
        return self.current.key if self.current else ""

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

    def action_open(self) -> None:
        """Open the row, or step into an open one."""
        row = self.current
        if row is None or self.outline is None:
            return
        if row.opened:
            self.move_to(self.cursor + 1)
        elif row.openable:
            self.outline.open(self.cursor)
            self.resized()

    def action_close(self) -> None:
        """Close the row, or go to the one above it."""
        row = self.current
        if row is None or self.outline is None:
            return
        if row.opened:
            self.outline.close(self.cursor)
            self.resized()
        elif row.depth:
            self.move_to(self.outline.index_of(row.path[:-1]) or 0)

    def action_turn(self) -> None:
        """Open or close the row."""
        row = self.current
        if row is not None and row.opened:
            self.action_close()
        elif row is not None and row.openable:
            self.action_open()

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

    def toggle_order(self) -> bool:
        """Order by size, or as declared; returns whether it is by size now."""
        if self.outline is None:
            return False
        kept = self._keeping()
        self.outline.order(heaviest_first=not self.outline.heaviest_first)
        if self.cursor > 0:
            kept()
        else:  # who stands at the top wants to see what comes to the top
            self.resized()
            self.post_message(self.Moved(self))
        return self.outline.heaviest_first

    def header(self, width: int) -> Line | None:
        """The columns' headings."""
        if self.outline is None:
            return None
        forest = self.outline.forest
        headings = [Span(f"{column.heading:>{column.width}}", "dim") for column in forest.columns]
        if width >= _WIDTH_FOR_BAR:
            headings.append(Span(" " * (_BAR + 2)))
        order = f" {SIGNS.down} by size" if self.outline.heaviest_first else ""
        return Line((Span(f"  {forest.heading}{order}", "dim"),), (*headings, Span(" ")))

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
        right = [
            Span(cell.text.rjust(column.width), cell.style)
            for cell, column in zip(cells, forest.columns, strict=True)
        ]
        if width >= _WIDTH_FOR_BAR:
            right += [Span("  "), Span(_bar(row, forest), "bar")]
        return Line(left, (*right, Span(" ")))

    @property
    def header_height(self) -> int:
        """The headings."""
        return 1

    def _keeping(self) -> Callable[[], None]:
        """Remember the row under the cursor; the result puts the cursor back on it."""
        row, offset = self.current, self.cursor - round(self.scroll_y)

        def restore() -> None:
            self.resized()
            index = self.outline.nearest(row.path) if row and self.outline else None
            if index is not None:
                self.move_to(index, offset=max(0, offset))

        return restore


def _bar(row: Row, forest: Forest) -> str:
    """A row's share of the largest root."""
    if row.again:
        return " " * _BAR
    largest = max((forest.weight(key) for key in forest.roots()), default=0)
    return gauge(forest.weight(row.key), largest, _BAR)
