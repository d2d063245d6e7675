"""What an outline shows: nodes with children, named by keys. A node may stand under several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from fctui.tui.lines.line import Span


class Column(NamedTuple):
    """A column at the right: its heading and its width in cells."""

    heading: str
    width: int


class Forest(Protocol):
    """Nodes by key. Only what is in view is asked for, but for `matching` and `weight`."""

    @property
    def heading(self) -> str:
        """What stands over the names."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns at the right."""

    def roots(self) -> Sequence[str]:
        """The keys that stand at the left edge."""

    def children(self, key: str) -> Sequence[str]:
        """The keys under a node, each once."""

    def label(self, key: str) -> tuple[Span, ...]:
        """What stands at the left."""

    def cells(self, key: str) -> tuple[Span, ...]:
        """What stands in the columns."""

    def weight(self, key: str) -> int:
        """Bytes with everything under it, for the order by size and the bar."""

    def matching(self, query: str) -> Collection[str]:
        """The keys that a filter is meant for."""
