"""Mending a set in which something is broken, by who matters more: apt's scored resolver.

The source is pkgProblemResolver::ResolveInternal of apt 2.6, without what concerns packages that
are installed in an older version, and without removing any that are installed.
"""

from __future__ import annotations

from fctui.managers.apt.own.conflicts import keep
from fctui.managers.apt.own.marking import Marking, done
from fctui.managers.apt.own.state import Mode, Node, State, install
from fctui.managers.apt.own.universe import Group, Version

_ROUNDS = 20
# pkgProblemResolver::MaxCounter.

_PRIORITY = {0: -2, 1: 3, 2: 2, 3: 1, 4: -1, 5: -2}
_ESSENTIAL, _PROTECTED, _ALWAYS = 100, 10000, 5000
_RELATION = {"Pre-Depends": 1, "Depends": 1, "Recommends": 1, "Conflicts": -1, "Breaks": -1}
# apt.conf(5): pkgProblemResolver::Scores.


def repair(marking: Marking, asked: set[tuple[str, str]]) -> None:
    """Change the set until nothing is broken, or nothing more can be done."""
    state = marking.state
    scores = _scores(state, asked)
    for _ in range(_ROUNDS):
        nodes = sorted(state.nodes, key=lambda node: -scores.get(node.key, 0))
        changes = [_mend(marking, node, scores) for node in nodes]
        if not any(changes):
            return


def _scores(state: State, asked: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    own: dict[tuple[str, str], int] = {}
    there = [(node, node.install) for node in state.nodes if node.install is not None]
    needed: dict[tuple[str, str], list[Node]] = {}
    for node, version in there:
        score = _ESSENTIAL * (node.essential or node.important) + _PRIORITY[version.priority]
        score += node.current is not None
        own[node.key] = own.get(node.key, 0) + score
        for group in version.groups:
            worth = _RELATION.get(group.kind, 0)
            for relation in group.alternatives if worth else ():
                for hit in state.hits(relation, version, install, group.kind):
                    own[hit.key] = own.get(hit.key, 0) + worth
                    if not group.negative:
                        needed.setdefault(hit.key, []).append(node)
    scores = dict(own)
    for node, _ in there:
        above = needed.get(node.key, ())
        scores[node.key] += sum(max(own[parent.key], 0) for parent in above)
        scores[node.key] += _PROTECTED * (node.key in asked)
        scores[node.key] += _ALWAYS * (node.essential or node.important)
    return scores


def _mend(marking: Marking, node: Node, scores: dict[tuple[str, str], int]) -> bool:
    """Mend one package; tells whether anything was changed."""
    state, version = marking.state, node.install
    if version is None or not state.broken(node):
        return False
    changed = False
    for group in state.groups(version):
        if not group.critical or state.satisfied(group, version, install):
            continue
        if group.negative:
            changed |= _clear(marking, node, version, group, scores)
        elif not _bring(marking, version, group):
            if not node.protected and _give_up(node):
                return True
        else:
            changed = True
        if node.install is None:
            return True
    return changed


def _clear(
    marking: Marking,
    node: Node,
    version: Version,
    group: Group,
    scores: dict[tuple[str, str], int],
) -> bool:
    """One of two that exclude each other goes, the one that matters less."""
    changed = False
    for other in list(marking.state.hits(group.alternatives[0], version, install, group.kind)):
        if scores.get(node.key, 0) <= scores.get(other.key, 0) and not node.protected:
            return _give_up(node)
        if not other.protected:
            changed |= _give_up(other)
    return changed


def _bring(marking: Marking, version: Version, group: Group) -> bool:
    """Install the first of a group that can be, if it breaks nothing more than there was."""
    state = marking.state
    before = len(state.all_broken())
    for relation in group.alternatives:
        for node in list(state.hits(relation, version, _candidate, group.kind)):
            if node.install is not None or node.protected:
                continue
            done(marking.install(node, needs=True, depth=1))
            if node.install is not None:
                if not state.broken(node) and len(state.all_broken()) <= before:
                    return True
                _give_up(node)
    return False


def _give_up(node: Node) -> bool:
    """Leave a package as it was; what is installed stays."""
    if node.mode is Mode.KEEP:
        return False
    return keep(node, user=False)


def _candidate(node: Node) -> Version | None:
    return node.candidate
