"""A file's way, for a width: where it is from, where it lies under each method, who finds it."""

from __future__ import annotations

from collections.abc import Iterator

from fctui.present.trace import facts
from fctui.tui.lines.line import Line, Span, clean
from fctui.tui.lines.sizes import size
from fctui.tui.lines.wrapping import labelled, wrapped
from fctui.tui.signs import SIGNS
from fctui.workflow.trace import Placement, Trace
from fctui.workflow.which import Found

_LABEL = 17  # cells: a sign, `install-option`, and a space
_BRIEF = ("artifact", "category")
# What is told where the list above says the rest.
_KINDS = {"module": "import", "package": "import", "namespace": "part of"}


def trace_lines(trace: Trace, current: str, width: int, *, brief: bool = False) -> list[Line]:
    """The facts, then a paragraph for each method, that in force first; methods that do the same
    with the file share one. `brief` leaves out what a search has told already.
    """
    told = [pair for pair in facts(trace) if pair[0] in _BRIEF or not brief]
    lines = [line for label, text in told for line in _fact(label, text, width)]
    if not brief:
        lines.append(Line())
    groups: dict[tuple[str, str, str], list[Placement]] = {}
    for place in trace.places:
        groups.setdefault((place.path, place.entry, place.found), []).append(place)
    for places in groups.values():
        for place in places:
            sign = SIGNS.done if place.method == current else " "
            name = place.method or "place"
            head: tuple[Span, ...] = (
                Span(f"{sign} ", "good"),
                Span(f"{name:<{_LABEL - 2}}", "heading"),
            )
            for part in wrapped(place.path, max(20, width - _LABEL)):
                lines.append(Line((*head, Span(part, "strong"))))
                head = (Span(" " * _LABEL),)
        parts = wrapped(places[0].found, max(20, width - _LABEL))
        lines += [Line((Span(" " * _LABEL), Span(part, "dim"))) for part in parts]
    return lines


def found_line(found: Found) -> Line:
    """One answer of a search: what it is, whose it is, how much of it there is."""
    kind = _KINDS.get(found.what, found.what)
    left = (
        Span(f" {kind:<12} ", "label"),
        Span(clean(found.name), "name" if found.whole else "text"),
        Span(f"  {clean(found.package)}", "dim"),
    )
    files = f"{found.files:>6,} {size(found.size):>8} "
    return Line(left, (Span(files, "size"),), key=key_of(found))


def key_of(found: Found) -> str:
    """What stands for an answer in a list."""
    return f"{found.manager}\0{found.package}\0{found.what}\0{found.name}"


def _fact(label: str, text: str, width: int) -> Iterator[Line]:
    return labelled(label, wrapped(text, max(20, width - _LABEL)), _LABEL)
