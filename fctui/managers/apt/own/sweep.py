"""Taking out again what was marked on the way and is needed by nothing in the end.

The source is pkgDepCache::MarkRequired of apt 2.6, and DoAutomaticRemove, which calls it.
"""

from __future__ import annotations

from fctui.managers.apt.own.state import Mode, Node, State, install
from fctui.managers.apt.own.universe import Version

_FOLLOWED = frozenset({"Pre-Depends", "Depends", "Recommends", "Suggests"})
# apt.conf(5): APT::AutoRemove::RecommendsImportant and SuggestsImportant are on.


def sweep(state: State) -> None:
    """Keep out new packages that neither an asked for nor an installed package leads to.

    Where that would break one after all, they stay.
    """
    there = [node for node in state.nodes if node.install is not None]
    marked: set[tuple[str, str]] = set()
    waiting = [node for node in there if not node.auto or node.essential or node.important]
    while waiting:
        node = waiting.pop()
        if node.key in marked or node.install is None:
            continue
        marked.add(node.key)
        version = node.install
        for group in version.groups:
            if group.kind not in _FOLLOWED:
                continue
            for relation in group.alternatives:
                waiting.extend(state.hits(relation, version, install, group.kind))
    unneeded = [
        node
        for node in there
        if node.current is None and node.mode is Mode.INSTALL and node.key not in marked
    ]
    before = [node.install for node in unneeded]
    for node in unneeded:
        node.install, node.mode = None, Mode.KEEP
    if unneeded and state.all_broken():
        _restore(unneeded, before)


def _restore(nodes: list[Node], versions: list[Version | None]) -> None:
    for node, version in zip(nodes, versions, strict=True):
        if node.candidate is version:
            node.install, node.mode = node.candidate, Mode.INSTALL
