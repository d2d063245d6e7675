"""How far a task is, in words: how much, how fast, how long it will take."""

from __future__ import annotations

from collections import deque

from fctui.present.size import duration, human
from fctui.tasks.events import Progress

WINDOW = 10.0
# Seconds that the speed is an average over.

SOON = 3.0
# Seconds of a task before which its speed tells nothing.


class Pace:
    """The bytes of a task as they come, `now` in seconds of one clock."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._begun: float | None = None

    def take(self, progress: Progress, now: float) -> None:
        """Count what a task told."""
        if progress.unit != "bytes":
            return
        self._begun = now if self._begun is None else self._begun
        self._seen.append((now, progress.done))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW:
            self._seen.popleft()

    def words(self, progress: Progress) -> str:
        """`, 1.2 M/s, 23 s left` once that can be told and while there is something left."""
        if self._begun is None or not progress.total:
            return ""
        (first, before), (last, done) = self._seen[0], self._seen[-1]
        left = progress.total - done
        if last - self._begun < SOON or done <= before or left <= 0:
            return ""
        speed = (done - before) / (last - first)
        return f", {human(round(speed))}/s, {duration(left / speed)} left"


def amount(progress: Progress) -> str:
    """`12.1 M of 40.0 M`, `12 of 90 packages`, `40 %`; without a total what there is."""
    if progress.unit == "bytes":
        total = f" of {human(progress.total)}" if progress.total is not None else ""
        return f"{human(progress.done)}{total}"
    if progress.unit == "percent":
        return f"{progress.done} %"
    total = f" of {progress.total:,}" if progress.total is not None else ""
    return f"{progress.done:,}{total} {progress.unit}".rstrip()
