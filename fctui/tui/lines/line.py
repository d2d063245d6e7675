"""A line of the screen: spans of plain text at its left and its right edge, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fctui.tasks.text import clean as without_escapes
from fctui.tui.signs import SIGNS

_SUFFIX = 10  # cells of a path's end that stay: `64-gnu.so`


class Span(NamedTuple):
    """Text in one style. `style` is the part after `line--` of a component class."""

    text: str
    style: str = "text"


class Line(NamedTuple):
    """One line. The right side is always whole; the left one is cut where they would meet.

    `key` names what the line stands for, `fold` the group that it opens and closes; with neither
    it is only read.
    """

    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()
    key: str = ""
    fold: str = ""

    @property
    def plain(self) -> str:
        """The text without styles."""
        left, right = ("".join(span.text for span in side) for side in (self.left, self.right))
        return f"{left}  {right}" if right else left


@lru_cache(8192)
def clean(text: str) -> str:
    """Text that can neither control a terminal nor turn its own direction around.

    Names, summaries and paths come from registries: escape sequences go, and every other character
    that is not printable (Unicode categories C*, Zl, Zp) becomes U+FFFD, or `?` in ASCII.
    """
    if text.isprintable():
        return text
    mark = "?" if SIGNS.full == "#" else "\ufffd"
    safe = without_escapes(text)
    return "".join(character if character.isprintable() else mark for character in safe)


def fit(text: str, width: int) -> str:
    """The text cleaned and, where it is wider than `width` cells, cut with an ellipsis."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    return set_cell_size(text, width - 1).rstrip() + SIGNS.ellipsis


def fit_path(path: str, width: int) -> str:
    """A path cut near its end, so that directory, name and suffix are still to be seen."""
    path = clean(path)
    if cell_len(path) <= width:
        return path
    if width < 3 * _SUFFIX:
        return fit(path, width)
    end = set_cell_size(path[-_SUFFIX:], _SUFFIX).strip()
    return set_cell_size(path, width - cell_len(end) - 1).rstrip() + SIGNS.ellipsis + end


def row(text: str, style: str = "text", *, key: str = "", fold: str = "") -> Line:
    """A line of one span."""
    return Line((Span(text, style),), key=key, fold=fold)


def draw(line: Line, width: int, style: Callable[[str], Style], highlight: str = "") -> Strip:
    """The line in exactly `width` cells. `style` gives a span's style by name, `highlight` is
    text to mark wherever it occurs (case does not matter).
    """
    right = [Segment(clean(span.text), style(span.style)) for span in line.right]
    right_width = sum(segment.cell_length for segment in right)
    room = width - right_width - (1 if right else 0)
    left: list[Segment] = []
    for span in line.left:
        if room <= 0:
            break
        text = fit(span.text, room)
        left.extend(_marked(text, style(span.style), style("match"), highlight))
        room -= cell_len(text)
    gap = width - right_width - sum(segment.cell_length for segment in left)
    return Strip([*left, Segment(" " * max(0, gap), style("text")), *right]).crop(0, width)


def _marked(text: str, style: Style, match: Style, highlight: str) -> list[Segment]:
    wanted, folded = highlight.casefold(), text.casefold()
    if not wanted or wanted not in folded or len(folded) != len(text):
        return [Segment(text, style)]
    segments: list[Segment] = []
    position = 0
    while (found := folded.find(wanted, position)) >= 0:
        if found > position:
            segments.append(Segment(text[position:found], style))
        position = found + len(wanted)
        segments.append(Segment(text[found:position], style + match))
    if position < len(text):
        segments.append(Segment(text[position:], style))
    return segments
