"""What is being explored and how one looks at it: no widget, only what they show."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from fctui.explore.budget import Budget, Gauge
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.compare import Difference, PackageChange, compare
from fctui.explore.groups import BYS, By, Group
from fctui.explore.packages import Cost, costs, going
from fctui.explore.query import matcher, parse
from fctui.explore.selection import ORDERS, Order, Selection
from fctui.explore.twice import Twins, identical, libraries_twice
from fctui.explore.zipped import Zipped, zipped
from fctui.model.target import Target
from fctui.store.store import Store
from fctui.tui.outline.explored import Changes, Directories, Inside, Largest, Twice
from fctui.tui.outline.rows import Source

if TYPE_CHECKING:
    from fctui.workflow.what_if import PackageStep, Tried


class View(StrEnum):
    """The ways to look."""

    TREE = "tree"
    MAP = "map"
    LARGEST = "largest"
    TWICE = "twice"
    CHANGES = "changes"


class Weighed(Struct, frozen=True):
    """What takes a moment to find out: made by a thread."""

    costs: Mapping[Owner, Cost]
    zipped: Zipped
    budget: Budget


class Trial(Struct, frozen=True):
    """What a change would make of the bundle, beside what it is."""

    tried: Tried
    weighed: Weighed
    steps: tuple[PackageStep, ...]


def weigh(catalog: Catalog, target: Target, store: Store | None) -> Weighed:
    """What the packages cost, what the files take in a zip, and what of the limits they use."""
    found = zipped(catalog, store)
    # So that the first letter of a filter need not wait for it:
    catalog.folded, catalog.stretches, catalog.types, catalog.managers  # noqa: B018
    return Weighed(costs(catalog), found, Budget(catalog, target, found))


def find_twins(catalog: Catalog) -> list[tuple[str, Twins]]:
    """Libraries of one name and identical files, those first that waste most."""
    libraries = [("library", each) for each in libraries_twice(catalog)]
    files = [("file", each) for each in identical(catalog)]
    return sorted([*libraries, *files], key=lambda found: -found[1].wasted)


class Exploration:
    """One catalog, with a filter, an order, a grouping and what-ifs."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.view = View.TREE
        self.by: By | None = None
        self.order: Order = "name"
        self.query = ""
        self.without: frozenset[Owner] = frozenset()
        self.selection = Selection(catalog)
        self.weighed: Weighed | None = None
        self.trial: Trial | None = None
        self.twins: list[tuple[str, Twins]] | None = None
        self.before: Catalog | None = None
        self.difference: Difference | None = None
        self._match = matcher(catalog)

    def like(self, other: Exploration) -> None:
        """Look at it in the same way as at another one."""
        self.view, self.by, self.order = other.view, other.by, other.order
        self.before = other.before
        owners = set(self.catalog.owner_table)
        self.without = frozenset(owner for owner in other.without if owner in owners)
        self.filter(other.query)

    def filter(self, query: str) -> None:
        """Choose the files that match."""
        self.query = query
        self.selection = self._match(query)

    def source(self) -> Source:
        """The rows of the view in force; the map has those of the tree."""
        match self.view:
            case View.LARGEST:
                return Largest(self.selection)
            case View.TWICE:
                return Twice(self.selection, self.twins or ())
            case View.CHANGES if self.difference is not None:
                return Changes(self.difference, parse(self.query).words)
        known = self.weighed.costs if self.weighed else {}
        return Directories(self.selection, self.by, self.order, known, self.gone)

    @property
    def about(self) -> object:
        """What decides about the rows of the whole, as far as they are not the same."""
        found = (self.weighed is None, self.twins is None, self.difference is None)
        return (id(self.catalog), self.view, self.by, self.order, found)

    def next_view(self) -> None:
        """The next way to look."""
        views = [view for view in View if view is not View.CHANGES or self.before is not None]
        self.view = views[(views.index(self.view) + 1) % len(views)]

    def next_by(self) -> None:
        """The next grouping; after the last one the directories again."""
        all_: tuple[By | None, ...] = (None, *BYS)
        self.by = all_[(all_.index(self.by) + 1) % len(all_)]
        if self.by is not None and self.order == "name":
            self.order = "size"  # who sums wants to see what is most

    def next_order(self) -> None:
        """The next order."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]

    def owner_of(self, item: object) -> Owner | None:
        """The package that something is of, where it is of one alone."""
        catalog = self.catalog
        match item:
            case Group():
                return (item.manager, item.name) if self.by == "owner" else None
            case int():
                return catalog.owner(item)
            case Inside():
                owners = catalog.owners
                number = owners[item.node.first]
                alone = all(owners[at] == number for at in item.selection.positions(item.node))
                return catalog.owner_table[number] if alone else None
            case PackageChange() | FileChange():
                return item.owner if item.owner in catalog.owner_table else None
        return None

    def path_of(self, item: object) -> str:
        """The file that something is; "" for a directory, a group, a package."""
        match item:
            case int():
                return self.catalog.paths[item]
            case Inside(at=int(at)):
                return self.catalog.paths[at]
            case FileChange():
                return item.path
        return ""

    def turn_without(self, owner: Owner) -> None:
        """As if a package were not there, or there again."""
        self.without ^= {owner}

    @property
    def gone(self) -> frozenset[Owner]:
        """Every package that would go with those that are left out for a try."""
        return frozenset(going(self.catalog, self.without)) if self.without else frozenset()

    def gauges(self) -> list[tuple[Gauge, Gauge | None]]:
        """Each limit as it is used, and as it would be with what is tried."""
        if self.weighed is None:
            return []
        now = self.weighed.budget.gauges()
        if not self.without and self.trial is None:
            return [(gauge, None) for gauge in now]
        then = (self.trial or self).weighed or self.weighed
        return list(zip(now, then.budget.gauges(self.without), strict=True))

    def differ(self) -> Difference | None:
        """What has changed since the bundle before; takes a moment."""
        return compare(self.before, self.catalog) if self.before is not None else None
