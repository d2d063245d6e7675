"""What the two kinds of trees have in common: rows that open and close, columns, a bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import gauge
from fctui.tui.outline.forest import Column
from fctui.tui.widgets.line_view import LineView

_BAR = 8
_WIDTH_FOR_BAR = 74
# Cells: below that the names need the room more.


class TreeRow(Protocol):
    """A row of either kind."""

    @property
    def key(self) -> str:
        """What it stands for."""

    @property
    def openable(self) -> bool:
        """Whether there is something under it."""

    @property
    def opened(self) -> bool:
        """Whether that is shown."""


class TreeView(LineView):
    """Opens and closes rows in place; a subclass has the rows."""

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

    @property
    def current(self) -> TreeRow | None:
        """The row under the cursor."""
        raise NotImplementedError

    @property
    def cursor_key(self) -> str:
        """What the cursor's row stands for."""
        return self.current.key if self.current else ""

    @property
    def header_height(self) -> int:
        """The headings."""
        return 1

    def open_row(self) -> None:
        """Show what is under the cursor's row."""
        raise NotImplementedError

    def close_row(self) -> None:
        """Hide it."""
        raise NotImplementedError

    def above(self) -> int | None:
        """The row that the cursor's stands under."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Open the row, or step into an open one."""
        row = self.current
        if row is not None and row.opened:
            self.move_to(self.cursor + 1)
        elif row is not None and row.openable:
            self.open_row()
            self.resized()

    def action_close(self) -> None:
        """Close the row, or go to the one above it."""
        row = self.current
        if row is not None and row.opened:
            self.close_row()
            self.resized()
        elif row is not None and (above := self.above()) is not None:
            self.move_to(above)

    def action_turn(self) -> None:
        """Open or close the row."""
        row = self.current
        if row is not None and row.opened:
            self.action_close()
        elif row is not None and row.openable:
            self.action_open()


def headings(left: str, columns: Sequence[Column], width: int) -> Line:
    """What stands over the rows."""
    right = [Span(f"{column.heading:>{column.width}}", "dim") for column in columns]
    if width >= _WIDTH_FOR_BAR:
        right.append(Span(" " * (_BAR + 2)))
    return Line((Span(f"  {left}", "dim"),), (*right, Span(" ")))


def columned(
    left: Iterable[Span],
    cells: Iterable[Span],
    columns: Sequence[Column],
    width: int,
    share: tuple[int, int],
) -> Line:
    """A row with its columns, and a bar of its share (part, whole) where there is room."""
    right = [
        Span(cell.text.rjust(column.width), cell.style)
        for cell, column in zip(cells, columns, strict=True)
    ]
    if width >= _WIDTH_FOR_BAR:
        right += [Span("  "), Span(gauge(*share, _BAR), "bar")]
    return Line(tuple(left), (*right, Span(" ")))
