"""The comparison of the pip methods as text."""

from __future__ import annotations

from collections.abc import Sequence

from fctui.present.size import human
from fctui.workflow.methods import MethodReport


def method_lines(reports: Sequence[MethodReport], current: str) -> list[str]:
    """A table of figures, then for each method what it does and what it wants."""
    head = f"  {'method':<15} {'files':>7} {'size':>8} {'zipped':>8} {'overhead':>9}  to set"
    lines = [head]
    for report in reports:
        sign = "✔" if report.id == current else " "
        unset = ", ".join(sorted(report.environment)) or "nothing"
        overhead = human(report.overhead_size) if report.overhead_files else "none"
        lines.append(
            f"{sign} {report.id:<15} {report.files:>7,} {human(report.size):>8} "
            f"{human(report.packed):>8} {overhead:>9}  {unset}"
        )
    for report in reports:
        lines += ["", report.id + ("  (recommended)" if report.recommended else "")]
        lines += [f"  {report.reason}"] if report.reason else []
        lines.append(f"  runs       {' '.join(report.command)}")
        lines.append(f"  once       {report.legacy}")
        lines.append(f"  makes      {', '.join(report.directories)}")
        lines += [f"  {what:<16} {how}" for what, how in report.works.items()]
        lines += [f"  set        {name}={value}" for name, value in report.environment.items()]
        lines += [f"  ⚠ {warning}" for warning in report.warnings]
    return lines
