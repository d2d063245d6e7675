"""The rows of a forest that are in view: opened, closed, filtered, ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fctui.tui.outline.forest import Forest

Path = tuple[str, ...]


class Row(NamedTuple):
    """One row. `path` leads from a root to it; `again` says that the node's own place is elsewhere
    and holds its numbers, `cycle` that it already stands above itself here.
    """

    key: str
    path: Path
    openable: bool
    opened: bool
    again: bool
    cycle: bool

    @property
    def depth(self) -> int:
        """0 for a root."""
        return len(self.path) - 1


class Outline:
    """Holds what is open, and the rows that follow from it.

    Every node has one *home*: the root, or else the first place when everything is open.
    Elsewhere it repeats: it opens by hand only, so that opening everything stays linear in the
    graph's edges and ends on cycles.
    """

    def __init__(self, forest: Forest) -> None:
        self.rows: list[Row] = []
        self.query = ""
        self.matches: frozenset[str] = frozenset()
        self.heaviest_first = False
        self._open: set[Path] = set()
        self._shut: set[Path] = set()  # closed by hand while filtered
        self._unfolded: set[Path] = set()  # opened by hand while filtered
        self._kept: frozenset[str] | None = None
        self._home: dict[str, str] = {}
        self._preorder: list[str] = []
        self.show(forest)

    def show(self, forest: Forest) -> None:
        """Take another forest, or the same with other numbers; what is open stays open."""
        self.forest = forest
        self._visit()
        self._match()
        self.rebuild()

    def filter(self, query: str) -> None:
        """Keep only what matches and what leads there; "" shows everything again."""
        self.query = query.strip()
        self._shut.clear()
        self._unfolded.clear()
        self._match()
        self.rebuild()

    def open(self, index: int) -> None:
        """Show what is under a row. While filtered, that is everything under it."""
        path = self.rows[index].path
        if self._kept is None:
            self._open.add(path)
        elif path in self._shut:
            self._shut.discard(path)
        else:
            self._unfolded.add(path)
        self.rebuild()

    def close(self, index: int) -> None:
        """Hide what is under a row."""
        path = self.rows[index].path
        if self._kept is None:
            self._open.discard(path)
        elif path in self._unfolded:
            self._unfolded.discard(path)
        else:
            self._shut.add(path)
        self.rebuild()

    def open_path(self, path: Path) -> None:
        """Open everything above the last node of a path, and that node."""
        self._open.update(path[:depth] for depth in range(1, len(path) + 1))
        self.rebuild()

    @property
    def all_open(self) -> bool:
        """Whether no row could be opened but repeated ones."""
        return all(row.opened or row.again or not row.openable for row in self.rows)

    def open_all(self) -> None:
        """Open every node at its home."""
        self._shut.clear()
        paths: dict[str, Path] = {}
        for key in self._preorder:
            above = paths[self._home[key]] if self._home[key] else ()
            paths[key] = (*above, key)
            if self.forest.children(key):
                self._open.add(paths[key])
        self.rebuild()

    def close_all(self) -> None:
        """Show the roots only."""
        self._open.clear()
        self._unfolded.clear()
        self._shut = {row.path for row in self.rows if row.depth == 0 and row.opened}
        self.rebuild()

    def order(self, *, heaviest_first: bool) -> None:
        """Order siblings by their size, or as they are declared."""
        self.heaviest_first = heaviest_first
        self._visit()
        self._match()
        self.rebuild()

    def index_of(self, path: Path) -> int | None:
        """The row of a path, if it is in view."""
        return next((index for index, row in enumerate(self.rows) if row.path == path), None)

    def nearest(self, path: Path) -> int | None:
        """The row of a path; else of its last node wherever it stands first; else of what is above
        it and still in view.
        """
        rows = {row.path: index for index, row in enumerate(self.rows)}
        if path in rows:
            return rows[path]
        elsewhere = next((i for i, row in enumerate(self.rows) if row.key == path[-1]), None)
        if elsewhere is not None:
            return elsewhere
        above = (
            rows[path[:depth]] for depth in range(len(path) - 1, 0, -1) if path[:depth] in rows
        )
        return next(above, None)

    def home_path(self, key: str) -> Path:
        """The way from a root to a node's home; () for a key that is not in the forest."""
        if key not in self._home:
            return ()
        path = [key]
        while self._home[path[0]]:
            path.insert(0, self._home[path[0]])
        return tuple(path)

    def rebuild(self) -> None:
        """Make the rows anew."""
        rows: list[Row] = []
        stack: list[tuple[Path, bool]] = [
            ((key,), True) for key in reversed(self._ordered(self.forest.roots()))
        ]
        while stack:
            path, home_above = stack.pop()
            key = path[-1]
            parent = path[-2] if len(path) > 1 else ""
            at_home = home_above and self._home.get(key) == parent
            if not self._shown(key, at_home=at_home) and path[:-1] not in self._unfolded:
                continue
            children = self.forest.children(key)
            cycle = key in path[:-1]
            openable = bool(children) and not cycle
            opened = openable and self._is_open(path, at_home=at_home)
            rows.append(Row(key, path, openable, opened, not at_home, cycle))
            if opened:
                stack.extend(
                    ((*path, child), at_home) for child in reversed(self._ordered(children))
                )
        self.rows = rows

    def _is_open(self, path: Path, *, at_home: bool) -> bool:
        if self._kept is None:
            return path in self._open
        if path in self._unfolded:
            return True
        return path not in self._shut and at_home and self._leads_on(path[-1])

    def _leads_on(self, key: str) -> bool:
        """Whether something under a node's home is kept by the filter."""
        return any(
            self._shown(child, at_home=self._home[child] == key)
            for child in self.forest.children(key)
        )

    def _shown(self, key: str, *, at_home: bool) -> bool:
        return self._kept is None or key in self.matches or (at_home and key in self._kept)

    def _ordered(self, keys: Sequence[str]) -> Sequence[str]:
        if not self.heaviest_first:
            return keys
        return sorted(keys, key=lambda key: -self.forest.weight(key))

    def _visit(self) -> None:
        """Find each node's home: a root is its own, else it is where it stands first when
        everything is open.
        """
        roots = self._ordered(self.forest.roots())
        self._home = {}
        self._preorder = []
        declared = frozenset(roots)
        stack = [(root, "") for root in reversed(roots)]
        while stack:
            key, parent = stack.pop()
            if key in self._home or (parent and key in declared):
                continue
            self._home[key] = parent
            self._preorder.append(key)
            stack.extend(
                (child, key) for child in reversed(self._ordered(self.forest.children(key)))
            )

    def _match(self) -> None:
        if not self.query:
            self.matches, self._kept = frozenset(), None
            return
        self.matches = frozenset(self.forest.matching(self.query))
        kept: set[str] = set()
        for key in reversed(self._preorder):
            if key in self.matches or any(
                child in self.matches or (self._home[child] == key and child in kept)
                for child in self.forest.children(key)
            ):
                kept.add(key)
        self._kept = frozenset(kept)
