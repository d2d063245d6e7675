"""Which of several packages that would do is taken: apt's order of preference.

The source is CompareProviders in apt's depcache.cc.
"""

from __future__ import annotations

from collections.abc import Callable

from fctui.managers.apt.own.state import Node, State


def preferred(state: State, name: str) -> Callable[[Node, Node], int]:
    """Compares two packages that stand for `name`: below 0 where the first is to be tried first."""

    def compare(one: Node, other: Node) -> int:
        for rank in (_rank(state, name, one, other), _arch(state, one, other)):
            if rank:
                return rank
        first, second = one.candidate, other.candidate
        if first is not None and second is not None and first.priority != second.priority:
            return first.priority - second.priority
        # Where nothing else decides, apt takes what it has read of last.
        return state.universe.mentioned(other.name) - state.universe.mentioned(one.name)

    return compare


def _rank(state: State, name: str, one: Node, other: Node) -> int:
    for here, there in (
        (one.protected, other.protected),
        (_sibling_installed(state, one), _sibling_installed(state, other)),
        (one.current is not None, other.current is not None),
        (one.name == name, other.name == name),
        (one.essential, other.essential),
        (one.important, other.important),
    ):
        if here != there:
            return -1 if here else 1
    return 0


def _sibling_installed(state: State, node: Node) -> bool:
    """Whether what is the same on all architectures is there for one of them."""
    if node.candidate is None or node.candidate.multi_arch != "same":
        return False
    return any(
        (node.name, arch) in state.universe.installed for arch in state.universe.architectures
    )


def _arch(state: State, one: Node, other: Node) -> int:
    order = state.universe.architectures
    return order.index(one.arch) - order.index(other.arch)
