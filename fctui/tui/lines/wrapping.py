"""Text that takes several lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from fctui.tui.lines.line import Line, Span, clean

_PART = re.compile(r"[^:/]*[:/]+|[^:/]+")
_NARROWEST = 10
# Cells: no pane has less, and less could not be read.


def wrap(text: str, width: int) -> list[str]:
    """Text in lines of a width, one at the least."""
    return textwrap.wrap(clean(text), max(_NARROWEST, width)) or [""]


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of a width, broken at spaces; what is long, behind a slash or a colon too."""
    lines = [""]
    for word in clean(text).split():
        gap = " " if lines[-1] else ""
        if len(lines[-1]) + len(gap) + len(word) <= width:
            lines[-1] += gap + word
            continue
        if len(word) <= width:
            lines.append(word)
            continue
        lines[-1] += gap
        for part in _PART.findall(word):
            if len(lines[-1]) + len(part) > width and lines[-1].strip():
                lines.append("")
            lines[-1] += part
    return [cut for line in lines for cut in textwrap.wrap(line.rstrip(), width) or [""]]


def paragraph(text: str, width: int, style: str = "text", *, indent: str = "") -> Iterator[Line]:
    """Text on as many lines as it takes."""
    for part in wrap(text, width - len(indent)):
        yield Line((Span(indent + part, style),))


def labelled(label: str, parts: Iterable[str], column: int, style: str = "text") -> Iterator[Line]:
    """A label of `column` cells before the first line of what it says."""
    for part in parts:
        yield Line((Span(f"{label:<{column}}", "label"), Span(part, style)))
        label = ""
