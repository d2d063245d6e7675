"""A choice of a catalog's files as directories: what is in each, how much, how many.

Nothing is built in advance. The paths are sorted, so a directory is a range in them, and its
children are found by jumping from the end of one to the beginning of the next.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from fctui.explore.catalog import Catalog

Order = Literal["name", "size", "count"]
ORDERS: tuple[Order, ...] = ("name", "size", "count")

_AFTER = chr(ord("/") + 1)
# No path below `x/` sorts behind `x0`, and no other path stands between the two.


class Node(NamedTuple):
    """A file or a directory of a selection: positions `first` to before `last` in it.

    `path` ends with a slash for a directory and is "" for the whole; `size` in bytes.
    """

    path: str
    first: int
    last: int
    size: int

    @property
    def files(self) -> int:
        """The number of files."""
        return self.last - self.first

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

    def __init__(self, catalog: Catalog, chosen: Sequence[int] | None = None) -> None:
        self.catalog = catalog
        self.chosen: Sequence[int] = range(len(catalog)) if chosen is None else chosen
        self.paths: Sequence[str] = catalog.paths
        self.sums: Sequence[int] = catalog.sums
        if chosen is not None:
            self.paths = list(map(catalog.paths.__getitem__, chosen))
            sizes = map(catalog.sizes.__getitem__, chosen)
            self.sums = list(accumulate(sizes, initial=0))  # made four times as fast as an array

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def size(self) -> int:
        """Bytes of all files in it."""
        return self.sums[-1]

    @property
    def whole(self) -> Node:
        """Everything."""
        return Node("", 0, len(self.paths), self.size)

    def position(self, node: Node) -> int:
        """A file's position in the catalog."""
        return self.chosen[node.first]

    def node(self, path: str) -> Node | None:
        """A directory (with its slash), a file, or None where nothing of it is chosen."""
        first = bisect_left(self.paths, path)
        if path.endswith("/") or not path:
            last = self._end(path, first, len(self.paths)) if path else len(self.paths)
        else:
            last = first + (first < len(self.paths) and self.paths[first] == path)
        return self._made(path, first, last) if last > first else None

    def children(self, node: Node, order: Order = "name", most: int | None = None) -> list[Node]:
        """What lies in a directory: by name with the directories first, or the heaviest or
        fullest first. Where that is more than `most`, only so much that one sees it is more.
        """
        paths, start = self.paths, len(node.path)
        directories: list[Node] = []
        files: list[Node] = []
        at = node.first
        while at < node.last and (most is None or len(directories) + len(files) <= most):
            path = paths[at]
            slash = path.find("/", start)
            if slash < 0:
                files.append(self._made(path, at, at + 1))
                at += 1
                continue
            inner = path[: slash + 1]
            last = self._end(inner, at, node.last)
            directories.append(self._made(inner, at, last))
            at = last
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
        after = directory[:-1] + _AFTER
        step = 8
        while first + step < last and self.paths[first + step] < after:
            first, step = first + step, step * 4
        return bisect_left(self.paths, after, first, min(last, first + step))

    def _made(self, path: str, first: int, last: int) -> Node:
        return Node(path, first, last, self.sums[last] - self.sums[first])
