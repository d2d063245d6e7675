"""Findings: one line each in the list, and all that is known beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from fctui.model.finding import Finding, Remedy
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.lines.sizes import size
from fctui.tui.lines.wrapping import paragraph
from fctui.tui.signs import SIGNS


def finding_line(finding: Finding, key: str) -> Line:
    """One finding in the list; those that break the function have the stronger sign."""
    sign, style = (SIGNS.failed, "bad") if finding.breaks else (SIGNS.warning, "warn")
    return Line(
        (
            Span(f" {sign} ", style),
            Span(f"{finding.subject}  ", "name"),
            *_in_short(finding),
        ),
        (Span(f" {finding.kind} ", style),),
        key=key,
    )


def _in_short(finding: Finding) -> tuple[Span, ...]:
    """Who needs it and what cures it, where that is known; else the sentence."""
    if not (finding.remedies and finding.needed_by):
        return (Span(finding.message, "dim"),)
    remedy = finding.remedies[0]
    more = f" +{len(finding.needed_by) - 1}" if len(finding.needed_by) > 1 else ""
    adds = "" if remedy.size is None else f" +{size(remedy.size)}"
    return (
        Span(f"for {finding.needed_by[0]}{more}  ", "text"),
        Span(f"{SIGNS.arrow} {remedy.manager} {remedy.package}{adds}", "dim"),
    )


def finding_lines(finding: Finding, width: int) -> Iterator[Line]:
    """Everything about one finding."""
    style = "bad" if finding.breaks else "warn"
    yield Line((Span(finding.subject, "title"),), (Span(str(finding.kind), style),))
    said = "the function will not run with it" if finding.breaks else "worth knowing"
    yield Line((Span(said, style),))
    yield Line()
    for line in finding.message.splitlines():
        yield from paragraph(line, width)
    yield from _who(finding, width)
    if finding.remedies:
        yield from _headed("what cures it")
        for number, remedy in enumerate(finding.remedies):
            yield _remedy_line(remedy, best=number == 0)
        yield Line((Span("  y adds the first; Y the first of every finding", "dim"),))
    if finding.files:
        yield from _headed(f"files {SIGNS.dot} {len(finding.files):,}")
        for path in finding.files:
            yield Line((Span(f"  {path}"),))


def _who(finding: Finding, width: int) -> Iterator[Line]:
    """The ways that lead to it, or where they are not known the packages that need it."""
    if finding.chains:
        yield from _headed("because of")
        for chain in finding.chains:
            way = f" {SIGNS.arrow} ".join(chain)
            for part in textwrap.wrap(clean(way), max(10, width - 2), subsequent_indent="  "):
                yield Line((Span(f"  {part}"),))
    elif finding.needed_by:
        yield from _headed("needed by")
        for name in finding.needed_by:
            yield Line((Span(f"  {name}"),))


def _headed(text: str) -> Iterator[Line]:
    yield Line()
    yield Line((Span(text, "heading"),))


def _remedy_line(remedy: Remedy, *, best: bool) -> Line:
    adds = "" if remedy.size is None else f"+{size(remedy.size)} "
    replaces = f"replaces {remedy.instead_of} " if remedy.instead_of else ""
    return Line(
        (Span(f"  {remedy.manager} ", "label"), Span(remedy.package, "name" if best else "text")),
        (Span(replaces, "dim"), Span(adds, "size")),
    )
