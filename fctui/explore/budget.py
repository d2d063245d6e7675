"""What the target allows and how much of it is used; and how much would be, if packages went."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct

from fctui.archive.layers import split
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.packages import going
from fctui.explore.zipped import Zipped, by_owner
from fctui.model.target import Target

_CODE = frozenset({"", "project", "fctui"})
# Managers whose files stay in the archive of the code when layers are made.


class Gauge(Struct, frozen=True):
    """One limit: how much is used of how much (None: the target names no limit)."""

    name: str
    used: int
    limit: int | None
    exact: bool = True
    unit: Literal["bytes", "layers"] = "bytes"

    @property
    def part(self) -> float:
        """From 0 to 1, above that where it does not fit."""
        return self.used / self.limit if self.limit else 0.0

    @property
    def over(self) -> bool:
        """Whether it does not fit."""
        return self.limit is not None and self.used > self.limit


class Budget:
    """Sums by owner, made once; every what-if after that costs next to nothing."""

    def __init__(self, catalog: Catalog, target: Target, zipped: Zipped | None = None) -> None:
        self.catalog = catalog
        self.target = target
        self.sizes = _by_owner(catalog)
        self.zipped = by_owner(catalog, zipped) if zipped else None
        self._end = zipped.total - sum(zipped.sizes) if zipped else 0
        self._exact = zipped is not None and zipped.exact == len(catalog)

    def gone(self, without: Collection[Owner]) -> set[Owner]:
        """The packages that would go with these."""
        return going(self.catalog, without) if without else set()

    def gauges(self, without: Collection[Owner] = ()) -> list[Gauge]:
        """The limits as they would be used without some packages and what only they bring."""
        gone = self.gone(without)
        left = [n for n, owner in enumerate(self.catalog.owner_table) if owner not in gone]
        limits = self.target.limits
        found = [Gauge("unzipped", sum(self.sizes[n] for n in left), limits.unzipped)]
        if self.zipped is not None:
            packed = sum(self.zipped[n] for n in left) + self._end
            if limits.zip_api is not None:
                found.append(Gauge("zip by API", packed, limits.zip_api, self._exact))
            if limits.zip_storage is not None:
                found.append(Gauge("zip by storage", packed, limits.zip_storage, self._exact))
            if limits.zip_api is None and limits.zip_storage is None:
                found.append(Gauge("zip", packed, None, self._exact))
            if limits.layers:
                found.append(self._layers(left))
        variables = self.catalog.about.environment
        used = sum(len(f"{name}={value}".encode()) for name, value in variables.items())
        found.append(Gauge("environment", used, limits.environment))
        return found

    def _layers(self, left: list[int]) -> Gauge:
        """How many layers `pack --layers` would need."""
        sizes: Mapping[Owner, int] = {
            self.catalog.owner_table[n]: self.zipped[n]
            for n in left
            if self.zipped is not None and self.catalog.owner_table[n][0] not in _CODE
        }
        count = len(split(self.target, sizes).layers)
        return Gauge("layers", count, self.target.limits.layers, self._exact, "layers")


def _by_owner(catalog: Catalog) -> list[int]:
    sums = [0] * len(catalog.owner_table)
    for number, size in zip(catalog.owners, catalog.sizes, strict=True):
        sums[number] += size
    return sums
