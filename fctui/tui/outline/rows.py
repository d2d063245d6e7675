"""Rows that open and close over what makes its children only when they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from fctui.tui.lines.line import Span
from fctui.tui.outline.forest import Column

AT_ONCE = 400
# Rows that a filter opens by itself: a few screens of them. What lies deeper opens by hand.


class Row(NamedTuple):
    """One row. `key` is unique among all that the source could show; `item` is the source's own,
    `size` in bytes.
    """

    key: str
    depth: int
    item: object
    size: int
    openable: bool = False
    opened: bool = False


class Source(Protocol):
    """What rows are made of. Everything but `roots` is asked for what is in view only."""

    @property
    def heading(self) -> str:
        """What stands over the names."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns at the right."""

    @property
    def whole(self) -> int:
        """Bytes that a full bar stands for."""

    def roots(self) -> Sequence[Row]:
        """The rows at the left edge."""

    def children(self, row: Row, most: int | None = None) -> Sequence[Row]:
        """The rows under one that is openable, one deeper than it. Where these are more than
        `most`, it is enough to return one more than that.
        """

    def label(self, row: Row) -> tuple[Span, ...]:
        """What stands at the left."""

    def cells(self, row: Row) -> tuple[Span, ...]:
        """What stands in the columns."""


class Rows:
    """The rows of a source that are in view. What was opened by hand stays so in the next source
    that has the same keys.
    """

    def __init__(self, source: Source) -> None:
        self.rows: list[Row] = []
        self._opened: set[str] = set()
        self._shut: set[str] = set()
        self._by_itself: set[str] | None = None
        self._kept: tuple[object, list[Row]] = (None, [])
        self._about: object = None
        self.source = source
        self.rebuild()

    def show(self, source: Source, about: object = None, *, open_some: bool = False) -> None:
        """Take another source. With `open_some` as much of it is opened as is read at a glance,
        whatever was opened by hand before. After that a source that is `about` the same as the one
        before it has the rows that were in view then.
        """
        if self._by_itself is None:
            self._kept = (self._about, self.rows)
        self.source, self._about = source, about
        self._shut.clear()
        self._by_itself = None
        if open_some:
            self._by_itself = set()
            self._open_some(self._by_itself)
        if not open_some and about is not None and self._kept[0] == about:
            self.rows = self._kept[1]
        else:
            self.rebuild()

    def rebuild(self) -> None:
        """Make the rows anew."""
        self.rows = []
        self._append(self.source.roots())

    def open(self, index: int) -> None:
        """Show what is under a row."""
        row = self.rows[index]
        if not row.openable or row.opened:
            return
        self._by_hand.add(row.key)
        self._shut.discard(row.key)
        after = self.rows[index + 1 :]
        del self.rows[index:]
        self._append([row])
        self.rows += after

    def close(self, index: int) -> None:
        """Hide what is under a row."""
        row = self.rows[index]
        self._by_hand.discard(row.key)
        self._shut.add(row.key)
        end = index + 1
        while end < len(self.rows) and self.rows[end].depth > row.depth:
            end += 1
        self.rows[index:end] = [row._replace(opened=False)]

    @property
    def all_open(self) -> bool:
        """Whether nothing could be opened."""
        return all(row.opened or not row.openable for row in self.rows)

    def open_all(self) -> None:
        """Open everything."""
        self._shut.clear()
        children = self.source.children
        found: list[Row] = []
        stack = list(reversed(self.source.roots()))
        while stack:
            row = stack.pop()
            if row.openable:
                self._by_hand.add(row.key)
                row = row._replace(opened=True)
                stack.extend(reversed(children(row)))
            found.append(row)
        self.rows = found

    def close_all(self) -> None:
        """Show the roots only."""
        self._by_hand.clear()
        self.rebuild()

    def above(self, index: int) -> int | None:
        """The row that one stands under."""
        depth = self.rows[index].depth
        return next((at for at in range(index - 1, -1, -1) if self.rows[at].depth < depth), None)

    def index_of(self, key: str) -> int | None:
        """The row of a key, if it is in view."""
        return next((at for at, row in enumerate(self.rows) if row.key == key), None)

    def _append(self, rows: Sequence[Row]) -> None:
        stack = list(reversed(rows))
        while stack:
            row = stack.pop()
            if row.openable and self._is_open(row.key):
                row = row._replace(opened=True)
                stack.extend(reversed(self.source.children(row)))
            self.rows.append(row)

    def _is_open(self, key: str) -> bool:
        if key in self._shut:
            return False
        return key in self._by_hand

    @property
    def _by_hand(self) -> set[str]:
        """What is open: while only some is shown, that has nothing to do with the rest."""
        return self._opened if self._by_itself is None else self._by_itself

    def _open_some(self, opened: set[str]) -> None:
        """Level by level, so that what is found in many places shows all of these places."""
        level = list(self.source.roots())
        count = len(level)
        while level:
            below: list[Row] = []
            for row in level:
                if not row.openable:
                    continue
                children = self.source.children(row, AT_ONCE - count)
                if count + len(children) > AT_ONCE:
                    return
                count += len(children)
                opened.add(row.key)
                below += children
            level = below
