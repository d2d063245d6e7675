"""Relations between packages, Debian Policy chapter 7, and who satisfies them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

_RELATION = re.compile(
    r"\s*(?P<name>[a-zA-Z0-9][a-zA-Z0-9+.\-]*)(?::(?P<arch>[a-z0-9\-]+))?"
    r"\s*(?:\(\s*(?P<operator><<|<=|=|>=|>>|<|>)\s*(?P<version>[^\s)]+)\s*\))?"
)


class Relation(NamedTuple):
    """`name:arch (operator version)`; parts that are not there are ""."""

    name: str
    arch: str
    operator: str
    version: str


class Available(Struct, frozen=True):
    """A package that may satisfy a relation: its id, version, architecture and `Provides`."""

    id: str
    name: str
    version: str
    arch: str
    provides: tuple[Relation, ...] = ()


@functools.lru_cache(maxsize=4096)
def parse_relations(text: str) -> tuple[tuple[Relation, ...], ...]:
    """The groups of a relation field (all must hold) with their alternatives (one must)."""
    groups = []
    for group in text.split(","):
        alternatives = [
            Relation(
                match["name"], match["arch"] or "", match["operator"] or "", match["version"] or ""
            )
            for alternative in group.split("|")
            if (match := _RELATION.match(alternative))
        ]
        if alternatives:
            groups.append(tuple(alternatives))
    return tuple(groups)


def parse_provides(text: str) -> tuple[Relation, ...]:
    """The names (and versions) of a `Provides` field."""
    return tuple(group[0] for group in parse_relations(text))


class Satisfiers:
    """Looks up who satisfies a relation among some packages."""

    def __init__(self, packages: Iterable[Available], arch: str) -> None:
        """`arch` is the native architecture, that of relations which name none."""
        self._arch = arch
        self._named: dict[str, list[Available]] = {}
        self._provided: dict[str, list[tuple[str, Available]]] = {}
        for package in packages:
            self._named.setdefault(package.name, []).append(package)
            for provided in package.provides:
                entry = (provided.version, package)
                self._provided.setdefault(provided.name, []).append(entry)

    def of(self, relation: Relation, dependent_arch: str) -> list[Available]:
        """The packages that satisfy it: those of that name first, then those that provide it."""
        wanted = relation.arch or dependent_arch
        if wanted in {"all", "native"}:
            wanted = self._arch
        found = [
            package
            for package in self._named.get(relation.name, ())
            if wanted in {"any", package.arch} or package.arch == "all"
            if holds(package.version, relation)
        ]
        for version, package in self._provided.get(relation.name, ()):
            if package.arch not in {wanted, "all"} and wanted != "any":
                continue
            # Policy 7.5: a versioned relation is satisfied by a versioned Provides only.
            if package not in found and (not relation.operator or holds(version, relation)):
                found.append(package)
        return found


def holds(version: str, relation: Relation) -> bool:
    """Whether a version satisfies a relation's version; none ("") satisfies no versioned one."""
    if not relation.operator:
        return True
    if not version:
        return False
    order = compare(version, relation.version)
    match relation.operator:
        case "<<":
            return order < 0
        case "<=" | "<":
            return order <= 0
        case "=":
            return order == 0
        case ">=" | ">":
            return order >= 0
        case _:
            return order > 0


@functools.lru_cache(maxsize=1 << 16)
def compare(one: str, other: str) -> int:
    """Below, equal to or above 0, as deb-version(7) orders them."""
    if one == other:
        return 0
    from debian.debian_support import version_compare

    return int(version_compare(one, other))


newest = functools.cmp_to_key(compare)
"""A sort key for versions."""
