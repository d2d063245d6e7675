"""What rules leave out, as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import structs

from fctui.present.size import counted, human
from fctui.pruning.rules import DEFAULT, Choice, choice
from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.workflow.prunable import Prunable, Saved


def prunable_lines(found: Prunable, chosen: Choice, *, files: bool = False) -> Iterator[str]:
    """A line for each rule: in force (✔), on by default (·); then what that comes to."""
    rows = found.rows(chosen)
    width = max(len(row.rule) for row in rows) if rows else 0
    yield f"  {'rule':<{width}} {'files':>8} {'bytes':>8} {'zipped':>9}  "
    for row in rows:
        sign = "✔" if row.on else "·" if row.default else " "
        sums = f"{row.files or '–':>8} {human(row.size or None):>8} {_about(row.zipped):>9}"
        yield f"{sign} {row.rule:<{width}} {sums}  {row.reason}"
        if files:
            for cell in found.cells:
                if row.rule in cell.rules:
                    yield f"    {human(cell.size):>8}  {clean(cell.path)}"
    yield ""
    yield _sum("in force (✔)", found.saved(chosen))
    default = choice(DEFAULT, ())
    if default != chosen:
        yield _sum('prune = "default" (·)', found.saved(default))


def prunable_json(found: Prunable, chosen: Choice, *, files: bool = False) -> dict[str, Any]:
    """Every rule, and the sums of what is in force and of `default`; zipped bytes are estimates."""
    rules = []
    for row in found.rows(chosen):
        rules.append(structs.asdict(row))
        if files:
            rules[-1]["paths"] = [cell.path for cell in found.cells if row.rule in cell.rules]
    return {
        "rules": rules,
        "totals": found.saved(chosen),
        "default": found.saved(choice(DEFAULT, ())),
    }


def _sum(what: str, saved: Saved) -> str:
    sums = f"{counted(saved.files, 'file')}, {human(saved.size)}, zipped {_about(saved.zipped)}"
    return f"{what}: {sums}"


def _about(count: int) -> str:
    return f"~{human(count)}" if count else "–"
