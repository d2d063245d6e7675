"""The same bytes, summed by whose they are and what they are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from fctui.explore.catalog import CATEGORIES, Catalog
from fctui.explore.selection import Order, Selection

By = Literal["owner", "manager", "category", "type"]
BYS: tuple[By, ...] = ("owner", "manager", "category", "type")


class Group(Struct, frozen=True):
    """Files that have something in common. `manager` tells owners of one name apart; `number` is
    that of the group in its column.
    """

    name: str
    files: int
    size: int
    number: int
    manager: str = ""

    @property
    def key(self) -> str:
        """Unique among the groups of one kind."""
        return f"{self.manager} {self.name}" if self.manager else self.name


def grouped(selection: Selection, by: By, order: Order = "size") -> list[Group]:
    """The groups that have files; together they are the whole selection, to the byte."""
    catalog = selection.catalog
    labels, numbers = column(catalog, by)
    counts, sizes = [0] * len(labels), [0] * len(labels)
    if len(selection) == len(catalog):
        for number, size in zip(numbers, catalog.sizes, strict=True):
            counts[number] += 1
            sizes[number] += size
    else:
        for at in selection.chosen:
            number = numbers[at]
            counts[number] += 1
            sizes[number] += catalog.sizes[at]
    found = [
        Group(name, counts[number], sizes[number], number, manager)
        for number, (manager, name) in enumerate(labels)
        if counts[number]
    ]
    found.sort(key=lambda group: (group.name, group.manager))
    if order != "name":
        found.sort(key=lambda group: -(group.size if order == "size" else group.files))
    return found


def members(selection: Selection, by: By, number: int) -> Selection:
    """The files of one group."""
    _, numbers = column(selection.catalog, by)
    return Selection(
        selection.catalog, array("L", [at for at in selection.chosen if numbers[at] == number])
    )


def column(catalog: Catalog, by: By) -> tuple[Sequence[tuple[str, str]], Sequence[int]]:
    """The groups' managers and names by number, and the number of each file."""
    if by == "owner":
        return catalog.owner_table, catalog.owners
    if by == "manager":
        return catalog.managers
    if by == "category":
        return [("", str(category)) for category in CATEGORIES], catalog.categories
    names, numbers = catalog.types
    return [("", name) for name in names], numbers
