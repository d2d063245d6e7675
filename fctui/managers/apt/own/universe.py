"""The packages that the resolver chooses among, read from the index as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.own.mention import order_of
from fctui.managers.apt.relations import Relation, newest, parse_provides, parse_relations

KINDS = ("Pre-Depends", "Depends", "Conflicts", "Breaks", "Recommends", "Suggests")
# In the order in which apt walks them: debListParser::NewVersion.

NEGATIVE = frozenset({"Conflicts", "Breaks"})
CRITICAL = frozenset({"Pre-Depends", "Depends", "Conflicts", "Breaks"})
# What a package does not work without: pkgCache::DepIterator::IsCritical.

_PRIORITIES = {"required": 1, "important": 2, "standard": 3, "optional": 4, "extra": 5}
# Debian Policy 2.5, and the numbers by which apt compares them; 0 where none is named.

USUAL, AUTOMATIC_UPGRADES, NOT_AUTOMATIC = 500, 100, 1
# Pins of an archive's versions: apt_preferences(5), "the default priority assignments".

INSTALLED = 100
# The pin of a version that is installed and in no archive.


class Group(Struct, frozen=True):
    """One comma-separated part of a relation field with its alternatives: Policy 7.1."""

    kind: str
    alternatives: tuple[Relation, ...]

    @property
    def negative(self) -> bool:
        """Whether it names what must not be there."""
        return self.kind in NEGATIVE

    @property
    def critical(self) -> bool:
        """Whether a package is broken where it does not hold."""
        return self.kind in CRITICAL


class Version:
    """One version of a package. `arch` is `all` or that of the machine; `pin` as in
    apt_preferences(5); `list` the number of the list that it is from, -1 for the status.
    """

    __slots__ = (
        *("name", "version", "arch", "multi_arch", "priority", "essential", "important"),
        *("groups", "provides", "pin", "stanza", "list"),
    )

    def __init__(self, stanza: str, pin: int, number: int = -1) -> None:
        fields = parsed(stanza)
        self.name = fields["Package"]
        self.version = fields["Version"]
        self.arch = fields.get("Architecture", "all")
        self.multi_arch = fields.get("Multi-Arch", "no")
        self.priority = _PRIORITIES.get(fields.get("Priority", ""), 0)
        self.essential = fields.get("Essential") == "yes" or self.name == "apt"
        self.important = "yes" in {fields.get("Important"), fields.get("Protected")}
        self.groups = tuple(
            Group(kind, alternatives)
            for kind in KINDS
            if kind in fields
            for alternatives in parse_relations(fields[kind])
        )
        self.provides = parse_provides(fields.get("Provides", ""))
        self.pin = pin
        self.stanza = stanza
        self.list = number


class Universe:
    """All versions of a suite and of what is installed."""

    def __init__(
        self,
        index: PackageIndex,
        architectures: Sequence[str],
        status: str,
        pins: Sequence[int] = (),
        suites: Sequence[tuple[str, ...]] = (),
    ) -> None:
        """`architectures` begin with the target's own; `status` is the path of a dpkg status;
        `pins` and `suites` are those of the index's lists.
        """
        self.index = index
        self.architectures = tuple(architectures)
        self.native = architectures[0]
        self._pins = tuple(pins)
        self._suites = tuple(suites)
        self._versions: dict[tuple[str, str], tuple[Version, ...]] = {}
        self._provided: dict[str, dict[tuple[str, str], None]] = {}
        self.installed: dict[tuple[str, str], Version] = {}
        for stanza in _installed(status):
            version = Version(stanza, INSTALLED)
            key = self.key(version.name, version.arch)
            self.installed[key] = version
            for provided in version.provides:
                self._provided.setdefault(provided.name, {})[key] = None
        self._order: dict[str, int] | None = None
        self._asked: dict[str, tuple[tuple[str, str], ...]] = {}

    def key(self, name: str, arch: str) -> tuple[str, str]:
        """A package's name and machine; what is for all machines counts as the target's own."""
        return name, self.native if arch in {"all", "native"} else arch

    def versions(self, key: tuple[str, str]) -> tuple[Version, ...]:
        """All versions of a package, newest first, the installed one among them."""
        known = self._versions.get(key)
        if known is None:
            known = self._versions[key] = tuple(self._read(key))
        return known

    def providers(self, virtual: str) -> tuple[tuple[str, str], ...]:
        """The keys of packages of which some version provides a name."""
        known = self._asked.get(virtual)
        if known is None:
            found = dict(self._provided.get(virtual, {}))
            for id_, _ in self.index.providers(virtual):
                name, _, arch = id_.partition(":")
                found[name, arch or self.native] = None
            known = self._asked[virtual] = tuple(found)
        return known

    def is_of(self, version: Version, suite: str) -> bool:
        """Whether a version is from a suite of that name."""
        return 0 <= version.list < len(self._suites) and suite in self._suites[version.list]

    def mentioned(self, name: str) -> int:
        """How late the lists name a package first; last what only the status has."""
        if self._order is None:
            self._order = order_of(self.index)
        return self._order.get(name, len(self._order))

    def _read(self, key: tuple[str, str]) -> Iterable[Version]:
        name, arch = key
        id_ = name if arch == self.native else f"{name}:{arch}"
        found: dict[str, Version] = {}
        for number, stanza in self.index.numbered_stanzas(id_):
            pin = self._pins[number] if number < len(self._pins) else USUAL
            version = Version(stanza, pin, number)
            if self.key(name, version.arch) == key:
                found.setdefault(version.version, version)
        installed = self.installed.get(key)
        if installed is not None:
            same = found.get(installed.version)
            if same is None:
                found[installed.version] = installed
            else:
                self.installed[key] = same
        return sorted(found.values(), key=lambda each: newest(each.version), reverse=True)


def parsed(stanza: str) -> dict[str, str]:
    """The fields of a stanza, each on one line."""
    fields: dict[str, str] = {}
    last = ""
    for line in stanza.split("\n"):
        if line[:1] in {" ", "\t"}:
            if last:
                fields[last] += line
        else:
            last, _, value = line.partition(":")
            fields[last] = value.strip()
    return fields


def _installed(status: str) -> Iterable[str]:
    text = Path(status).read_text(encoding="utf-8", errors="replace")
    return [each for each in text.split("\n\n") if "\nStatus: install ok installed" in each]
