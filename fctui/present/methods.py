"""The comparison of the pip methods as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fctui.present.size import counted, human
from fctui.tasks.text import clean
from fctui.workflow.by_hand import line
from fctui.workflow.methods import MethodReport

SIGNS = {"yes": "✔", "set": "⚠", "part": "⚠", "no": "✖", "none": "–"}
"""The sign of each state of an aspect; the command line turns them into ASCII where it has to."""

_INSIDE = "--"
# What stands before the program that a sandbox starts.


def method_lines(reports: Sequence[MethodReport], current: str) -> list[str]:
    """A table of figures, then for each method what it does and what it wants."""
    head = f"  {'method':<15} {'files':>7} {'dirs':>6} {'size':>8}"
    lines = [f"{head} {'zip, about':>10} {'never runs':>10}  to set"]
    for report in reports:
        sign = "✔" if report.id == current else " "
        lines.append(
            f"{sign} {report.id:<15} {report.files:>7,} {report.folders:>6,} "
            f"{human(report.size):>8} {human(report.packed):>10} {overhead(report):>10}  "
            f"{to_set(report)}"
        )
    for report in reports:
        lines += ["", report.id + ("  (recommended)" if report.recommended else "")]
        lines += [f"  {report.reason}"] if report.reason else []
        lines += [f"  {label:<10} {clean(text)}" for label, text in facts(report)]
        for aspect in report.aspects:
            lines.append(f"  {SIGNS[aspect.state]} {aspect.what:<16} {clean(aspect.how)}")
            lines += [f"    {'':<16} {clean(aspect.why)}"] if aspect.why else []
        lines += [f"  ⚠ {clean(warning)}" for warning in report.warnings]
    if reports and reports[0].resolves:
        lines += ["", "each begins with"]
        lines += [f"  {clean(shown_command(command))}" for command in reports[0].resolves]
    return lines


def facts(report: MethodReport) -> Iterator[tuple[str, str]]:
    """(label, text): what runs, what one would type, what is made, what has to be set."""
    yield "runs", " ".join(report.command)
    for command in report.today:
        yield "by hand", line(command)
    if not report.today:
        yield "by hand", "not with today's pip"
    yield "once", report.legacy
    kinds: dict[str, list[str]] = {}
    for pair in report.directories:
        kind, _, directory = pair.partition(": ")
        kinds.setdefault(directory, []).append(kind)
    for directory, those in kinds.items():
        yield "puts", f"{', '.join(those)} into {directory}"
    at_root = f"{counted(report.at_root, 'name')} in the bundle's root"
    yield "makes", f"{counted(report.folders, 'folder')}, {at_root}"
    for need in report.needs:
        covered = f"covered {need.covered_by}" if need.covered_by else "to be set"
        yield "needs", f"{need.directory} in {need.variable}: {covered}"
    for name, value in report.environment.items():
        yield "set", f"{name}={value}"


def overhead(report: MethodReport) -> str:
    """What never runs, in bytes."""
    return human(report.overhead_size) if report.overhead_files else "none"


def to_set(report: MethodReport) -> str:
    """The variables that have to be set."""
    return ", ".join(sorted(report.environment)) or "nothing"


def shown_command(command: Sequence[str]) -> str:
    """A command without the sandbox around it, and what kind of place that is."""
    words = list(command)
    if words and words[0] == "bwrap" and _INSIDE in words:
        return f"{line(tuple(words[words.index(_INSIDE) + 1 :]))}  (in the sandbox)"
    return line(tuple(words))
