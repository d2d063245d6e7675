"""The whole bundle in numbers: totals, sums, what was left out, the environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.explore.catalog import Catalog
from fctui.explore.change import FileChange
from fctui.explore.groups import By, grouped
from fctui.explore.selection import Selection
from fctui.model.plan import Plan
from fctui.present.explore import CHANGE_SIGNS, NOBODY, edits_text, signed
from fctui.present.size import counted, duration
from fctui.tui.lines.explored import fact
from fctui.tui.lines.line import Line, Span, fit_path
from fctui.tui.lines.sizes import exact, size
from fctui.tui.lines.wrapping import paragraph
from fctui.tui.signs import SIGNS

if TYPE_CHECKING:
    from fctui.bundle.build import Built

_NAMED = 8
# Files that are named of those that were edited or left out: the command line names more.


def whole_lines(
    catalog: Catalog, plan: Plan | None, width: int, missing: tuple[str, ...] = ()
) -> Iterator[Line]:
    """The whole bundle in numbers; `plan` tells what no bundle does."""
    about = catalog.about
    what = f" for {about.target}" if about.target else ""
    yield Line((Span("bundle", "title"), Span(what, "dim")))
    all_ = f"{counted(len(catalog), 'file')} {SIGNS.dot} {exact(catalog.size)}"
    yield from fact("all", all_, width)
    yield from fact("libraries", f"{SIGNS.library} {sum(catalog.libraries):,} .so", width)
    for manager in missing:
        yield Line((Span(f"{SIGNS.warning} without {manager}: see its pane", "warn"),))
    if plan is not None:
        yield from _of_plan(plan, width)
    if about.environment:
        yield Line()
        yield Line((Span("environment that it needs", "heading"),))
        for name, value in about.environment.items():
            yield from paragraph(f"{name}={value}", width, indent="  ")
    everything = Selection(catalog)
    yield from _by("manager", everything)
    yield from _by("category", everything)


def edit_lines(edits: Sequence[FileChange], width: int, *, planned: bool) -> Iterator[Line]:
    """What somebody did to the bundle on the disk since it was built; `planned`: a plan is shown,
    and a build will undo that.
    """
    if not edits:
        return
    yield from paragraph(f"{SIGNS.warning} {edits_text(edits)}", width, "warn")
    for edit in edits[:_NAMED]:
        numbers = signed(edit.grown)
        room = max(width - len(numbers) - 6, 8)
        shown = f"  {CHANGE_SIGNS[edit.what]} {fit_path(edit.path, room)}"
        yield Line((Span(shown),), (Span(numbers, "size"),))
    if len(edits) > _NAMED:
        yield Line((Span(f"  {SIGNS.ellipsis} {len(edits) - _NAMED:,} more", "dim"),))
    if planned:
        yield from paragraph("A build makes it as planned again.", width, "dim", indent="  ")


def state_line(place: Path | None, built: Built | None) -> Line:
    """Whether it stands on the disk, is planned, or was built a moment ago."""
    if place is not None:
        return Line((Span(f"{SIGNS.done} stands at {place}", "good"),))
    if built is None:
        return Line((Span(f"planned {SIGNS.dot} b builds it", "accent"),))
    verb = "stands as planned" if built.unchanged else "built"
    text = f"{SIGNS.done} {verb} in {duration(built.seconds)}: {built.bundle}"
    return Line((Span(text, "good"),))


def _of_plan(plan: Plan, width: int) -> Iterator[Line]:
    if plan.savings:
        yield Line()
        yield Line((Span("left out", "heading"),))
        for saving in sorted(plan.savings, key=lambda saving: -saving.size):
            numbers = f"{saving.files:>7,} {size(saving.size):>9}"
            yield Line(
                (Span(f"  {saving.rule} "), Span(saving.manager, "dim")), (Span(numbers, "size"),)
            )
    if plan.left_out:
        yield Line()
        yield Line((Span("of the project, not taken in", "heading"),))
        for file in plan.left_out[:_NAMED]:
            yield Line((Span(f"  {fit_path(file.path, max(width - 2, 8))}", "warn"),))
            yield from paragraph(file.reason, width, "dim", indent="    ")
        if len(plan.left_out) > _NAMED:
            more = f"  {SIGNS.ellipsis} {len(plan.left_out) - _NAMED:,} more"
            yield Line((Span(more, "dim"),))
    if plan.unknown:
        yield Line()
        yield Line((Span("known only once built", "heading"),))
        for unknown in plan.unknown:
            yield Line((Span(f"  {unknown.package}", "warn"), Span(f"  {unknown.reason}", "dim")))


def _by(what: By, everything: Selection) -> Iterator[Line]:
    yield Line()
    yield Line((Span(f"by {what}", "heading"),))
    for group in grouped(everything, what):
        numbers = f"{group.files:>7,} {size(group.size):>9}"
        yield Line((Span(f"  {group.name or NOBODY}"),), (Span(numbers, "size"),))
