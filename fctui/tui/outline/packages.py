"""A resolution as a forest: what each package brings, or, inverted, who needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from fctui.model.graph import dependents, reachable
from fctui.model.package import Package, Resolution
from fctui.tui.lines.line import Span
from fctui.tui.lines.sizes import size
from fctui.tui.outline.forest import Column
from fctui.tui.signs import SIGNS

_LIMIT = re.compile(r"([<>])(\d+(?:\.\d+)?)([kmg]?)b?")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


class PackageForest:
    """The packages of one manager. `sizes` are installed bytes by id, as far as they are known."""

    columns = (Column("used", 5), Column("own", 9), Column("total", 9))

    def __init__(
        self, resolution: Resolution, sizes: Mapping[str, int], *, inverted: bool = False
    ) -> None:
        self.resolution = resolution
        self.sizes = sizes
        self.inverted = inverted
        self.heading = "package, and who needs it" if inverted else "package"
        self._above = dependents(resolution)
        self._declared = dict.fromkeys(
            root.id for root in resolution.roots if root.id in resolution.packages
        )
        self._totals: dict[str, tuple[int, bool]] = {}

    def roots(self) -> Sequence[str]:
        """What the project declares; inverted, every package by name."""
        if not self.inverted:
            return list(self._declared)
        packages = self.resolution.packages
        return sorted(packages, key=lambda id_: (packages[id_].name.casefold(), id_))

    def children(self, key: str) -> Sequence[str]:
        """What a package requires, or who requires it."""
        if self.inverted:
            return self._above[key]
        required = self.resolution.packages[key].requires
        return [id_ for id_ in dict.fromkeys(required) if id_ in self.resolution.packages]

    def label(self, key: str) -> tuple[Span, ...]:
        """Name, version, and what is unusual about it."""
        package = self.resolution.packages[key]
        declared = key in self._declared
        extras = f"[{','.join(package.extras)}]" if package.extras else ""
        spans = [
            Span(package.name + extras, "declared" if declared else "name"),
            Span(f" {package.version}", "dim"),
        ]
        if package.needs_build:
            spans.append(Span("  sdist", "warn"))
        return tuple(spans)

    def cells(self, key: str) -> tuple[Span, ...]:
        """How many need it, its own size, and its size with everything under it; `~` where not
        every size in that is known yet.
        """
        users = len(self._above[key])
        own = self.sizes.get(key)
        total, known = self.total(key)
        about = "" if known else "~"
        return (
            Span(f"{SIGNS.times}{users}" if users > 1 else "", "used"),
            Span(size(own), "size" if own is not None else "dim"),
            Span(f"{about}{size(total)}" if total else size(None), "size" if known else "dim"),
        )

    def weight(self, key: str) -> int:
        """Bytes with everything under it."""
        return self.total(key)[0]

    def total(self, key: str) -> tuple[int, bool]:
        """Bytes with everything under it, and whether all of them are known."""
        if key not in self._totals:
            under = reachable(self.resolution, [key])
            bytes_ = sum(self.sizes.get(id_, 0) for id_ in under)
            self._totals[key] = bytes_, all(id_ in self.sizes for id_ in under)
        return self._totals[key]

    def is_declared(self, key: str) -> bool:
        """Whether the project itself requires it."""
        return key in self._declared

    def users(self, key: str) -> list[str]:
        """The names of the packages that need it directly."""
        return [self.resolution.packages[id_].name for id_ in self._above[key]]

    def matching(self, query: str) -> Collection[str]:
        """Packages for which every word of the query holds: a part of the name or version, or
        `>5M` and `<100k` for their own size.
        """
        tests = [self._test(word) for word in query.casefold().split()]
        packages = self.resolution.packages.values()
        return [package.id for package in packages if all(test(package) for test in tests)]

    def _test(self, word: str) -> Callable[[Package], bool]:
        limit = _LIMIT.fullmatch(word)
        if limit is None:
            return lambda package: word in f"{package.name} {package.version}".casefold()
        sign, number, unit = limit.groups()
        count = float(number) * _FACTORS[unit]
        if sign == ">":
            return lambda package: self.sizes.get(package.id, 0) > count
        return lambda package: self.sizes.get(package.id, count) < count
