"""The functions of a workspace as a table, and as JSON."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fctui.model.target import Limits
from fctui.present.size import human
from fctui.tasks.text import clean
from fctui.workflow.workspace import Member

STATES = {
    "new": "not built",
    "built": "built",
    "changed": "changed since",
    "wrong": "cannot be read",
}
"""What is said of each state."""


def place(member: Member, root: Path) -> str:
    """Its directory as seen from the workspace."""
    return os.path.relpath(member.directory, root.resolve())


def budget(member: Member) -> str:
    """How large the bundle is, against the limit that the provider has for it."""
    if member.size is None:
        return "-"
    limit = _limit(member.limits)
    behind = f" of {human(limit[1])}" if limit and limit[0] == "unzipped" else ""
    return f"{human(member.size)}{behind}"


def table(members: Sequence[Member], root: Path) -> Iterator[str]:
    """A line for each function."""
    rows = [
        (m.name, place(m, root), m.target, ",".join(m.managers), budget(m), STATES[m.state])
        for m in members
    ]
    yield from columns([("function", "directory", "target", "declares", "size", "state"), *rows])
    for member in members:
        if member.problem:
            yield clean(f"{member.name}: {member.problem}")


def columns(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows with their cells below one another."""
    cleaned = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*cleaned, strict=True)]
    for row in cleaned:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def document(members: Sequence[Member], root: Path) -> dict[str, Any]:
    """The same for programs."""
    return {"functions": [{**facts(member, root), **_state(member)} for member in members]}


def facts(member: Member, root: Path) -> dict[str, Any]:
    """What names a function."""
    return {
        "name": member.name,
        "directory": place(member, root),
        "target": member.target or None,
    }


def _state(member: Member) -> dict[str, Any]:
    limit = _limit(member.limits)
    return {
        "managers": member.managers,
        "state": member.state,
        "size": member.size,
        "limit": {"of": limit[0], "bytes": limit[1]} if limit else None,
        "problem": member.problem or None,
    }


def _limit(limits: Limits) -> tuple[str, int] | None:
    """The limit that matters, and of what it is."""
    known = (("unzipped", limits.unzipped), ("zip", limits.zip_storage), ("zip", limits.zip_api))
    return next(((of, size) for of, size in known if size is not None), None)
