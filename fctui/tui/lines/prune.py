"""A rule of what is left out, as a line: its switch, files, bytes, managers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fctui.present.size import human
from fctui.tui.lines.line import Line, Span
from fctui.tui.signs import SIGNS

if TYPE_CHECKING:
    from fctui.workflow.prunable import Row

COLUMNS = f"    {'rule':<17}{'files':>7}{'bytes':>9}{'zipped':>10}  of"


def rule_line(rule: Row) -> Line:
    """What a rule leaves out, or would."""
    style = "text" if rule.size else "off"
    sums = f"{rule.files:>7,}{human(rule.size):>9}{'~' + human(rule.zipped):>10}"
    if not rule.size:
        sums = f"{'-':>7}{'-':>9}{'-':>10}"
    sign = SIGNS.done if rule.on else " "
    return Line(
        (
            Span(f" {sign}  ", "good"),
            Span(f"{rule.rule:<17}", "name" if rule.size else "off"),
            Span(sums, "size" if rule.size else style),
            Span(f"  {' '.join(rule.managers)}", "dim"),
        ),
        (Span("" if rule.default else "if asked ", "dim"),),
        key=rule.rule,
    )
