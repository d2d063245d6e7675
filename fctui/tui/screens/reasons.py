"""Why a key cannot be used now: the footer dims it, and pressing it says so."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from fctui.model.finding import Finding


class Situation(Struct, frozen=True):
    """What decides about the keys. `busy` are the managers at work, and "" for the bundle;
    `cannot_remove` is the pane's own reason, `finding` the selected one of the checks pane,
    `curable` whether any finding has a remedy, `of_one_package` whether what is selected in the
    bundle is one package's alone, `listed` are the managers whose files are known, `on_file`
    whether the cursor is on a file.
    """

    pane: str
    managers: tuple[str, ...]
    busy: frozenset[str]
    is_manager: bool
    is_tree: bool
    ready: bool
    edited: bool
    cannot_remove: str
    finding: Finding | None = None
    curable: bool = False
    listed: frozenset[str] = frozenset()
    on_file: bool = False
    has_bundle: bool = False
    of_one_package: bool = False


def _build(now: Situation) -> str:
    if not now.managers:
        return "Nothing is declared that could be built."
    return "A build is running: c stops it." if "" in now.busy else ""


def _cancel(now: Situation) -> str:
    return "" if now.busy else "Nothing is running."


def _in_a_manager(now: Situation) -> str:
    return "" if now.is_manager else "Choose pip, apt, npm or maven first: 1, 2, 3, 4."


def _refresh(now: Situation) -> str:
    if now.pane == "checks":
        return "The bundle is being built: it is judged after that." if "" in now.busy else ""
    if not now.is_manager:
        return _in_a_manager(now)
    if now.pane not in now.managers:
        return f"The project declares no {now.pane} packages."
    return "It is being resolved already." if now.pane in now.busy or "" in now.busy else ""


def _remove(now: Situation) -> str:
    return _in_a_manager(now) or now.cannot_remove


def _undo(now: Situation) -> str:
    return "" if now.edited else "Nothing was changed that could be undone."


def _invert(now: Situation) -> str:
    if now.is_manager and now.ready:
        return ""
    return "There is no tree of packages here to turn around."


def _method(now: Situation) -> str:
    if "pip" not in now.managers:
        return "No pip packages are declared: there is nothing to lay out."
    if "pip" in now.listed:
        return ""
    if "pip" in now.busy or "" in now.busy:
        return "The pip packages are being resolved: the methods are compared after that."
    return "The pip packages are not known: r in their pane asks again."


def _trace(now: Situation) -> str:
    if now.on_file:
        return ""
    return "Choose a file first: in the bundle's pane, or in the details of a package."


def _which(now: Situation) -> str:
    return "" if now.listed else "No package is listed yet."


def _outdated(now: Situation) -> str:
    return "" if now.managers else "Nothing is declared that could be outdated."


def _listed(now: Situation) -> str:
    return "" if now.ready else "There is nothing in this pane yet."


def _in_a_tree(now: Situation) -> str:
    return _listed(now) or ("" if now.is_tree else "There is no tree here.")


def _in_checks(now: Situation) -> str:
    if now.pane != "checks":
        return "Findings are in the checks pane: 6."
    return "" if now.finding else "There is no finding here."


def _verify(now: Situation) -> str:
    if "" in now.busy:
        return "The bundle is being built: it can be proved after that."
    if "checks" in now.busy:
        return "It is at work on the bundle already: c stops it."
    return "" if now.has_bundle else "There is no bundle for this target yet: b builds it."


def _what_if(now: Situation) -> str:
    reason = _in_the_bundle(now)
    if reason:
        return reason
    if "what if" in now.busy:
        return "Something is being tried already: c stops it."
    if "" in now.busy:
        return "The bundle is being built: changes can be tried after that."
    missing = [manager for manager in now.managers if manager not in now.listed]
    return f"The packages of {missing[0]} are not listed." if missing else ""


def _pack(now: Situation) -> str:
    if "" in now.busy:
        return "The bundle is being built: it can be packed after that."
    if "pack" in now.busy:
        return "It is being packed already: c stops it."
    return "" if now.has_bundle else "There is no bundle for this target yet: b builds it."


def _prune(now: Situation) -> str:
    if not now.managers:
        return "Nothing is declared that anything could be left out of."
    return "The bundle is being built: c stops it." if "" in now.busy else ""


def _audit(now: Situation) -> str:
    if "audit" in now.busy:
        return "That is being asked already: c stops it."
    return "" if now.listed else "No package is known yet."


def _cure(now: Situation) -> str:
    reason = _in_checks(now) or ("The bundle is being built." if "" in now.busy else "")
    if reason or (now.finding and now.finding.remedies):
        return reason
    return "No package is known that would cure this."


def _cure_all(now: Situation) -> str:
    if "" in now.busy:
        return "The bundle is being built."
    return "" if now.curable else "There is no finding that a package would cure."


def _go_to_package(now: Situation) -> str:
    if now.finding and not now.finding.needed_by:
        return "This finding is about no package."
    return _in_checks(now)


def _in_the_bundle(now: Situation) -> str:
    return _listed(now) if now.pane == "bundle" else "The files are in the bundle pane: 5."


def _without(now: Situation) -> str:
    reason = _in_the_bundle(now)
    if reason or now.of_one_package:
        return reason
    return "Several packages are in this: s sums by package."


_REASONS: dict[str, Callable[[Situation], str]] = {
    "build": _build,
    "cancel": _cancel,
    "add": _in_a_manager,
    "refresh": _refresh,
    "remove": _remove,
    "undo": _undo,
    "invert": _invert,
    "choose_method": _method,
    "trace": _trace,
    "which": _which,
    "outdated": _outdated,
    "filter": _listed,
    "expand_all": _in_a_tree,
    "order": _in_a_tree,
    "verify": _verify,
    "what_if": _what_if,
    "pack": _pack,
    "prune": _prune,
    "audit": _audit,
    "cure": _cure,
    "cure_all": _cure_all,
    "go_to_package": _go_to_package,
    "look": _in_the_bundle,
    "sum_by": _in_the_bundle,
    "without": _without,
}


def why_not(action: str, now: Situation) -> str:
    """The reason, as a sentence; "" for what can be done."""
    reason = _REASONS.get(action)
    return reason(now) if reason else ""
