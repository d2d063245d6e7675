"""Taking away from a layout what the rules leave out: pure, by evidence that was read before."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from msgspec import Struct, structs

from fctui.model.globs import Globs
from fctui.model.paths import MOST_LINKS
from fctui.model.plan import Layout, Link, PlannedFile, Saving, StoreFile
from fctui.model.target import Target
from fctui.pruning.binaries import is_foreign
from fctui.pruning.evidence import Evidence, groups, top_of
from fctui.pruning.match import Matcher, matchers
from fctui.pruning.python import module_of
from fctui.pruning.rules import OWN, Choice, always_kept, rules
from fctui.pruning.strip import Stripped

_T = TypeVar("_T")


class Facts(Struct, frozen=True):
    """What has been read: the evidence by artifact, what the function's own code imports, and
    the smaller copies of libraries by artifact.
    """

    evidence: Mapping[str, Evidence]
    code: tuple[str, ...] = ()
    stripped: Mapping[str, Stripped] = MappingProxyType({})


class Candidate(Struct, frozen=True):
    """A file that some rules would leave out, by their names in the rules' order."""

    file: PlannedFile
    rules: tuple[str, ...]


def candidates(
    manager: str, files: Sequence[PlannedFile], facts: Facts, target: Target, chosen: Choice
) -> list[Candidate]:
    """Every file that a rule, in force or not, would leave out and nobody needs.

    What belongs to an artifact without evidence stays: nobody has looked at it yet.
    """
    own, keep = Globs(chosen.globs), Globs((*chosen.keep, *always_kept(manager)))
    every = matchers(manager)
    by_path = [each for each in every if each.rule.how == "paths"]
    foreign = [each for each in every if each.rule.how == "foreign"]
    found: list[tuple[str, str, PlannedFile, list[Matcher], list[str]]] = []
    for digest, group in groups(files).items():
        evidence = facts.evidence.get(digest)
        if evidence is None:
            continue
        names, marks = set(evidence.names), set(evidence.marks)
        for inside, file in group:
            path = file.path
            taken = [
                each for each in by_path if each(path) and not _needed(each, path, names, marks)
            ]
            kind = evidence.binaries.get(inside, "")
            others = [OWN] if own(path) else []
            if kind and is_foreign(kind, target):
                others += [each.rule.name for each in foreign if not each.exceptions(path)]
            if (taken or others) and not keep(path):
                found.append((digest, inside, file, taken, others))
    stays = _imported(manager, facts, [(d, i, f, t) for d, i, f, t, _ in found if t])
    order = [OWN, *(rule.name for rule in rules())]
    left = []
    for digest, inside, file, taken, others in found:
        goes = [m for m in taken if (digest, top_of(m, inside, file.path)) not in stays]
        rule_names = [*others, *(each.rule.name for each in goes)]
        if rule_names:
            left.append(Candidate(file, tuple(sorted(rule_names, key=order.index))))
    return left


def prune(manager: str, layout: Layout, facts: Facts, target: Target, chosen: Choice) -> Layout:
    """The layout without what the rules in force leave out, and what that saves.

    Links that lead to what is left out go with it.
    """
    active = {rule.name for rule in rules() if chosen.active(rule, manager)} | {OWN}
    gone: dict[str, str] = {}
    for each in candidates(manager, layout.files, facts, target, chosen):
        rule = next((name for name in each.rules if name in active), "")
        if rule:
            gone[each.file.path] = rule
    gone = with_links(layout.files, gone)
    kept = tuple(file for file in layout.files if file.path not in gone)
    left_out = [file for file in layout.files if file.path in gone]
    saved = savings(manager, left_out, gone)
    if strips(manager, chosen):
        kept, smaller = _with_copies(manager, kept, facts, Globs(chosen.keep))
        saved += smaller
    return structs.replace(layout, files=kept, savings=(*layout.savings, *saved))


def strips(manager: str, chosen: Choice) -> bool:
    """Whether libraries of a manager are replaced by smaller copies."""
    return any(rule.how == "strip" and chosen.active(rule, manager) for rule in rules())


def _with_copies(
    manager: str, files: tuple[PlannedFile, ...], facts: Facts, keep: Globs
) -> tuple[tuple[PlannedFile, ...], tuple[Saving, ...]]:
    """The files with smaller copies in the place of libraries, and what that saves."""
    made: dict[str, PlannedFile] = {}
    saved = 0
    for file in files:
        source = file.source
        copies = facts.stripped.get(source.digest) if isinstance(source, StoreFile) else None
        if copies is None or not isinstance(source, StoreFile) or keep(file.path):
            continue
        size = copies.sizes.get(source.path)
        if size is not None:
            copy = StoreFile(copies.digest, source.path)
            made[file.path] = structs.replace(file, source=copy, size=size)
            saved += file.size - size
    if not made:
        return files, ()
    name = next(rule.name for rule in rules() if rule.how == "strip")
    saving = Saving(name, manager, len(made), saved, paths_digest(made))
    return tuple(made.get(file.path, file) for file in files), (saving,)


def savings(
    manager: str, files: Iterable[PlannedFile], rule_of: Mapping[str, str]
) -> tuple[Saving, ...]:
    """What rules save, by their names, of the files that they leave out."""
    by_rule: dict[str, list[PlannedFile]] = {}
    for file in files:
        by_rule.setdefault(rule_of[file.path], []).append(file)
    return tuple(
        Saving(rule, manager, len(them), sum(file.size for file in them),
               paths_digest(file.path for file in them))
        for rule, them in sorted(by_rule.items())
    )  # fmt: skip


def paths_digest(paths: Iterable[str]) -> str:
    """SHA-256 in hex of paths, sorted, a line each: what was left out can be compared by it."""
    lines = "".join(f"{path}\n" for path in sorted(paths))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _needed(rule: Matcher, path: str, names: set[str], marks: set[str]) -> bool:
    if rule.unless_named and posixpath.basename(path) in names:
        return True
    return any(word in marks for word in rule.unless_mentioned)


def _imported(
    manager: str, facts: Facts, found: Sequence[tuple[str, str, PlannedFile, list[Matcher]]]
) -> set[tuple[str, str]]:
    """What stays, as (artifact, directory or file in it): what modules that stay import, what these
    import in their turn, and so on.
    """
    places: dict[str, set[tuple[str, str]]] = {}
    for digest, inside, file, taken in found:
        for rule in taken:
            top = top_of(rule, inside, file.path)
            for name in _names(manager, digest, inside, top, file):
                places.setdefault(name, set()).add((digest, top))
    wanted = list(facts.code)
    for digest, evidence in facts.evidence.items():
        wanted += _wanted(manager, digest, evidence.imports)
    stays: set[tuple[str, str]] = set()
    while wanted:
        for place in places.get(wanted.pop(), ()):
            if place not in stays:
                stays.add(place)
                digest, top = place
                inner = facts.evidence[digest].inner.get(top, ())
                wanted += _wanted(manager, digest, inner)
    return stays


def _names(manager: str, digest: str, inside: str, top: str, file: PlannedFile) -> set[str]:
    """The names that a file can be imported by."""
    if manager == "pip":
        names = {module_of(top)} if top != inside else set()
        return names | ({module_of(inside)} if inside.endswith(".py") else set())
    stem = inside.rpartition(".")[0]
    own = {inside, stem, posixpath.dirname(inside) if posixpath.basename(stem) == "index" else stem}
    package = file.path.rpartition("node_modules/")[2]
    head = package[: len(package) - len(inside)]
    return {_own(digest, name) for name in own} | {f"{head}{name}" for name in own}


def _wanted(manager: str, digest: str, imports: Iterable[str]) -> list[str]:
    if manager == "pip":
        return list(imports)
    return [name for each in imports for name in (_own(digest, each), each)]


def _own(digest: str, path: str) -> str:
    """A file of an artifact as the artifact's own scripts name it."""
    return f"{digest}/{path}"


def with_links(files: Sequence[PlannedFile], gone: Mapping[str, _T]) -> dict[str, _T]:
    """What is gone by path, and with it the links that lead there."""
    every = dict(gone)
    links = [(file.path, file.source.target) for file in files if isinstance(file.source, Link)]
    for _ in range(MOST_LINKS):
        more = {}
        for path, target in links:
            to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if path not in every and to in every:
                more[path] = every[to]
        if not more:
            break
        every |= more
    return every
