"""Which version of each package is there, is to be there, or could be: what apt calls DepCache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from fctui.managers.apt.own.universe import Group, Universe, Version
from fctui.managers.apt.relations import Relation, holds


class Mode(Enum):
    """What happens to a package."""

    KEEP = "keep"
    INSTALL = "install"
    DELETE = "delete"


class Node:
    """A package on one architecture: `current` is installed, `install` would be, `candidate` is
    what an installation would take.
    """

    __slots__ = (
        *("name", "arch", "versions", "current", "candidate", "install", "mode"),
        *("protected", "auto"),
    )

    def __init__(self, key: tuple[str, str], universe: Universe) -> None:
        self.name, self.arch = key
        self.versions = universe.versions(key)
        self.current = universe.installed.get(key)
        self.candidate = _candidate(self.versions, self.current)
        self.install = self.current
        self.mode = Mode.KEEP
        self.protected = False
        self.auto = False

    @property
    def key(self) -> tuple[str, str]:
        """Name and architecture."""
        return self.name, self.arch

    @property
    def essential(self) -> bool:
        """Whether any of its versions is."""
        return any(version.essential for version in self.versions)

    @property
    def important(self) -> bool:
        """Whether any of its versions is protected: deb-control(5), `Protected`."""
        return any(version.important for version in self.versions)


Pick = Callable[[Node], Version | None]


def current(node: Node) -> Version | None:
    """The version that is installed."""
    return node.current


def candidate(node: Node) -> Version | None:
    """The version that could be."""
    return node.candidate


def install(node: Node) -> Version | None:
    """The version that will be."""
    return node.install


def _candidate(versions: tuple[Version, ...], now: Version | None) -> Version | None:
    """The highest pin wins, then the newest; nothing goes back: apt_preferences(5)."""
    best: Version | None = None
    for version in versions:
        if best is None or version.pin > best.pin:
            best = version
        if version is now:
            break
    return best


class State:
    """All packages that were looked at."""

    def __init__(self, universe: Universe, *, recommends: bool) -> None:
        self.universe = universe
        self.recommends = recommends
        self._nodes: dict[tuple[str, str], Node] = {}
        self._targets: dict[tuple[str, str, str], tuple[tuple[Node, ...], tuple[Node, ...]]] = {}
        for key in list(universe.installed):
            self.node(key)

    @property
    def nodes(self) -> list[Node]:
        """Those that were looked at, in that order."""
        return list(self._nodes.values())

    def node(self, key: tuple[str, str]) -> Node:
        """The package of a name and architecture; one without versions is virtual or missing."""
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Node(key, self.universe)
        return found

    def is_important(self, group: Group) -> bool:
        """Whether it is cared for: what is critical, and recommendations if they are wanted."""
        return group.critical or (group.kind == "Recommends" and self.recommends)

    def groups(self, version: Version) -> Iterator[Group]:
        """A version's relations, with those that its architecture implies."""
        yield from version.groups
        for arch in self.universe.architectures:
            if len(self.universe.architectures) == 1 or arch == version.arch:
                continue
            if version.arch == "all" and arch == self.universe.native:
                continue
            if version.multi_arch == "same":
                for operator in ("<<", ">>"):
                    other = Relation(version.name, arch, operator, version.version)
                    yield Group("Breaks", (other,))
            else:
                yield Group("Conflicts", (Relation(version.name, arch, "", ""),))

    def hits(self, relation: Relation, parent: Version, pick: Pick, kind: str) -> Iterator[Node]:
        """The packages whose picked version is what a relation names. A negative one never means
        its own package, nor a package of that name that provides it.
        """
        negative = kind in {"Conflicts", "Breaks"}
        direct, providing = self._named(relation, parent, negative=negative)
        for node in direct:
            version = pick(node)
            if version is None or not holds(version.version, relation):
                continue
            if negative and self._is_own(node, relation, parent):
                continue
            yield node
        for node in providing:
            version = pick(node)
            if version is None or (negative and node.name == parent.name):
                continue
            if self._provides(node, version, relation, parent):
                yield node

    def satisfied(self, group: Group, parent: Version, pick: Pick) -> bool:
        """Whether a group holds with the picked versions."""
        return self.any_hit(group, parent, pick) != group.negative

    def any_hit(self, group: Group, parent: Version, pick: Pick) -> bool:
        """Whether any alternative names a package whose picked version is there."""
        return any(
            next(self.hits(relation, parent, pick, group.kind), None) is not None
            for relation in group.alternatives
        )

    def broken(self, node: Node) -> bool:
        """Whether what will be there of a package lacks something, or must not be there."""
        version = node.install
        return version is not None and not all(
            self.satisfied(group, version, install)
            for group in self.groups(version)
            if group.critical
        )

    def policy_broken(self, node: Node) -> bool:
        """The same, recommendations included where they are wanted."""
        version = node.install
        return version is not None and not all(
            self.satisfied(group, version, install)
            for group in self.groups(version)
            if self.is_important(group)
        )

    def all_broken(self) -> list[Node]:
        """All packages that would be broken."""
        return [node for node in self.nodes if node.install is not None and self.broken(node)]

    def _named(
        self, relation: Relation, parent: Version, *, negative: bool
    ) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        """The packages of a relation's name, and those of which a version provides it."""
        arch = relation.arch or ("*" if negative else self._arch(parent))
        key = (relation.name, arch, parent.arch if negative else "")
        known = self._targets.get(key)
        if known is not None:
            return known
        universe = self.universe
        archs = universe.architectures if arch in {"*", "any"} else (universe.key("", arch)[1],)
        direct = tuple(self.node((relation.name, each)) for each in archs)
        others = [self.node(each) for each in universe.providers(relation.name)]
        others += [
            self.node((relation.name, each))
            for each in universe.architectures
            if each not in archs and universe.versions((relation.name, each))
        ]
        if arch == "any":  # only those that allow it, and they provide it: deb-control(5)
            direct, others = (), [*direct, *others]
        found = direct, tuple(dict.fromkeys(others))
        self._targets[key] = found
        return found

    def _provides(self, node: Node, version: Version, relation: Relation, parent: Version) -> bool:
        """Whether a version of another package, or for another machine, stands for what is named:
        Multi-Arch `allowed` for `:any`, `foreign` for every machine.
        """
        wanted = relation.arch or self._arch(parent)
        if wanted == "any":
            if node.name == relation.name:
                return version.multi_arch == "allowed" and holds(version.version, relation)
            fits = version.multi_arch == "allowed"
        else:
            own = self.universe.key("", wanted)[1] == node.arch
            if node.name == relation.name and not own:
                foreign = version.multi_arch == "foreign" and not relation.arch
                return foreign and holds(version.version, relation)
            fits = own or (version.multi_arch == "foreign" and not relation.arch)
        return any(
            each.name == relation.name
            and (fits or each.arch in {wanted, "any"})
            and (not relation.operator or holds(each.version, relation))
            for each in version.provides
        )

    def _is_own(self, node: Node, relation: Relation, parent: Version) -> bool:
        if node.name != parent.name:
            return False
        same = self._arch(parent) == node.arch
        return same or (parent.multi_arch == "same" and not relation.arch)

    def _arch(self, version: Version) -> str:
        return self.universe.key("", version.arch)[1]
