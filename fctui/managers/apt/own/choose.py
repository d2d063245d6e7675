"""Choosing an install set: what is asked for, with all that the target lacks for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

from fctui.managers.apt.own.marking import Marking, done
from fctui.managers.apt.own.problems import repair
from fctui.managers.apt.own.reasons import NoSetError, reasons
from fctui.managers.apt.own.state import Mode, Node, State
from fctui.managers.apt.own.sweep import sweep
from fctui.managers.apt.own.universe import Universe, Version
from fctui.store.bounds import Stopped

_ARGUMENT = re.compile(
    r"(?P<name>[^:=/]+)(?::(?P<arch>[^=/]+))?(?:=(?P<version>.+)|/(?P<suite>.+))?"
)
# apt-get(8), "install": `package:arch=version` or `package/target_release`.


def choose_set(
    universe: Universe,
    arguments: Sequence[str],
    *,
    recommends: bool,
    stop: threading.Event | None = None,
) -> list[Version]:
    """The versions that are to be fetched for names as apt-get(8) takes them.

    Nothing that is installed is removed. Raises NoSetError, and Stopped once `stop` is set.
    """
    state = State(universe, recommends=recommends)
    marking = Marking(state)
    asked = [_asked(state, argument) for argument in arguments]
    for node, version in asked:
        node.candidate = version
        node.protected = True
        done(marking.install(node, needs=False, user=True))
    for node, _ in asked:
        if stop is not None and stop.is_set():
            raise Stopped
        done(marking.install(node, needs=True, user=True))
    if state.all_broken():
        repair(marking, {node.key for node, _ in asked})
    if broken := state.all_broken():
        raise NoSetError(reasons(state, broken))
    sweep(state)
    removed = [node for node in state.nodes if node.mode is Mode.DELETE]
    if removed:
        raise NoSetError([f"{node.name} would have to be removed" for node in removed])
    new = [node for node in state.nodes if node.mode is Mode.INSTALL]
    return [node.install for node in new if node.install is not None]


def _asked(state: State, argument: str) -> tuple[Node, Version]:
    match = _ARGUMENT.fullmatch(argument)
    if match is None:
        raise NoSetError([f"{argument} is no package"])
    universe = state.universe
    node = state.node(universe.key(match["name"], match["arch"] or universe.native))
    version = node.candidate
    if match["version"]:
        version = next((v for v in node.versions if v.version == match["version"]), None)
    elif match["suite"]:
        version = next((v for v in node.versions if universe.is_of(v, match["suite"])), None)
    if version is None:
        raise NoSetError([f"there is no {argument}"])
    return node, version
