"""Getting out of the way of a package what it cannot be there with.

The source is MarkInstall_RemoveConflictsIfNotUpgradeable in apt's depcache.cc, and what is near it.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from fctui.managers.apt.own.rules import may_be_deleted, may_change
from fctui.managers.apt.own.state import Mode, Node, State, candidate, current
from fctui.managers.apt.own.universe import Group, Version


def keep(node: Node, *, user: bool = True) -> bool:
    """Leave a package as it is installed, or not; tells whether that may be."""
    if not may_change(node, Mode.KEEP, user=user):
        return False
    node.mode, node.install = Mode.KEEP, node.current
    return True


def delete(node: Node) -> bool:
    """Have a package not be there; tells whether that may be."""
    if not may_change(node, Mode.DELETE):
        return False
    if node.mode is Mode.DELETE or node.install is None:
        return True
    if not may_be_deleted(node):
        return False
    node.mode = Mode.KEEP if node.current is None else Mode.DELETE
    node.install = None
    return True


class Conflicts(Struct):
    """What is in the way of a version. `fixed` is one that is to be there in any case, `lenient`
    one for which others are tried although one is there to stay. `upgrade` and `remove` are what
    is left to do.
    """

    version: Version
    fixed: bool
    lenient: bool
    upgrade: list[Node] = field(default_factory=list)
    remove: list[Node] = field(default_factory=list)
    bad: list[Node] = field(default_factory=list)

    def clear(self, state: State, groups: Iterable[Group]) -> bool:
        """Keep out what is new, and note what is installed; tells whether all of it can go."""
        done = True
        for group in groups:
            hits = state.hits
            relation = group.alternatives[0]
            for node in dict.fromkeys(hits(relation, self.version, candidate, group.kind)):
                done &= self._not_installed(node)
                if not done and not self.lenient:
                    return False
            for node in dict.fromkeys(hits(relation, self.version, current, group.kind)):
                done &= self._not_left(node)
                if not done and not self.lenient:
                    return False
        return done

    def left_behind(self, state: State, node: Node) -> None:
        """Note installed packages that need the version which is replaced."""
        if node.current is None or node.current is self.version:
            return

        def after(other: Node) -> Version | None:
            return self.version if other is node else other.install

        for other in state.nodes:
            if other.current is None or other.mode is Mode.INSTALL or other in self.upgrade:
                continue
            for group in other.current.groups:
                if group.negative or not state.is_important(group):
                    continue
                before = state.satisfied(group, other.current, current)
                if before and not state.satisfied(group, other.current, after):
                    self.upgrade.append(other)
                    break

    def _not_installed(self, node: Node) -> bool:
        """What could be installed is not to be."""
        if node.current is node.candidate:
            return self._remove(node)
        if node.mode is Mode.INSTALL and not keep(node, user=False):
            return False
        if self.fixed:
            node.candidate = node.install
            if node.current is None:
                node.protected = True
        else:
            self.bad.append(node)
        return True

    def _not_left(self, node: Node) -> bool:
        """What is installed is upgraded to a version that is not in the way, or goes."""
        if node.candidate is node.current:
            return True  # done with as a candidate
        if node.candidate is not None and node not in self.bad:
            self.upgrade.append(node)
            return True
        return self._remove(node)

    def _remove(self, node: Node) -> bool:
        """Have a package removed; later, unless what it is in the way of is fixed."""
        if not self.fixed:
            if node.mode is Mode.DELETE:
                return True
            if not may_change(node, Mode.DELETE) or not may_be_deleted(node):
                return False
            self.remove.append(node)
            return True
        if node.mode is not Mode.DELETE and not delete(node):
            return False
        node.candidate = node.install
        node.protected = True
        return True
