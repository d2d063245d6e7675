"""Why there is no set, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fctui.managers.apt.own.state import Node, State, candidate, install
from fctui.managers.apt.own.universe import Group, Version
from fctui.managers.apt.relations import Relation
from fctui.tasks.text import clean

_DEEPEST = 4
# Packages that lie between what is asked for and what is missing, as far as they are told.


class NoSetError(Exception):
    """There is no set; `lines` tell why."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self.lines = list(lines)


def reasons(state: State, broken: Iterable[Node]) -> list[str]:
    """What does not hold for each package that would be broken, and what lies behind it."""
    found: list[str] = []
    for node in broken:
        if node.install is not None:
            _tell(state, node.install, found, 0)
    return list(dict.fromkeys(found))


def _tell(state: State, version: Version, found: list[str], depth: int) -> None:
    for group in state.groups(version):
        if not group.critical or state.satisfied(group, version, install):
            continue
        if group.negative:
            for node in state.hits(group.alternatives[0], version, install, group.kind):
                there = node.install.version if node.install else ""
                found.append(f"{_line(version, group)}, and {node.name} {there} is to be there")
        elif not state.any_hit(group, version, candidate):
            found.append(f"{_line(version, group)}, which cannot be had")
            if depth < _DEEPEST:
                _behind(state, version, group, found, depth)
        elif depth == 0:
            found.append(f"{_line(version, group)}, which cannot be there with the rest")
            _behind(state, version, group, found, depth)


def _behind(state: State, version: Version, group: Group, found: list[str], depth: int) -> None:
    """The same for what would satisfy a group, if it could be had itself."""
    for relation in group.alternatives:
        for node in state.hits(relation, version, _newest, group.kind):
            if node.versions and node.install is None:
                _tell(state, node.versions[0], found, depth + 1)


def _newest(node: Node) -> Version | None:
    return node.versions[0] if node.versions else None


def _line(version: Version, group: Group) -> str:
    verb = {"Conflicts": "conflicts with", "Breaks": "breaks"}.get(group.kind, "needs")
    names = " or ".join(_relation(each) for each in group.alternatives)
    return clean(f"{version.name}: it {verb} {names}")


def _relation(relation: Relation) -> str:
    arch = f":{relation.arch}" if relation.arch else ""
    exactly = f" ({relation.operator} {relation.version})" if relation.operator else ""
    return f"{relation.name}{arch}{exactly}"
