"""The details of the bundle pane: what is selected, the totals, savings and environment."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from fctui.model.plan import Generated, Link, Plan, PlannedFile, ProjectFile
from fctui.present.size import counted
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.lines.sizes import exact, size
from fctui.tui.outline.directories import DirectoryForest
from fctui.tui.signs import SIGNS

_LABEL = 11  # cells: the longest label, `libraries`, and two spaces


def entry_lines(forest: DirectoryForest, key: str, width: int) -> Iterator[Line]:
    """What the file or directory under the cursor is."""
    for part in textwrap.wrap(clean(key), max(10, width)) or [""]:
        yield Line((Span(part, "title"),))
    if key.endswith("/"):
        holds = f"{counted(forest.count(key), 'file')} {SIGNS.dot} {size(forest.weight(key))}"
        yield _fact("holds", holds)
        return
    file = forest.files[key]
    kind = str(file.category) + (f" {SIGNS.library} shared library" if file.shared_library else "")
    facts = {
        "owner": f"{file.owner} ({file.manager})" if file.manager else file.owner,
        "category": kind,
        "size": exact(file.size),
        "mode": f"{file.mode:o}",
        "comes from": _origin(file),
    }
    for label, text in facts.items():
        parts = textwrap.wrap(clean(text), max(10, width - _LABEL)) or [""]
        yield _fact(label, parts[0])
        yield from (_fact("", part) for part in parts[1:])


def plan_lines(plan: Plan, width: int, missing: tuple[str, ...] = ()) -> Iterator[Line]:
    """The whole bundle in numbers."""
    totals = plan.totals
    yield Line((Span("bundle", "title"), Span(f" for {plan.target}", "dim")))
    yield _fact("all", f"{counted(totals.files, 'file')} {SIGNS.dot} {exact(totals.size)}")
    libraries = sum(file.shared_library for file in plan.files)
    yield _fact("libraries", f"{SIGNS.library} {libraries:,} .so")
    for manager in missing:
        yield Line((Span(f"{SIGNS.warning} without {manager}: see its pane", "warn"),))
    yield from _by("manager", plan.files)
    yield from _by("category", plan.files)
    if plan.savings:
        yield Line()
        yield Line((Span("left out", "heading"),))
        for saving in sorted(plan.savings, key=lambda saving: -saving.size):
            numbers = f"{saving.files:>7,} {size(saving.size):>9}"
            yield Line(
                (Span(f"  {saving.rule} "), Span(saving.manager, "dim")), (Span(numbers, "size"),)
            )
    if plan.unknown:
        yield Line()
        yield Line((Span("known only once built", "heading"),))
        for unknown in plan.unknown:
            yield Line((Span(f"  {unknown.package}", "warn"), Span(f"  {unknown.reason}", "dim")))
    if plan.environment:
        yield Line()
        yield Line((Span("environment that it needs", "heading"),))
        for name, value in plan.environment.items():
            for part in textwrap.wrap(clean(f"{name}={value}"), max(10, width - 2)):
                yield Line((Span(f"  {part}"),))


def _by(what: str, files: tuple[PlannedFile, ...]) -> Iterator[Line]:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for file in files:
        name = str(file.category) if what == "category" else file.manager or "function"
        counts[name] += 1
        sizes[name] += file.size
    yield Line()
    yield Line((Span(f"by {what}", "heading"),))
    for name, bytes_ in sizes.most_common():
        yield Line((Span(f"  {name}"),), (Span(f"{counts[name]:>7,} {size(bytes_):>9}", "size"),))


def _origin(file: PlannedFile) -> str:
    match file.source:
        case Generated():
            return "written by the installer"
        case Link(target=target):
            return f"a link to {target}"
        case ProjectFile(path=path):
            return f"the project: {path}"
        case _:
            return "the artifact, as it is"


def _fact(label: str, text: str) -> Line:
    return Line((Span(f"{label:<{_LABEL}}", "label"), Span(text)))
