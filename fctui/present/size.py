"""Bytes and durations as people read them. Units are decimal, as registries and providers count."""

from __future__ import annotations

_UNITS = ("K", "M", "G", "T")


def human(count: int | None) -> str:
    """Bytes in at most seven cells: `21.9 M`, `512 B`; `–` for what is not known."""
    if count is None:
        return "–"
    if count < 1000:
        return f"{count} B"
    value, power = count / 1000, 0
    while value >= 999.95 and power < len(_UNITS) - 1:
        value, power = value / 1000, power + 1
    return f"{value:.1f} {_UNITS[power]}"


def counted(count: int, noun: str) -> str:
    """`1 file`, `10,334 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 m 05`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} m {rest:02}"
