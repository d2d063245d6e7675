"""Sizes in columns and bars, with the signs of this terminal."""

from __future__ import annotations

from fctui.present.size import human
from fctui.tui.signs import SIGNS


def size(count: int | None) -> str:
    """Bytes in at most seven cells, and a dash for what is not known."""
    return SIGNS.none if count is None else human(count)


def exact(count: int) -> str:
    """Bytes for people who want to know: `21.9 M (21,912,345 bytes)`."""
    return f"{human(count)} ({count:,} bytes)" if count >= 1000 else f"{count} bytes"


def gauge(part: int, whole: int, width: int) -> str:
    """A bar of `width` cells, full to an eighth of a cell where there are signs for that."""
    steps = len(SIGNS.bar)
    filled = min(width * steps, round(width * steps * part / whole)) if whole else 0
    if part > 0 and not filled:
        filled = 1
    cells, rest = divmod(filled, steps)
    bar = SIGNS.full * cells + (SIGNS.bar[rest] if rest else "")
    return bar.ljust(width)
