"""Bytes, counts and durations as people read them."""

from __future__ import annotations

import pytest

from fctui.present.size import counted, duration, human


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 K"),
        (999_949, "999.9 K"),
        (999_951, "1.0 M"),
        (21_900_000, "21.9 M"),
        (1_500_000_000, "1.5 G"),
        (10**15, "1000.0 T"),
    ],
)
def test_human(count: int | None, shown: str) -> None:
    assert human(count) == shown


def test_human_never_needs_more_than_seven_cells_below_a_petabyte() -> None:
    assert max(len(human(10**power - 1)) for power in range(15)) <= 7


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (0.44, "0.4 s"), (12.4, "12 s"), (99.4, "99 s"), (185, "3 m 05")],
)
def test_duration(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_counted() -> None:
    assert [counted(n, "file") for n in (0, 1, 10_334)] == ["0 files", "1 file", "10,334 files"]
