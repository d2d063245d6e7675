"""A choice of a catalog's files as directories: what is in each, how much, how many.

Nothing is built in advance. The paths are sorted, so a directory is a range in them, and its
children are found by jumping from the end of one to the beginning of the next.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from fctui.explore.catalog import Catalog
from fctui.explore.positions import Positions

Order = Literal["name", "size", "count"]
ORDERS: tuple[Order, ...] = ("name", "size", "count")

_AFTER = chr(ord("/") + 1)
# No path below `x/` sorts behind `x0`, and no other path stands between the two.


class Node(NamedTuple):
    """A file or a directory of a selection: `files` of the catalog's from the position `first` to
    before `last`.

    `path` ends with a slash for a directory and is "" for the whole; `size` in bytes.
    """

    path: str
    first: int
    last: int
    size: int
    files: int

    @property
    def is_directory(self) -> bool:
        """Whether there is something in it."""
        return not self.path or self.path.endswith("/")

    @property
    def name(self) -> str:
        """The last part of the path, with the slash of a directory."""
        return self.path[self.path.rfind("/", 0, -1) + 1 :]


class Selection:
    """The files of a catalog at some positions (all where none are named), in their order."""

    def __init__(self, catalog: Catalog, chosen: Sequence[int] | Positions | None = None) -> None:
        count = len(catalog)
        if chosen is None:
            chosen = Positions(count, (), inverted=True)
        elif not isinstance(chosen, Positions):
            chosen = Positions(count, chosen)
        self.catalog = catalog
        self.chosen = chosen
        # Of what is named, made four times as fast as an array.
        sizes = map(catalog.sizes.__getitem__, chosen.named)
        self._sums = list(accumulate(sizes, initial=0))

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def size(self) -> int:
        """Bytes of all files in it."""
        return self._size(0, len(self.catalog))

    @property
    def whole(self) -> Node:
        """Everything."""
        return self._made("", 0, len(self.catalog))

    def positions(self, node: Node) -> Iterator[int]:
        """The catalog's positions of the files in a directory."""
        return self.chosen.within(node.first, node.last)

    def node(self, path: str) -> Node | None:
        """A directory (with its slash), a file, or None where nothing of it is chosen."""
        paths = self.catalog.paths
        first = bisect_left(paths, path)
        if path.endswith("/") or not path:
            last = self._end(path, first, len(paths)) if path else len(paths)
        else:
            last = first + (first < len(paths) and paths[first] == path)
        first = self.chosen.at_or_after(first)
        return self._made(path, first, last) if last > first else None

    def children(self, node: Node, order: Order = "name", most: int | None = None) -> list[Node]:
        """What lies in a directory: by name with the directories first, or the heaviest or
        fullest first. Where that is more than `most`, only so much that one sees it is more.
        """
        paths, start, following = self.catalog.paths, len(node.path), self.chosen.at_or_after
        directories: list[Node] = []
        files: list[Node] = []
        at = following(node.first)
        while at < node.last and (most is None or len(directories) + len(files) <= most):
            path = paths[at]
            slash = path.find("/", start)
            if slash < 0:
                files.append(self._made(path, at, at + 1))
                at = following(at + 1)
                continue
            inner = path[: slash + 1]
            last = self._end(inner, at, node.last)
            directories.append(self._made(inner, at, last))
            at = following(last)
        found = directories + files
        if order == "size":
            found.sort(key=lambda each: -each.size)
        elif order == "count":
            found.sort(key=lambda each: each.first - each.last)
        return found

    def largest(self, most: int) -> list[int]:
        """The catalog's positions of the largest files, the largest first."""
        return heapq.nlargest(most, self.chosen, key=self.catalog.sizes.__getitem__)

    def _end(self, directory: str, first: int, last: int) -> int:
        """Where a directory that begins at `first` ends. Most are small: look near by first."""
        paths, after = self.catalog.paths, directory[:-1] + _AFTER
        step = 8
        while first + step < last and paths[first + step] < after:
            first, step = first + step, step * 4
        return bisect_left(paths, after, first, min(last, first + step))

    def _made(self, path: str, first: int, last: int) -> Node:
        files = self.chosen.rank(last) - self.chosen.rank(first)
        return Node(path, first, last, self._size(first, last), files)

    def _size(self, first: int, last: int) -> int:
        named, sums = self.chosen.named, self._sums
        size = sums[bisect_left(named, last)] - sums[bisect_left(named, first)]
        if self.chosen.inverted:
            all_ = self.catalog.sums
            return all_[last] - all_[first] - size
        return size
