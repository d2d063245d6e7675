"""What would change, as a table of text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fctui.model.outdated import Change, Comparison, Outdated
from fctui.present.size import counted, human
from fctui.tasks.text import clean

HEADING = ("", "package", "locked", "fits", "newest", "size")
WORDS = {Change.UPDATE: "~", Change.NEW: "+", Change.GONE: "-", Change.HELD: "="}


def cells(each: Outdated) -> tuple[str, ...]:
    """The columns of one package: a sign of what would become of it first."""
    return (
        WORDS[each.change],
        clean(f"{each.manager} {each.name}"),
        clean(each.locked or "–"),
        clean(each.fits or "–"),
        clean(each.newest or "?"),
        size_text(each),
    )


def size_text(each: Outdated) -> str:
    """How much larger or smaller, or else how large."""
    if each.change is Change.HELD:
        return ""
    if each.size_change:
        return f"{'+' if each.size_change > 0 else '−'}{human(abs(each.size_change))}"
    if each.size_change == 0:
        return "±0"
    return human(each.size) if each.size is not None else ""


def outdated_lines(found: Comparison) -> Iterator[str]:
    """The table, and the sum."""
    rows = [HEADING, *map(cells, found.packages)]
    if found.packages:
        widths = [max(len(row[at]) for row in rows) for at in range(len(HEADING))]
        for row in rows:
            yield "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        yield ""
    yield sum_text(found)
    for path in found.moved_on:
        yield clean(f"{path} has changed since fctui lock")


def sum_text(found: Comparison) -> str:
    """How much would change, in one line."""
    against = f"the {found.base}" if found.base == "bundle" else found.base
    counts = [(change, _count(found.packages, change)) for change in Change]
    told = {
        Change.UPDATE: "to change",
        Change.NEW: "new",
        Change.GONE: "gone",
        Change.HELD: "held back",
    }
    parts = [f"{number} {told[change]}" for change, number in counts if number]
    compared = f"{counted(found.compared, 'package')} in {against}"
    return f"{compared}: {', '.join(parts) if parts else 'all as new as it gets'}"


def _count(packages: Sequence[Outdated], change: Change) -> int:
    return sum(each.change is change for each in packages)


def outdated_json(found: Comparison) -> dict[str, Any]:
    """The JSON contract."""
    return {
        "base": found.base,
        "target": found.target,
        "compared": found.compared,
        "packages": found.packages,
        "moved_on": found.moved_on,
    }
