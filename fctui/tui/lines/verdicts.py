"""The proof: one line for each thing tried, and all that is known of it beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fctui.model.verification import Outcome, Verdict
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.wrapping import paragraph
from fctui.tui.signs import SIGNS

_ORDER = {Outcome.FAILED: 0, Outcome.OPTIONAL: 1, Outcome.SKIPPED: 2, Outcome.PASSED: 3}


def in_order(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What failed first, then what may fail, then the rest as it came."""
    return sorted(verdicts, key=lambda verdict: _ORDER[verdict.outcome])


def heading_line(verdicts: Sequence[Verdict], expected: int, *, ended: bool) -> Line:
    """How far the proof is, and how it stands."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    spans = [Span(" verify ", "heading")]
    for outcome in _ORDER:
        if counts[outcome]:
            sign, style = _sign(outcome)
            spans.append(Span(f" {sign} {counts[outcome]} {outcome} ", style))
    how_far = "" if ended else f"{len(verdicts):,} of {expected:,} {SIGNS.ellipsis} "
    return Line(tuple(spans), (Span(how_far, "dim"),))


def verdict_line(verdict: Verdict, key: str) -> Line:
    """One trial in the list."""
    sign, style = _sign(verdict.outcome)
    return Line(
        (
            Span(f" {sign} ", style),
            Span(f"{verdict.subject}  ", "name" if verdict.ok else "title"),
            Span(verdict.message, "dim"),
        ),
        (Span(f" {verdict.kind} ", "dim"),),
        key=key,
    )


def verdict_lines(verdict: Verdict, width: int) -> Iterator[Line]:
    """Everything about one trial."""
    sign, style = _sign(verdict.outcome)
    yield Line((Span(verdict.subject, "title"),), (Span(str(verdict.kind), "dim"),))
    yield Line((Span(f"{sign} {verdict.outcome}", style), Span(f" in {verdict.seconds:.2f} s")))
    if verdict.owner:
        yield Line((Span("of ", "dim"), Span(f"{verdict.owner} ({verdict.manager})")))
    yield Line()
    yield from paragraph(verdict.message, width)


def _sign(outcome: Outcome) -> tuple[str, str]:
    return {
        Outcome.FAILED: (SIGNS.failed, "bad"),
        Outcome.OPTIONAL: (SIGNS.warning, "warn"),
        Outcome.SKIPPED: (SIGNS.dot, "dim"),
        Outcome.PASSED: (SIGNS.done, "good"),
    }[outcome]
