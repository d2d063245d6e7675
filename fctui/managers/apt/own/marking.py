"""Marking packages for installation with what they need, step by step as apt does it.

The source is pkgDepCache::MarkInstall of apt 2.6 and what it calls. What calls itself there is a
generator here that yields what it wants done first, so that no chain of packages is too deep.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from functools import cmp_to_key

from msgspec import Struct

from fctui.managers.apt.own.choice import preferred
from fctui.managers.apt.own.conflicts import Conflicts, delete, keep
from fctui.managers.apt.own.rules import may_be_installed, may_change
from fctui.managers.apt.own.state import Mode, Node, State, candidate, current, install
from fctui.managers.apt.own.universe import Group, Version

Step = Generator["Step", bool, bool]
"""Yields steps that are to be done first, is sent what came of them, and returns the same."""


def done(step: Step) -> bool:
    """Do a step with all that it wants first."""
    waiting = [step]
    answer: bool | None = None
    while True:
        try:
            waiting.append(next(waiting[-1]) if answer is None else waiting[-1].send(answer))
            answer = None
        except StopIteration as end:
            answer = bool(end.value)
            waiting.pop()
            if not waiting:
                return answer


class _Work(Struct):
    """A package that is being installed. `fixed` is one that has to be there, `user` whether it is
    asked for; both are gone on with where something of theirs fails. `depth` counts those that
    led to it.
    """

    node: Node
    version: Version
    fixed: bool
    user: bool
    depth: int

    @property
    def lenient(self) -> bool:
        return self.fixed or self.user


class Marking:
    """Changes of a state by apt's rules."""

    def __init__(self, state: State) -> None:
        self.state = state

    def install(self, node: Node, *, needs: bool, user: bool = False, depth: int = 0) -> Step:
        """Have the candidate of a package be there, with what it `needs`; tells whether it will."""
        only_its_needs = (
            node.protected
            and node.mode is Mode.KEEP
            and node.candidate is not None
            and node.candidate is node.current
        )
        if not only_its_needs and not may_change(node, Mode.INSTALL, user=user, depth=depth):
            return False
        if node.candidate is None:
            return False
        if not node.protected and not self.state.policy_broken(node):
            if node.candidate is node.current:
                return keep(node, user=user) if node.install is None else True
            if node.mode is Mode.INSTALL:
                return True
        if not may_be_installed(self.state, node, needs=needs, user=user):
            return False
        if user or not needs:
            _change(node, user=user)
        if not needs:
            return True
        return (yield self._with_needs(node, node.candidate, user=user, depth=depth))

    def _with_needs(self, node: Node, version: Version, *, user: bool, depth: int) -> Step:
        work = _Work(node, version, node.protected, user, depth)
        conflicts = Conflicts(version, work.fixed, work.lenient)
        wanted, unwanted = self._relations(node, version)
        whole = conflicts.clear(self.state, unwanted)
        if not whole and not work.lenient:
            return False
        conflicts.left_behind(self.state, node)
        if not user:
            _change(node, user=False)
        node.protected = True
        try:
            for step in (self._upgrade(work, conflicts.upgrade), self._bring(work, wanted)):
                whole &= yield step
                if not whole and not work.lenient:
                    _discard(node)
                    return False
            for each in conflicts.remove:
                whole &= delete(each)
                if not whole and not work.lenient:
                    _discard(node)
                    return False
        finally:
            node.protected = work.fixed
        return whole

    def _relations(self, node: Node, version: Version) -> tuple[list[Group], list[Group]]:
        """What is to be brought, and what is in the way: all of it where the package is fixed."""
        wanted: list[Group] = []
        unwanted: list[Group] = []
        for group in self.state.groups(version):
            held = self.state.satisfied(group, version, install)
            if (held and not node.protected) or not self.state.is_important(group):
                continue
            (unwanted if group.negative else wanted).append(group)
        return wanted, unwanted

    def _upgrade(self, work: _Work, nodes: Iterable[Node]) -> Step:
        """Bring what is in the way in its installed version to another, or remove it."""
        whole = True
        for node in nodes:
            if node.mode is Mode.INSTALL:
                continue
            if (yield self.install(node, needs=True, depth=work.depth + 1)):
                continue
            if not delete(node):
                whole = False
                if not work.lenient:
                    break
            elif work.fixed:
                node.protected = True
        return whole

    def _bring(self, work: _Work, wanted: Iterable[Group]) -> Step:
        """Install what satisfies each group."""
        whole = True
        for group in wanted:
            if self.state.satisfied(group, work.version, install):
                if work.fixed and group.critical and not (yield self._fix(work, group)):
                    whole = False
                continue
            if work.node.current is not None and not group.critical:
                continue  # recommendations of what is installed were not taken then
            if not (yield self._bring_one(work, group)) and group.critical:
                whole = False
                if not work.lenient:
                    break
        return whole

    def _bring_one(self, work: _Work, group: Group) -> Step:
        """Install the first that can be of what would satisfy a group."""
        solutions = [(node, node.candidate) for node in self._solutions(work.version, group)]
        for node, version in solutions:
            if node.candidate is not version:  # given up on the way
                continue
            if work.fixed and group.critical and len(solutions) == 1:
                if not (yield self.install(node, needs=False, depth=work.depth + 1)):
                    continue
                node.protected = True
            if (yield self.install(node, needs=True, depth=work.depth + 1)):
                return True
        return False

    def _fix(self, work: _Work, group: Group) -> Step:
        """What alone satisfies a group of a package that has to be there has to be there too."""
        only = {
            node
            for relation in group.alternatives
            for pick in (candidate, current)
            for node in self.state.hits(relation, work.version, pick, group.kind)
        }
        if len(only) != 1:
            return True
        node = only.pop()
        if node.protected:
            return True
        node.protected = True
        return (yield self.install(node, needs=True, depth=work.depth + 1))

    def _solutions(self, parent: Version, group: Group) -> Iterator[Node]:
        """What could be installed for a group, the best first: what is there in another version,
        then the alternatives in their order.
        """
        order: list[Node] = []
        for relation in group.alternatives:
            hits = list(dict.fromkeys(self.state.hits(relation, parent, candidate, group.kind)))
            if len(hits) > 1:
                hits.sort(key=cmp_to_key(preferred(self.state, relation.name)))
            order += hits
        upgrades = [node for node in order if node.current is not None]
        rest = [node for node in order if node.current is None]
        for node in dict.fromkeys([*upgrades, *rest]):
            gone = node.mode is Mode.DELETE or (node.mode is Mode.KEEP and node.current is None)
            if not (node.protected and gone):
                yield node


def _change(node: Node, *, user: bool) -> None:
    """The candidate is to be there."""
    if node.protected and node.install is node.candidate:
        return
    node.mode = Mode.KEEP if node.candidate is node.current else Mode.INSTALL
    node.install = node.candidate
    if node.current is None:
        node.auto = not user


def _discard(node: Node) -> None:
    """It cannot be there after all, and is not tried again."""
    node.install, node.mode = node.current, Mode.KEEP
    node.candidate = node.install
