"""What may be done with a package, and what not: IsModeChangeOk, IsInstallOk and IsDeleteOk in
apt's depcache.cc.
"""

from __future__ import annotations

from fctui.managers.apt.own.state import Mode, Node, State, candidate, install
from fctui.managers.apt.own.universe import Version

DEEPEST = 3000
# "we are not trying too hard": packages that call for one another, the same bound as apt's.


def may_change(node: Node, mode: Mode, *, user: bool = False, depth: int = 0) -> bool:
    """Whether a package may get into a mode: what is decided stays, and so does what is essential.

    `user` is always right.
    """
    if depth > DEEPEST or not node.versions:
        return False
    if user or node.mode is mode:
        return True
    if node.protected:
        return False
    return mode is not Mode.DELETE or not (node.essential or node.important)


def may_be_deleted(node: Node) -> bool:
    """Whether it was not asked for."""
    return node.current is not None or node.install is None or node.auto


def may_be_installed(state: State, node: Node, *, needs: bool, user: bool) -> bool:
    """Whether the candidate is in step with its other architectures and, if what it needs is to
    come too, whether all of that can be had. One that cannot be is a candidate no more.
    """
    version = node.candidate
    if version is None or version is node.current:
        return True
    if not user and node.install is not version and not _in_step(state, node, version):
        return False
    if not needs or _can_be_had(state, version):
        return True
    if not node.protected:
        node.candidate = node.current
        if node.mode is not Mode.DELETE:
            node.mode = Mode.KEEP
    return False


def _can_be_had(state: State, version: Version) -> bool:
    """Whether all that a version cannot do without is there or could be."""
    return all(
        state.any_hit(group, version, install) or state.any_hit(group, version, candidate)
        for group in version.groups
        if group.critical and not group.negative
    )


def _in_step(state: State, node: Node, version: Version) -> bool:
    """Whether a package that is `Multi-Arch: same` has one version everywhere: deb-control(5)."""
    if version.multi_arch != "same":
        return True
    others = [state.node((node.name, arch)) for arch in state.universe.architectures]
    return all(
        other is node
        or other.current is None
        or other.candidate is None
        or other.candidate.version == version.version
        or other.candidate.multi_arch != "same"
        for other in others
    )
