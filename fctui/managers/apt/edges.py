"""Who requires whom in a set of packages that the solver chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.relations import (
    Available,
    Relation,
    Satisfiers,
    parse_provides,
    parse_relations,
)
from fctui.managers.apt.solver import Chosen
from fctui.managers.apt.stanza import field
from fctui.model.errors import TaskError

Groups = tuple[tuple[Relation, ...], ...]


def package_id(name: str, arch: str, native: str) -> str:
    """The name; with `:arch` for a package of a foreign architecture."""
    return name if arch in {native, "all"} else f"{name}:{arch}"


def stanza_of(chosen: Chosen, index: PackageIndex, native: str) -> str:
    """What the archive says of a package. Raises TaskError where it is gone from the lists."""
    id_ = package_id(chosen.name, chosen.arch, native)
    stanza = index.stanza(id_, chosen.version)
    if stanza is None:
        raise TaskError(
            f"{id_} {chosen.version} is not in the package lists.", hint="Use --refresh."
        )
    return stanza


def requirements(
    chosen: Sequence[Chosen],
    stanzas: Mapping[str, str],
    installed: Iterable[Available],
    roots: Iterable[str],
    *,
    native: str,
    recommends: bool,
) -> dict[str, tuple[str, ...]]:
    """For each id of the set the ids that it requires, out of the set.

    Of each group of alternatives (Policy 7.1) the first that holds counts; one that the target has
    already is no edge. A package that is then reached from no root is there for a later
    alternative or as another provider: it gets that edge.
    """
    members = [_available(each, stanzas, native) for each in chosen]
    inside = Satisfiers(members, native)
    outside = Satisfiers(installed, native)
    fields = ("Pre-Depends", "Depends", "Recommends") if recommends else ("Pre-Depends", "Depends")
    groups: dict[str, Groups] = {}
    for member in members:
        text = ", ".join(filter(None, (field(stanzas[member.id], name) for name in fields)))
        groups[member.id] = parse_relations(text)
    found: dict[str, dict[str, None]] = {}
    for member in members:
        found[member.id] = {}
        arch = native if member.arch == "all" else member.arch
        for group in groups[member.id]:
            wanted = _first(group, arch, inside, outside)
            if wanted is not None and wanted.id != member.id:
                found[member.id][wanted.id] = None
    _connect(members, groups, found, roots, inside, native)
    return {id_: tuple(ids) for id_, ids in found.items()}


def _available(chosen: Chosen, stanzas: Mapping[str, str], native: str) -> Available:
    id_ = package_id(chosen.name, chosen.arch, native)
    provides = parse_provides(field(stanzas[id_], "Provides"))
    return Available(id_, chosen.name, chosen.version, chosen.arch, provides)


def _first(
    group: tuple[Relation, ...], arch: str, inside: Satisfiers, outside: Satisfiers
) -> Available | None:
    """What satisfies a group: None where the target does, or nothing of the set."""
    for alternative in group:
        if outside.of(alternative, arch):
            return None
        satisfying = inside.of(alternative, arch)
        if satisfying:
            return satisfying[0]
    return None


def _connect(
    members: Sequence[Available],
    groups: Mapping[str, Groups],
    found: dict[str, dict[str, None]],
    roots: Iterable[str],
    inside: Satisfiers,
    native: str,
) -> None:
    """Give every package that no root reaches an edge from one that a root does reach."""
    reached: set[str] = set()
    _reach(roots, found, reached)
    by_id = {member.id: member for member in members}
    progress = True
    while progress and len(reached) < len(members):
        progress = False
        for id_ in [member.id for member in members if member.id in reached]:
            arch = native if by_id[id_].arch == "all" else by_id[id_].arch
            others = {
                satisfying.id
                for group in groups[id_]
                for alternative in group
                for satisfying in inside.of(alternative, arch)
            }
            for other in sorted(others - reached):
                found[id_][other] = None
                _reach([other], found, reached)
                progress = True


def _reach(start: Iterable[str], found: Mapping[str, Iterable[str]], reached: set[str]) -> None:
    waiting = [id_ for id_ in start if id_ in found and id_ not in reached]
    while waiting:
        id_ = waiting.pop()
        if id_ not in reached:
            reached.add(id_)
            waiting.extend(found[id_])
