"""Bytes and counts for narrow columns. Units are decimal, as registries and providers count."""

from __future__ import annotations

from fctui.tui.signs import SIGNS

_UNITS = ("B", "K", "M", "G", "T")


def size(count: int | None) -> str:
    """Bytes in at most seven cells: `21.9 M`, `512 B`, and a dash for what is not known."""
    if count is None:
        return SIGNS.none
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in _UNITS[1:]:
        value /= 1000
        if value < 999.95:
            break
    return f"{value:.1f} {unit}"


def exact(count: int) -> str:
    """Bytes for people who want to know: `21.9 M (21,912,345 bytes)`."""
    return f"{size(count)} ({count:,} bytes)" if count >= 1000 else f"{count} bytes"


def counted(count: int, noun: str) -> str:
    """`1 file`, `812 files`, `10,334 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Seconds in at most six cells: `0.4 s`, `12 s`, `3 m 05`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} m {rest:02}"


def gauge(part: int, whole: int, width: int) -> str:
    """A bar of `width` cells, full to an eighth of a cell."""
    eighths = len(SIGNS.bar)
    filled = min(width * eighths, round(width * eighths * part / whole)) if whole else 0
    if part > 0 and not filled:
        filled = 1
    cells, rest = divmod(filled, eighths)
    bar = SIGNS.full * cells + (SIGNS.bar[rest] if rest else "")
    return bar.ljust(width)
