"""What each rule would leave out of a bundle, in force or not, so that one can choose."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from fctui.explore.read import of_plan
from fctui.explore.zipped import zipped
from fctui.model.globs import Globs
from fctui.model.plan import Plan, PlannedFile, StoreFile
from fctui.pruning.match import Matcher, matchers
from fctui.pruning.prune import Candidate, candidates, strips, with_links
from fctui.pruning.rules import OWN, Choice, Rule, rules
from fctui.workflow.answers import Answers
from fctui.workflow.pruning import READ, read_for_pruning
from fctui.workflow.together import all_or_first_error

if TYPE_CHECKING:
    from fctui.workflow.workflow import Workflow

SYMBOLS_RATIO = 0.3
# Of deflating the symbol tables of numpy, scipy and pandas at level 6.


class Cell(Struct, frozen=True):
    """A file that rules would leave out, or that would be smaller by `symbols` bytes; `zipped` are
    the bytes that it takes in a zip.
    """

    manager: str
    path: str
    size: int
    zipped: int
    rules: tuple[str, ...]
    symbols: int = 0


class Row(Struct, frozen=True):
    """One rule: what it leaves out, or would besides those that are in force. `managers` are those
    whose files it concerns; bytes in a zip are about right.
    """

    rule: str
    reason: str
    on: bool
    default: bool
    files: int
    size: int
    zipped: int
    managers: tuple[str, ...]


class Saved(Struct, frozen=True):
    """What a choice leaves out: files, bytes, about so many in a zip."""

    files: int
    size: int
    zipped: int


class Prunable:
    """Every file that a rule concerns; sums for any choice cost next to nothing."""

    def __init__(self, plan: Plan, cells: Sequence[Cell], managers: Sequence[str]) -> None:
        self.plan = plan
        self.cells = cells
        self.managers = managers

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.name: rule for rule in rules()}

    def rows(self, chosen: Choice) -> tuple[Row, ...]:
        """Every rule that concerns a manager of the project."""
        by_rule: dict[str, list[Cell]] = {}
        strip = next(rule.name for rule in rules() if rule.how == "strip")
        for cell in self.cells:
            active = self._taken_by(cell, chosen)
            for name in (active,) if active else cell.rules:
                by_rule.setdefault(name, []).append(cell)
            if cell.symbols and not active:
                by_rule.setdefault(strip, []).append(cell)
        return tuple(self._row(rule, by_rule.get(rule.name, ()), chosen) for rule in self._shown())

    def saved(self, chosen: Choice) -> Saved:
        """All that a choice leaves out."""
        files = size = packed = 0
        for cell in self.cells:
            if self._taken_by(cell, chosen):
                files, size, packed = files + 1, size + cell.size, packed + cell.zipped
            elif cell.symbols and strips(cell.manager, chosen):
                size, packed = size + cell.symbols, packed + round(cell.symbols * SYMBOLS_RATIO)
        return Saved(files, size, packed)

    def is_on(self, name: str, chosen: Choice) -> bool:
        """Whether a rule is in force for any of the project's managers."""
        rule = self._rules[name]
        return any(chosen.active(rule, manager) for manager in self.managers)

    def turned(self, name: str, chosen: Choice) -> Choice:
        """The choice with one rule switched."""
        if self.is_on(name, chosen):
            return structs.replace(
                chosen,
                asked=chosen.asked - {name},
                kept=chosen.kept | self._by_itself(name, chosen),
            )
        without = structs.replace(chosen, kept=chosen.kept - {name})
        if self.is_on(name, without):
            return without
        return structs.replace(without, asked=chosen.asked | {name})

    def _by_itself(self, name: str, chosen: Choice) -> frozenset[str]:
        """The rule's name, if it would be in force without being asked for."""
        unasked = structs.replace(chosen, asked=chosen.asked - {name})
        return frozenset({name} if self.is_on(name, unasked) else ())

    def _shown(self) -> Iterator[Rule]:
        return (rule for rule in rules() if any(rule.part(m) for m in self.managers))

    def _row(self, rule: Rule, cells: Sequence[Cell], chosen: Choice) -> Row:
        strip = rule.how == "strip"
        return Row(
            rule=rule.name,
            reason=rule.reason,
            on=self.is_on(rule.name, chosen),
            default=any(part.on != "asked" for m in self.managers if (part := rule.part(m))),
            files=len(cells),
            size=sum(cell.symbols if strip else cell.size for cell in cells),
            zipped=sum(
                round(cell.symbols * SYMBOLS_RATIO) if strip else cell.zipped for cell in cells
            ),
            managers=tuple(dict.fromkeys(cell.manager for cell in cells)),
        )

    def _taken_by(self, cell: Cell, chosen: Choice) -> str:
        """The rule in force that leaves a file out, or ""."""
        for name in cell.rules:
            if name == OWN or chosen.active(self._rules[name], cell.manager):
                return name
        return ""


async def prunable(workflow: Workflow) -> Prunable:
    """Fetch and read every package, and find out what the rules would leave out."""

    async def one(manager: str) -> None:
        await workflow.fetch(manager)
        if manager in READ and workflow.chosen.always_only:
            await read_for_pruning(workflow, manager)

    await all_or_first_error([one(manager) for manager in workflow.managers])
    return await asyncio.to_thread(_find, workflow)


def _find(workflow: Workflow) -> Prunable:
    plan = workflow.planned()
    found: list[tuple[str, Candidate]] = []
    smaller: dict[str, int] = {}
    for manager in workflow.managers:
        if manager in READ:
            files = workflow.whole_layout(manager).files
            facts, target = workflow.facts, workflow.target
            them = candidates(manager, files, facts, target, workflow.chosen)
            smaller |= _symbols(workflow, manager, files)
        else:
            files = _everything(workflow, manager)
            them = list(_by_path(manager, files, workflow.chosen))
        taken = {each.file.path: each for each in them}
        led = with_links(files, {path: each.rules for path, each in taken.items()})
        found += [(manager, each) for each in them]
        found += [
            (manager, Candidate(file, led[file.path]))
            for file in files
            if file.path in led and file.path not in taken
        ]
        found += [
            (manager, Candidate(file, ()))
            for file in files
            if file.path in smaller and file.path not in taken
        ]
    return Prunable(plan, _cells(workflow, plan, found, smaller), workflow.managers)


def _cells(
    workflow: Workflow,
    plan: Plan,
    found: Sequence[tuple[str, Candidate]],
    smaller: Mapping[str, int],
) -> list[Cell]:
    files = {each.file.path: each.file for _, each in found}
    ordered = tuple(files[path] for path in sorted(files))
    catalog = of_plan(structs.replace(plan, files=ordered), store=workflow.store)
    packed = dict(zip(catalog.paths, zipped(catalog, workflow.store).sizes, strict=True))
    return [
        Cell(
            manager=manager,
            path=each.file.path,
            size=each.file.size,
            zipped=packed[each.file.path],
            rules=each.rules,
            symbols=smaller.get(each.file.path, 0),
        )
        for manager, each in found
    ]


def _symbols(workflow: Workflow, manager: str, files: Sequence[PlannedFile]) -> dict[str, int]:
    """What symbols take in the target's libraries: exactly where copies have been made, else by
    what their sections say.
    """
    found: dict[str, int] = {}
    keep, facts = Globs(workflow.chosen.keep), workflow.facts
    if not any(each.rule.how == "strip" for each in matchers(manager)):
        return found
    for file in files:
        source = file.source
        if not isinstance(source, StoreFile) or keep(file.path):
            continue
        evidence, copies = facts.evidence.get(source.digest), facts.stripped.get(source.digest)
        if evidence is None or evidence.binaries.get(source.path) != workflow.target.arch:
            continue
        if copies is not None:
            saved = file.size - copies.sizes.get(source.path, file.size)
        else:
            saved = evidence.symbols.get(source.path, 0)
        if saved:
            found[file.path] = saved
    return found


def _everything(workflow: Workflow, manager: str) -> tuple[PlannedFile, ...]:
    """A manager's layout as if no rule were in force."""
    settings = workflow.settings
    keep = tuple(rule.name for rule in rules())
    settings = structs.replace(
        settings, bundle=structs.replace(settings.bundle, prune=(), keep=keep)
    )
    other = Answers(replace(workflow.context, settings=settings, memory={}))
    other.resolutions, other.listings = workflow.resolutions, workflow.listings
    return other.whole_layout(manager).files


def _by_path(manager: str, files: Sequence[PlannedFile], chosen: Choice) -> Iterator[Candidate]:
    every: tuple[Matcher, ...] = matchers(manager)
    own, keep = Globs(chosen.globs), Globs(chosen.keep)
    for file in files:
        names = [each.rule.name for each in every if each(file.path)]
        names = [*([OWN] if own(file.path) else []), *names]
        if names and not keep(file.path):
            yield Candidate(file, tuple(names))
