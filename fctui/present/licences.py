"""The table of licences as text."""

from __future__ import annotations

from collections.abc import Iterable

from fctui.present.size import counted
from fctui.tasks.text import clean


def licence_lines(rows: Iterable[tuple[str, str, str, str]]) -> list[str]:
    """Packages under the heading of their licence; rows are (licence, manager, name, version),
    sorted by licence.
    """
    groups: dict[str, list[str]] = {}
    for licence, manager, name, version in rows:
        groups.setdefault(licence, []).append(f"  {manager:<6} {clean(name)} {clean(version)}")
    lines: list[str] = []
    for licence, packages in groups.items():
        shown = {"–": "none stated", "see file": "in words only"}.get(licence, licence)
        lines += [f"{clean(shown)}  {counted(len(packages), 'package')}", *packages]
    return lines
