"""Files in columns, sorted by path: a hundred thousand of them take no longer to sum than to read.

In sorted paths everything below a directory stands together, whatever its name: all strings with
one beginning do. So a directory is a range of positions, and its bytes are one subtraction.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, groupby, islice
from pathlib import Path
from typing import Literal, TypeVar

from msgspec import Struct, field

from fctui.explore.change import FileChange
from fctui.explore.types import type_of
from fctui.model.plan import Category, Origin

Owner = tuple[str, str]
"""Manager and package id; a function's own files have their project's."""

Kind = Literal["plan", "bundle", "directory"]
Where = Path | bytes | None
"""Where a file's bytes lie: a file, bytes that will be written, or None while nobody has them."""

_T = TypeVar("_T")

CATEGORIES = tuple(Category)
_NUMBERS = {category: number for number, category in enumerate(CATEGORIES)}


class About(Struct, frozen=True, kw_only=True):
    """What is known of the whole. `place` is the directory, where there is one already; `unread`
    is what could not be looked into, `edits` what was done to a bundle since it was built, by path,
    as far as somebody has `looked`.
    """

    kind: Kind
    place: Path | None = None
    target: str = ""
    method: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    unread: tuple[str, ...] = ()
    edits: tuple[FileChange, ...] = ()
    looked: bool = True


class Columns(Struct, frozen=True):
    """One entry for each file in each column, in any order; sizes in bytes."""

    paths: Sequence[str]
    sizes: Sequence[int]
    owners: Sequence[Owner]
    categories: Sequence[Category]
    libraries: Sequence[bool]
    links: dict[str, str]


class Catalog:
    """All files of a plan, bundle or directory, by position from 0.

    `hashes` tells the SHA-256 of each path in hex, "" where it is not known or a link's;
    `locate` where a position's bytes lie. Both are asked late, for they may have to read.
    """

    def __init__(
        self,
        columns: Columns,
        about: About,
        *,
        hashes: Callable[[Sequence[str]], Sequence[str]],
        locate: Callable[[str], Where],
    ) -> None:
        order = _order(columns.paths)
        table: dict[Owner, int] = {}
        numbers = [table.setdefault(owner, len(table)) for owner in columns.owners]
        self.about = about
        self.paths = _sorted(columns.paths, order)
        self.sizes = list(_sorted(columns.sizes, order))
        self.owners = array("L", _sorted(numbers, order))
        self.categories = bytes(_sorted([_NUMBERS[each] for each in columns.categories], order))
        self.libraries = bytes(_sorted(columns.libraries, order))
        self.links = columns.links
        self.owner_table: tuple[Owner, ...] = tuple(table)
        self._hashes = hashes
        self._locate = locate

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def sums(self) -> array[int]:
        """Bytes of the files before each position; one more entry than there are files."""
        return array("q", accumulate(self.sizes, initial=0))

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self.sums[-1]

    @cached_property
    def folded(self) -> list[str]:
        """The paths as a filter looks at them: without upper and lower case."""
        return [path if path.islower() else path.casefold() for path in self.paths]

    @cached_property
    def stretches(self) -> list[tuple[int, int, int]]:
        """Files of one owner that stand together: its number, the first, and the one after."""
        found = []
        first = 0
        for owner, files in groupby(self.owners):
            last = first + sum(1 for _ in files)
            found.append((owner, first, last))
            first = last
        return found

    @cached_property
    def hashes(self) -> Sequence[str]:
        """SHA-256 by position; reads what has to be read for that, once."""
        return self._hashes(self.paths)

    def hashes_at(self, positions: Sequence[int]) -> Sequence[str]:
        """The same of some positions, for which nothing else is read."""
        if "hashes" in self.__dict__:
            return [self.hashes[at] for at in positions]
        return self._hashes([self.paths[at] for at in positions])

    @cached_property
    def types(self) -> tuple[tuple[str, ...], array[int]]:
        """The kinds of files by their names, and for each position the number of its kind."""
        table: dict[str, int] = {}
        links = self.links
        numbers = array("H")
        for path in self.paths:
            name = type_of(path) if path not in links else "link"
            numbers.append(table.setdefault(name, len(table)))
        return tuple(table), numbers

    @cached_property
    def managers(self) -> tuple[list[tuple[str, str]], Sequence[int]]:
        """The managers as groups with no manager of their own, and the number of each file's."""
        table: dict[str, int] = {}
        of = [table.setdefault(manager, len(table)) for manager, _ in self.owner_table]
        return [("", name) for name in table], array("H", [of[owner] for owner in self.owners])

    @cached_property
    def origins(self) -> Mapping[Owner, Origin]:
        """What is known of the packages behind the owners."""
        return {(origin.manager, origin.id): origin for origin in self.about.origins}

    def owner(self, at: int) -> Owner:
        """Whose a file is."""
        return self.owner_table[self.owners[at]]

    def category(self, at: int) -> Category:
        """What a file is installed as."""
        return CATEGORIES[self.categories[at]]

    def locate(self, path: str) -> Where:
        """Where a file's bytes lie, as far as that is known."""
        return self._locate(path)


def _order(paths: Sequence[str]) -> list[int] | None:
    """The positions in the order of the paths; None where they are in it, as most sources are."""
    if all(map(operator.le, paths, islice(paths, 1, None))):
        return None
    return sorted(range(len(paths)), key=paths.__getitem__)


def _sorted(column: Sequence[_T], order: list[int] | None) -> Sequence[_T]:
    return column if order is None else [column[at] for at in order]
