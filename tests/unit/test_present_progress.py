"""How far, how fast, how long still."""

from __future__ import annotations

from fctui.present.progress import Pace, amount
from fctui.tasks.events import Progress

M = 1_000_000


def test_speed_and_rest_are_told_after_a_while() -> None:
    pace = Pace()
    told = Progress(1, 0, 100 * M, "bytes")
    for second in range(3):
        told = Progress(1, second * M, 100 * M, "bytes")
        pace.take(told, second)
        assert pace.words(told) == ""
    for second in range(3, 21):
        told = Progress(1, second * M, 100 * M, "bytes")
        pace.take(told, second)
    assert pace.words(told) == ", 1.0 M/s, 80 s left"
    assert amount(told) == "20.0 M of 100.0 M"


def test_the_speed_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    for second in range(100):
        told = Progress(1, min(second, 50) * M + max(0, second - 50) * M // 10, 100 * M, "bytes")
        pace.take(told, second)
    assert pace.words(told).startswith(", 100.0 K/s")


def test_nothing_is_said_without_a_total_at_the_end_or_when_it_begins_anew() -> None:
    for dones, total in ([0, 5, 10], None), ([0, 5, 10], 10), ([9, 5, 1], 10):
        pace = Pace()
        for number, done in enumerate(dones):
            told = Progress(1, done, total, "bytes")
            pace.take(told, number * 4.0)
        assert pace.words(told) == ""


def test_other_units_have_no_speed() -> None:
    pace = Pace()
    told = Progress(1, 50, 100, "percent")
    pace.take(told, 0)
    pace.take(told, 9)
    assert amount(told) + pace.words(told) == "50 %"
    assert amount(Progress(1, 1200, None, "files")) == "1,200 files"
