"""Timing commands side by side: in turn, each in a place of its own, medians at the end."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


class Contender(Struct):
    """A command to time: what it is called, its argv, what it needs before each round, and
    which exit codes mean that it has done its work.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = {}
    cwd: Path | None = None
    before: Callable[[], None] = lambda: None
    ok: tuple[int, ...] = (0,)


class Bound(Struct):
    """`left` must take at most `factor` of the time of `right`."""

    left: str
    right: str
    factor: float


def race(title: str, contenders: list[Contender], bounds: list[Bound]) -> bool:
    """Time all in turn, round after round; print medians, range, and whether the bounds hold."""
    print(f"\n## {title}", flush=True)
    seconds: dict[str, list[float]] = {each.name: [] for each in contenders}
    for _ in range(ROUNDS):
        for each in contenders:
            each.before()
            os.sync()  # what the last one wrote must not slow the next one down
            seconds[each.name].append(_once(each))
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, times in seconds.items():
        print(f"  {name:<34} {medians[name]:8.3f} s   ({min(times):.3f} to {max(times):.3f})")
    held = True
    for bound in bounds:
        ratio = medians[bound.left] / medians[bound.right]
        fits = ratio <= bound.factor
        held = held and fits
        mark = "holds" if fits else "MISSED"
        print(f"  {bound.left} / {bound.right} = {ratio:.3f}, at most {bound.factor}: {mark}")
    return held


def _once(contender: Contender) -> float:
    begun = time.perf_counter()
    done = subprocess.run(
        contender.argv,
        env={**os.environ, **contender.env},
        cwd=contender.cwd,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    taken = time.perf_counter() - begun
    if done.returncode not in contender.ok:
        sys.stderr.write(done.stderr.decode("utf-8", "replace")[-2000:])
        raise SystemExit(f"{contender.name} ended with {done.returncode}")
    return taken


def emptied(path: Path) -> Callable[[], None]:
    """Something that removes a directory, so that the next round begins without it."""
    return lambda: shutil.rmtree(path, ignore_errors=True)


def all_of(*steps: Callable[[], None]) -> Callable[[], None]:
    """Several preparations, one after the other."""

    def run() -> None:
        for step in steps:
            step()

    return run
