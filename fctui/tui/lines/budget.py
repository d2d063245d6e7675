"""The target's limits as gauges: in one line above the files, and one for each in the details."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from fctui.explore.budget import Gauge
from fctui.present.explore import gauge_text
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import gauge, size
from fctui.tui.signs import SIGNS

_BAR, _NARROW = 10, 5

Gauges = Sequence[tuple[Gauge, Gauge | None]]
"""Each limit as it is used, and as it would be without what is left out for a try."""


def budget_line(gauges: Gauges, width: int) -> Line:
    """As many limits as there is room for, what is fullest first."""
    ordered = sorted(
        (pair for pair in gauges if pair[0].limit is not None),
        key=lambda pair: -(pair[1] or pair[0]).part,
    ) or list(gauges[:1])
    for bar in (_BAR, _NARROW, 0):
        spans: list[Span] = []
        shown = 0
        for now, then in ordered:
            more = [Span(" "), *_short(now, then, bar), Span(" ")]
            if sum(cell_len(span.text) for span in (*spans, *more)) > width:
                break
            spans += more
            shown += 1
        if shown >= min(2, len(ordered)):
            break
    return Line(tuple(spans))


def gauge_lines(gauges: Gauges, width: int) -> Iterator[Line]:
    """Every limit with its numbers."""
    yield Line((Span("limits", "heading"),))
    for now, then in gauges:
        shown = then or now
        mark = Span(f" {SIGNS.failed}", "bad") if shown.over else Span("")
        numbers = gauge_text(now)
        if then is not None and then.used != now.used:
            numbers = f"{_used(now)} {SIGNS.arrow} {gauge_text(then)}"
        left = [Span(f"  {now.name:<15}", "label")]
        if now.limit and 17 + _BAR + 3 + len(numbers) + 3 <= width:
            left += _bar(shown, _BAR)
        yield Line(tuple(left), (Span(numbers, "size"), mark))


def _short(now: Gauge, then: Gauge | None, bar: int) -> list[Span]:
    shown = then or now
    moved = then is not None and then.used != now.used
    used = f"{_used(now)} {SIGNS.arrow} {_used(shown)}" if moved else _used(now)
    limit = "" if now.limit is None else f"/{_number(now, now.limit)}"
    spans = [Span(f"{now.name} ", "label"), Span(f"{used}{limit}", _style(shown, "size"))]
    if bar and now.limit:
        spans += [Span(" "), *_bar(shown, bar)]
    if shown.over:
        spans.append(Span(f" {SIGNS.failed}", "bad"))
    return spans


def _bar(shown: Gauge, width: int) -> list[Span]:
    filled = gauge(shown.used, shown.limit or 1, width)
    left, right = SIGNS.ends[0], SIGNS.ends[1]
    return [Span(left, "dim"), Span(filled, _style(shown, "good")), Span(right, "dim")]


def _style(shown: Gauge, usual: str) -> str:
    return "bad" if shown.over else "warn" if shown.part > 0.9 else usual


def _used(each: Gauge) -> str:
    return ("" if each.exact else "~") + _number(each, each.used)


def _number(each: Gauge, count: int) -> str:
    return str(count) if each.unit == "layers" else size(count)
