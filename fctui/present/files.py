"""Files of a plan or a bundle as text and as the JSON contract has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from fctui.model.finding import Finding, Remedy
from fctui.model.plan import Category, LeftOut, Saving
from fctui.present.size import counted, human
from fctui.tasks.text import clean


class File(Protocol):
    """What a planned file and a manifest's file have in common."""

    @property
    def path(self) -> str:
        """Relative to the bundle."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def category(self) -> Category:
        """What it is."""

    @property
    def owner(self) -> str:
        """The package id."""

    @property
    def manager(self) -> str:
        """Whose package it is."""

    @property
    def shared_library(self) -> bool:
        """Whether it is a shared object."""


def file_json(file: File) -> dict[str, Any]:
    """One file with the contract's keys."""
    return {
        "path": file.path,
        "size": file.size,
        "category": str(file.category),
        "owner": file.owner,
        "manager": file.manager,
        "shared_library": file.shared_library,
    }


def by_category(files: Iterable[File]) -> list[str]:
    """The files under the heading of their install category, `.so` marked with `◆`."""
    groups: dict[str, list[File]] = {}
    for file in files:
        groups.setdefault(str(file.category), []).append(file)
    lines = []
    for category in (str(c) for c in Category):
        group = groups.get(category)
        if not group:
            continue
        size = sum(file.size for file in group)
        lines.append(f"{category}  {counted(len(group), 'file')}  {human(size)}")
        lines += [
            f"  {human(file.size):>8}  {'◆' if file.shared_library else ' '} {clean(file.path)}"
            for file in sorted(group, key=lambda file: file.path)
        ]
    return lines


def by_owner(files: Iterable[File], most: int | None = None) -> list[str]:
    """What each package brings, the largest first."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for file in files:
        key = (file.manager, file.owner)
        count, size = sums.get(key, (0, 0))
        sums[key] = (count + 1, size + file.size)
    ordered = sorted(sums.items(), key=lambda item: -item[1][1])
    lines = [
        f"{human(size):>8}  {count:>7,}  {manager:<7} {clean(owner)}"
        for (manager, owner), (count, size) in ordered[:most]
    ]
    if most is not None and len(ordered) > most:
        rest = sum(size for _, (_, size) in ordered[most:])
        lines.append(f"{human(rest):>8}           {len(ordered) - most} more packages")
    return lines


def by_manager(files: Iterable[File]) -> list[str]:
    """Files and bytes of each manager."""
    sums: dict[str, tuple[int, int]] = {}
    for file in files:
        count, size = sums.get(file.manager, (0, 0))
        sums[file.manager] = (count + 1, size + file.size)
    return [f"{m:<8} {c:>8,} files  {human(s):>8}" for m, (c, s) in sums.items()]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Each finding with its sign, what breaks the function first."""
    ordered = sorted(findings, key=lambda finding: not finding.breaks)
    lines = []
    for finding in ordered:
        lines.append(f"{'✖' if finding.breaks else '⚠'} {finding.kind}: {clean(finding.message)}")
        lines += [f"  because of {clean(' → '.join(chain))}" for chain in finding.chains[:2]]
        if finding.remedies:
            lines.append(f"  cured by {', or '.join(map(remedy_text, finding.remedies))}")
    return lines


def remedy_text(remedy: Remedy) -> str:
    """One cure in a few words: what to add, in whose place, and what it adds."""
    text = f"{remedy.manager} {clean(remedy.package)}"
    if remedy.instead_of:
        text += f" instead of {clean(remedy.instead_of)}"
    return text if remedy.size is None else f"{text} (+{human(remedy.size)})"


def left_out_lines(left_out: Sequence[LeftOut], most: int = 8) -> list[str]:
    """The function's own files that the bundle does not have, and why."""
    lines = [f"not taken in: {clean(file.path)}: {clean(file.reason)}" for file in left_out[:most]]
    if len(left_out) > most:
        lines.append(f"not taken in: {counted(len(left_out) - most, 'more file')} of the project")
    return lines


def saving_lines(savings: Iterable[Saving]) -> list[str]:
    """What is left out, by rule."""
    return [
        f"left out  {human(s.size):>8}  {counted(s.files, 'file'):>12}  {s.rule} ({s.manager})"
        for s in savings
        if s.files
    ]
