"""What the explorer's rows show: directories, groups, the largest files, twins, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.compare import Difference, PackageChange
from fctui.explore.groups import By, Group, grouped, members
from fctui.explore.packages import Cost
from fctui.explore.selection import Node, Order, Selection
from fctui.explore.twice import Twins
from fctui.present.explore import NOBODY, signed, versions
from fctui.tui.lines.line import Span
from fctui.tui.lines.sizes import size
from fctui.tui.outline.forest import Column
from fctui.tui.outline.rows import Row
from fctui.tui.signs import SIGNS

MOST = 1000
# Rows of the lists that have no end.

_FILES, _SIZE, _ALONE = Column("files", 8), Column("size", 9), Column("alone", 9)


class Inside:
    """A file or directory in a selection: what most rows stand for."""

    __slots__ = ("node", "selection")

    def __init__(self, selection: Selection, node: Node) -> None:
        self.selection = selection
        self.node = node

    @property
    def at(self) -> int | None:
        """The position of a file in the catalog."""
        return None if self.node.is_directory else self.node.first


def file_label(catalog: Catalog, at: int, name: str) -> tuple[Span, ...]:
    """A file's name, its sign where it is a library, and its owner."""
    owner = Span(f"  {catalog.owner(at)[1]}", "dim")
    if catalog.libraries[at]:
        return Span(name, "library"), Span(f" {SIGNS.library}", "library"), owner
    return Span(name), owner


class Directories:
    """The directories of a selection, all together or those of each group for itself."""

    def __init__(
        self,
        selection: Selection,
        by: By | None,
        order: Order,
        costs: Mapping[Owner, Cost],
        without: frozenset[Owner] = frozenset(),
    ) -> None:
        self.selection = selection
        self.by = by
        self.order = order
        self.whole = selection.size
        self._costs = costs if by == "owner" else {}
        self._without = without
        self.columns = (_FILES, _ALONE, _SIZE) if self._costs else (_FILES, _SIZE)
        self.heading = {"owner": "package", None: "file"}.get(by, str(by))

    def roots(self) -> Sequence[Row]:
        """What lies at the top, or the groups."""
        if self.by is None:
            return self._rows(self.selection, self.selection.whole, "", 0)
        groups = grouped(self.selection, self.by, self.order)
        return [Row(f"{g.key}\0", 0, g, g.size, openable=True) for g in groups]

    def children(self, row: Row, most: int | None = None) -> Sequence[Row]:
        """What lies in a directory or belongs to a group."""
        if isinstance(row.item, Group) and self.by is not None:
            inside = members(self.selection, self.by, row.item.number)
            return self._rows(inside, inside.whole, row.key, 1, most)
        assert isinstance(row.item, Inside)  # noqa: S101 - groups and these are all there is
        prefix = row.key[: row.key.rfind("\0") + 1]
        return self._rows(row.item.selection, row.item.node, prefix, row.depth + 1, most)

    def label(self, row: Row) -> tuple[Span, ...]:
        """The name."""
        if isinstance(row.item, Group):
            return self._group(row.item)
        assert isinstance(row.item, Inside)  # noqa: S101
        node, at = row.item.node, row.item.at
        if at is None:
            return (Span(node.name, "name"),)
        return file_label(row.item.selection.catalog, at, node.name)

    def cells(self, row: Row) -> tuple[Span, ...]:
        """Files, bytes, and, of a package, the bytes that go with it."""
        count = ""
        alone: int | None = None
        if isinstance(row.item, Group):
            count = f"{row.item.files:,}"
            cost = self._costs.get((row.item.manager, row.item.name))
            alone = cost.exclusive if cost else None
        elif isinstance(row.item, Inside) and row.item.node.is_directory:
            count = f"{row.item.node.files:,}"
        cells = [Span(count, "used"), Span(size(row.size), "size")]
        if self._costs:
            cells.insert(1, Span("" if alone is None else size(alone), "size"))
        return tuple(cells)

    def _group(self, group: Group) -> tuple[Span, ...]:
        owner = (group.manager, group.name)
        if self.by == "owner" and owner in self._without:
            return Span(group.name, "off"), Span(f"  {SIGNS.failed} without it", "warn")
        return Span(group.name or NOBODY, "name"), Span(f"  {group.manager}", "dim")

    def _rows(
        self, selection: Selection, node: Node, prefix: str, depth: int, most: int | None = None
    ) -> list[Row]:
        return [
            Row(prefix + each.path, depth, Inside(selection, each), each.size, each.is_directory)
            for each in selection.children(node, self.order, most)
        ]


class Largest:
    """The largest files, wherever they lie."""

    heading = "largest files"
    columns = (_SIZE,)

    def __init__(self, selection: Selection) -> None:
        self._catalog = selection.catalog
        self._found = selection.largest(MOST)
        self.whole = self._catalog.sizes[self._found[0]] if self._found else 0

    def roots(self) -> Sequence[Row]:
        """The files."""
        catalog = self._catalog
        return [Row(catalog.paths[at], 0, at, catalog.sizes[at]) for at in self._found]

    def children(self, row: Row, most: int | None = None) -> Sequence[Row]:  # noqa: ARG002 - files have none
        """None."""
        return ()

    def label(self, row: Row) -> tuple[Span, ...]:
        """The whole path."""
        assert isinstance(row.item, int)  # noqa: S101
        return file_label(self._catalog, row.item, row.key)

    def cells(self, row: Row) -> tuple[Span, ...]:
        """Bytes."""
        return (Span(size(row.size), "size"),)


class Twice:
    """Libraries and files that are there more than once."""

    heading = "more than once"
    columns = (Column("times", 6), Column("wasted", 9))

    def __init__(self, selection: Selection, twins: Sequence[tuple[str, Twins]]) -> None:
        catalog = self._catalog = selection.catalog
        all_ = len(selection) == len(catalog)
        chosen = range(len(catalog)) if all_ else set(selection.chosen)
        self._twins = [
            (kind, each)
            for kind, each in twins
            if any(at in chosen for at in each.positions)
        ][:MOST]  # fmt: skip
        self.whole = max((each.wasted for _, each in self._twins), default=0)

    def roots(self) -> Sequence[Row]:
        """What is there several times."""
        return [
            Row(f"{kind}\0{each.name}", 0, each, each.wasted, openable=True)
            for kind, each in self._twins
        ]

    def children(self, row: Row, most: int | None = None) -> Sequence[Row]:  # noqa: ARG002 - few
        """The places where it is."""
        assert isinstance(row.item, Twins)  # noqa: S101
        catalog = self._catalog
        return [
            Row(f"{row.key}\0{catalog.paths[at]}", 1, at, catalog.sizes[at])
            for at in row.item.positions
        ]

    def label(self, row: Row) -> tuple[Span, ...]:
        """The first path, or the soname."""
        if isinstance(row.item, int):
            return file_label(self._catalog, row.item, self._catalog.paths[row.item])
        assert isinstance(row.item, Twins)  # noqa: S101
        library = row.key.startswith("library\0")
        name = Span(row.item.name, "library" if library else "name")
        return (name, Span(f" {SIGNS.library}", "library")) if library else (name,)

    def cells(self, row: Row) -> tuple[Span, ...]:
        """How often, and bytes that one would have saved; of each place its own."""
        if isinstance(row.item, Twins):
            times = f"{SIGNS.times}{len(row.item.positions)}"
            return Span(times, "used"), Span(size(row.size), "size")
        return Span(""), Span(size(row.size), "dim")


class Changes:
    """What has changed since the bundle that stood there before."""

    heading = "since the bundle before"
    columns = (Column("before", 9), Column("after", 9), Column("change", 10))

    def __init__(self, difference: Difference, words: Sequence[str]) -> None:
        self._files: dict[Owner, list[FileChange]] = {}
        for file in difference.files:
            if all(word in f"{file.path} {file.owner[1]}".casefold() for word in words):
                self._files.setdefault(file.owner, []).append(file)
        self._packages = [
            package
            for package in difference.packages
            if package.owner in self._files
            or (all(word in package.owner[1].casefold() for word in words))
        ]
        self.whole = max((abs(package.grown) for package in self._packages), default=0)

    def roots(self) -> Sequence[Row]:
        """The packages, those first that have changed most."""
        return [
            Row(" ".join(each.owner), 0, each, abs(each.grown), each.owner in self._files)
            for each in self._packages
        ]

    def children(self, row: Row, most: int | None = None) -> Sequence[Row]:  # noqa: ARG002 - few
        """The files of a package that have changed."""
        assert isinstance(row.item, PackageChange)  # noqa: S101
        files = sorted(self._files[row.item.owner], key=lambda file: (-abs(file.grown), file.path))
        return [Row(f"{row.key}\0{each.path}", 1, each, abs(each.grown)) for each in files]

    def label(self, row: Row) -> tuple[Span, ...]:
        """The package with its versions; the file with what became of it."""
        if isinstance(row.item, FileChange):
            sign, style = {"added": ("+", "added"), "removed": ("-", "removed")}.get(
                row.item.what, ("~", "warn")
            )
            return Span(f"{sign} ", style), Span(row.item.path)
        assert isinstance(row.item, PackageChange)  # noqa: S101
        return Span(row.item.owner[1] or NOBODY, "name"), Span(versions(row.item), "dim")

    def cells(self, row: Row) -> tuple[Span, ...]:
        """Bytes before and after, and the difference."""
        assert isinstance(row.item, FileChange | PackageChange)  # noqa: S101
        grown = row.item.grown
        style = "removed" if grown > 0 else "added" if grown < 0 else "dim"
        return (
            Span(size(row.item.before), "size"),
            Span(size(row.item.after), "size"),
            Span(signed(grown), style),
        )
