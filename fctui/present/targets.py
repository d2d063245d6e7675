"""What differs between two targets, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.workflow.target_diff import TargetDifference

_SHOWN = 60
# Lines of a group: two releases differ in more than anybody reads; JSON has all of it.


def difference_lines(found: TargetDifference) -> Iterator[str]:
    """Group by group: `-` only the first has, `+` only the second, `~` another value."""
    if found.same:
        yield "Nothing differs."
    for title, changes in (
        ("facts", found.facts),
        ("presets", found.presets),
        ("packages", found.packages),
        ("libraries", found.libraries),
        ("programs", found.programs),
    ):
        if changes:
            yield f"{title}: {len(changes):,}"
        for each in changes[:_SHOWN]:
            yield f"  {_line(each.what, each.before, each.after)}"
        if len(changes) > _SHOWN:
            yield f"  and {len(changes) - _SHOWN:,} more"
    if found.versions:
        yield f"symbol versions: {len(found.versions):,}"
    for change in found.versions[:_SHOWN]:
        signs = [f"-{name}" for name in change.lost] + [f"+{name}" for name in change.gained]
        yield f"  ~ {clean(change.soname)} {clean(' '.join(signs))}"
    yield from found.notes


def _line(what: str, before: str | None, after: str | None) -> str:
    name = clean(what)
    if before is None or after is None:
        value = clean((after if before is None else before) or "")
        shown = "" if value == name else f" {value}"
        return f"{'+' if before is None else '-'} {name}{shown}"
    return f"~ {name} {clean(before)} → {clean(after)}"
