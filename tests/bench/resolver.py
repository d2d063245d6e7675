"""Sets of the resolver of our own against apt's, for a thousand packages of each suite.

It takes an hour, apt's half second for each. What apt has said is kept for the same lists, so that
it can be broken off and gone on with. FCTUI_BENCH_SETS draws another number.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import statistics
import time

from fctui.store.store import Store
from tests.bench.places import PLACE
from tests.support.apt_sets import Set, Suite, apt_set, own_set, suite_of

COUNT = int(os.environ.get("FCTUI_BENCH_SETS", "1000"))
TARGETS = (
    *("debian11", "debian12", "debian13"),
    *("debian11-arm64", "debian12-arm64", "debian13-arm64"),
)
EQUAL = 0.99
# The least share of sets that are apt's own.


def resolver() -> bool:
    """Whether enough sets are equal, for every suite."""
    held = [asyncio.run(_suite(target)) for target in TARGETS]  # every one of them is told
    return all(held)


async def _suite(target: str) -> bool:
    place = PLACE / "resolver"
    place.mkdir(parents=True, exist_ok=True)
    async with suite_of(target, place / "project", Store(place / "store")) as suite:
        names = suite.drawn(COUNT)
        theirs, seconds = _theirs(suite, names)
        equal, times = 0, []
        with suite.universe() as universe:
            for name in names:
                begun = time.perf_counter()
                ours = own_set(universe, name)
                times.append((time.perf_counter() - begun) * 1000)
                equal += ours == theirs[name]
                if ours != theirs[name]:
                    print(f"  {name}: {_difference(ours, theirs[name])}", flush=True)
    rate = equal / len(names)
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    none = sum(each is None for each in theirs.values())
    print(
        f"{target:<15} {equal} of {len(names)} sets equal ({rate:.2%}), {none} impossible for apt; "
        f"ours {statistics.median(times):.1f} ms each, p95 {p95:.1f}; apt {seconds * 1000:.0f} ms",
        flush=True,
    )
    return rate >= EQUAL


def _theirs(suite: Suite, names: list[str]) -> tuple[dict[str, Set], float]:
    """The sets of apt, and the seconds that one takes."""
    key = hashlib.sha256(f"{suite.lists.digest}:{suite.status}".encode()).hexdigest()[:24]
    kept = PLACE / "resolver" / f"apt-{key}.json"
    known: dict[str, tuple[list[str] | None, float]] = {}
    if kept.is_file():
        known = json.loads(kept.read_text())
    for number, name in enumerate(names):
        if name in known:
            continue
        begun = time.perf_counter()
        found = apt_set(suite, name)
        took = time.perf_counter() - begun
        known[name] = (None if found is None else sorted(found), took)
        if number % 100 == 0:
            kept.write_text(json.dumps(known))
    kept.write_text(json.dumps(known))
    sets: dict[str, Set] = {}
    for name in names:
        found_names = known[name][0]
        sets[name] = None if found_names is None else frozenset(found_names)
    return sets, statistics.median(known[name][1] for name in names)


def _difference(ours: Set, theirs: Set) -> str:
    if ours is None or theirs is None:
        return "ours has no set" if ours is None else "apt has no set"
    return f"only apt's {sorted(theirs - ours)[:5]}, only ours {sorted(ours - theirs)[:5]}"
