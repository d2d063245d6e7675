"""What a change that is tried would do: to the whole, and to each package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fctui.present.explore import owner_name, signed
from fctui.tui.exploration import Trial
from fctui.tui.lines.line import Line, Span, row
from fctui.tui.lines.wrapping import paragraph
from fctui.tui.signs import SIGNS

if TYPE_CHECKING:
    from fctui.workflow.what_if import PackageStep

_STEPS = 8
# Packages that are told: what has changed most stands first.


def trial_lines(trial: Trial, width: int) -> Iterator[Line]:
    """The change, what it would do, and how to keep it."""
    grown = sum(step.grown for step in trial.steps)
    yield from paragraph(f"{SIGNS.warning} as if {trial.tried.change.title}", width, "warn")
    yield Line((Span("  unzipped", "label"),), (Span(signed(grown), "size"),))
    for step in trial.steps[:_STEPS]:
        yield Line((Span(f"  {_said(step)}"),), (Span(signed(step.grown), "size"),))
    if len(trial.steps) > _STEPS:
        yield row(f"  and {len(trial.steps) - _STEPS:,} packages more", "dim")
    if not trial.steps:
        yield row("  It changes no package.", "dim")
    yield row("  N keeps it, or forgets it; nothing is written yet", "dim")


def _said(step: PackageStep) -> str:
    name, (old, new) = owner_name(step.owner), step.versions
    if not step.before:
        return f"{name} {new} comes".replace("  ", " ")
    if not step.after:
        return f"{name} {old} goes".replace("  ", " ")
    return f"{name} {old} {SIGNS.arrow} {new}" if old != new else f"{name} {old}".rstrip()
