"""The first two lines: project, target and gauge; the panes with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from rich.cells import cell_len

from fctui.model.target import Limits, Target
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.lines.sizes import gauge, size
from fctui.tui.signs import SIGNS


class Stage(StrEnum):
    """What a pane has to show."""

    UNDECLARED = "undeclared"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class Tab(Struct, frozen=True):
    """A pane's key, name, and what is said beside it."""

    key: str
    name: str
    stage: Stage
    count: int | None = None
    warn: bool = False


class Heading(Struct, frozen=True):
    """What the first line says. `bytes` is what is known by now; `complete` when that is all.
    `zipped` are the bytes in a zip, where they can be told, `zipped_exactly` or about.
    """

    project: str
    target: Target
    method: str
    bytes: int
    complete: bool
    findings: int | None = None
    offline: bool = False
    zipped: int | None = None
    zipped_exactly: bool = True


def limit_of(limits: Limits) -> tuple[int, str] | None:
    """The limit that a bundle meets first, in bytes, and what it is a limit of."""
    if limits.unzipped is not None:
        return limits.unzipped, "unpacked"
    for count, what in ((limits.zip_storage, "zip"), (limits.zip_api, "zip")):
        if count is not None:
            return count, what
    return None


def title_line(heading: Heading, width: int) -> Line:
    """Project and target at the left, gauge and findings at the right, as far as there is room."""
    target = heading.target
    name, method = clean(heading.project), heading.method
    parts = [target.id, target.arch]
    if target.python:
        parts.append(f"Python {target.python.minor}")
    elif target.node:
        parts.append(f"Node {target.node.version}")
    elif target.java:
        parts.append(f"Java {target.java.version}")
    if heading.offline:
        parts.append("offline")
    shorter = [p for p in parts if p != target.arch]
    dot = f" {SIGNS.dot} "
    lefts = [
        dot.join([*parts, f"method {method}"]),
        dot.join([*parts, method]),
        dot.join([*shorter, method]),
        dot.join(shorter),
        target.id,
    ]
    for bars in ((12, 8, 6), (0,)):  # rather fewer words than no gauge
        for about in lefts:
            for right in (_right(heading, bar) for bar in bars):
                right_width = sum(cell_len(span.text) for span in right)
                if cell_len(name) + cell_len(about) + 5 + right_width <= width:
                    return _title(name, about, right)
    return _title(name, target.id, _right(heading, 0))


def _title(name: str, about: str, right: tuple[Span, ...]) -> Line:
    left = (Span(" "), Span(name, "title"), Span(f" {SIGNS.arrow} ", "dim"), Span(about))
    return Line(left, right)


def _right(heading: Heading, bar: int) -> tuple[Span, ...]:
    limit = limit_of(heading.target.limits)
    unsure = "" if heading.complete else "~"
    spans = []
    if limit is None:
        spans.append(Span(f"{unsure}{size(heading.bytes)}B".replace(" BB", " B"), "size"))
    else:
        most, what = limit
        counted = heading.bytes
        if what == "zip" and heading.zipped is not None:
            counted = heading.zipped
            unsure = "" if heading.complete and heading.zipped_exactly else "~"
        over = counted > most
        # Where only the unpacked bytes are known, a limit of the zip is but a hint.
        sure = what == "unpacked" or heading.zipped is not None
        worst = "bad" if sure else "warn"
        style = worst if over else "warn" if counted > 0.9 * most else "good"
        used = f"{unsure}{counted / 1e6:,.0f} / {most / 1e6:,.0f} MB"
        spans.append(Span(used, worst if over else "size"))
        if what == "zip" and bar > 6:
            spans.append(Span(" zip", "dim"))
        if bar:
            left, right = SIGNS.ends[0], SIGNS.ends[1]
            spans += [
                Span(f" {left}", "dim"),
                Span(gauge(counted, most, bar), style),
                Span(right, "dim"),
            ]
        if over and sure:
            spans.append(Span(f" {SIGNS.warning} over", "bad"))
    if heading.findings:
        spans.append(Span(f"  {SIGNS.warning} {heading.findings}", "warn"))
    elif heading.findings == 0:
        spans.append(Span(f"  {SIGNS.done}", "good"))
    return (*spans, Span(" "))


def tabs_line(tabs: Sequence[Tab], active: str) -> Line:
    """The panes; the one in view stands out, what is not declared is dimmed."""
    spans = []
    for tab in tabs:
        text, style = _said(tab)
        if tab.name == active:
            spans.append(Span(f" {tab.key} {tab.name}{text} ", "tab"))
        elif tab.stage is Stage.UNDECLARED:
            spans.append(Span(f" {tab.key} {tab.name}{text} ", "off"))
        else:
            spans += [Span(f" {tab.key}", "key"), Span(f" {tab.name}"), Span(f"{text} ", style)]
    return Line(tuple(spans))


def _said(tab: Tab) -> tuple[str, str]:
    if tab.stage is Stage.FAILED:
        return f" {SIGNS.failed}", "bad"
    if tab.stage is Stage.STOPPED:
        return f" {SIGNS.stopped}", "warn"
    if tab.stage is Stage.UNDECLARED:
        return f" {SIGNS.none}", "off"
    if tab.count is None:
        return (f" {SIGNS.ellipsis}", "dim") if tab.stage is Stage.LOADING else ("", "dim")
    return f" {tab.count:,}", "warn" if tab.warn else "dim"
