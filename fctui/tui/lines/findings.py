"""Findings: one line each in the list, and all that is known beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from fctui.model.finding import Finding
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.signs import SIGNS


def finding_line(finding: Finding, number: int) -> Line:
    """One finding in the list; those that break the function have the stronger sign."""
    sign, style = (SIGNS.failed, "bad") if finding.breaks else (SIGNS.warning, "warn")
    return Line(
        (
            Span(f" {sign} ", style),
            Span(f"{finding.subject}  ", "name"),
            Span(finding.message, "dim"),
        ),
        (Span(f" {finding.kind} ", style),),
        key=str(number),
    )


def finding_lines(finding: Finding, width: int) -> Iterator[Line]:
    """Everything about one finding."""
    style = "bad" if finding.breaks else "warn"
    yield Line((Span(finding.subject, "title"),), (Span(str(finding.kind), style),))
    said = "the function will not run with it" if finding.breaks else "worth knowing"
    yield Line((Span(said, style),))
    yield Line()
    for paragraph in finding.message.splitlines():
        for part in textwrap.wrap(clean(paragraph), max(10, width)):
            yield Line((Span(part),))
    if finding.needed_by:
        yield Line()
        yield Line((Span("needed by", "heading"),))
        for name in finding.needed_by:
            yield Line((Span(f"  {name}"),))
    if finding.remedies:
        yield Line()
        yield Line((Span("what cures it", "heading"),))
        for remedy in finding.remedies:
            yield Line((Span(f"  {remedy.manager} ", "label"), Span(remedy.package)))
