"""A choice of positions, kept by what is in it or, where most are, by what is not.

A filter's first letter leaves nearly everything: a list of all that stays, made at each key, would
take longer than finding it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress
from operator import not_


class Positions:
    """Some of the numbers from 0 to before `count`, in order: `named`, which are sorted, or with
    `inverted` all the others.
    """

    __slots__ = ("count", "inverted", "named")

    def __init__(self, count: int, named: Sequence[int], *, inverted: bool = False) -> None:
        self.count = count
        self.named = named
        self.inverted = inverted

    @classmethod
    def where(cls, flags: Sequence[bool]) -> Positions:
        """The positions of what is true."""
        count = len(flags)
        if flags.count(True) * 2 > count:
            return cls(count, list(compress(range(count), map(not_, flags))), inverted=True)
        return cls(count, list(compress(range(count), flags)))

    def __len__(self) -> int:
        return self.count - len(self.named) if self.inverted else len(self.named)

    def __iter__(self) -> Iterator[int]:
        return self.within(0, self.count) if self.inverted else iter(self.named)

    def within(self, first: int, last: int) -> Iterator[int]:
        """Those from `first` to before `last`."""
        named = self.named[bisect_left(self.named, first) : bisect_left(self.named, last)]
        if not self.inverted:
            yield from named
            return
        for gone in named:
            yield from range(first, gone)
            first = gone + 1
        yield from range(first, last)

    def rank(self, at: int) -> int:
        """How many come before a position."""
        before = bisect_left(self.named, at)
        return at - before if self.inverted else before

    def at_or_after(self, at: int) -> int:
        """The first that is not before a position; `count` if there is none."""
        named = self.named
        index = bisect_left(named, at)
        if not self.inverted:
            return named[index] if index < len(named) else self.count
        if index == len(named) or named[index] != at:
            return at
        # Numbers that follow each other without a gap differ from their own places by the same.
        return bisect_right(range(len(named)), at - index, index, key=lambda i: named[i] - i) + (
            at - index
        )
