"""Packing the bundle of the eleven requirements against `zip -r`."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.bench.measure import Bound, Contender, all_of, emptied, race
from tests.bench.places import FCTUI, PLACE, REQUIREMENTS, caches

LARGER = 1.02
# How much larger than zip's our archive may be.

DERIVED = ("deflated", "answers/bundle-hashes")
# What packing leaves in the store.


def pack() -> bool:
    """The bundle packed for the first time, and once more after one file of it has changed."""
    here, bundle = PLACE / "pack", PLACE / "pack" / "build" / "bundle"
    here.mkdir(parents=True, exist_ok=True)
    (here / "requirements.txt").write_text(REQUIREMENTS)
    (here / "fctui.toml").write_text('target = "debian12"\n[pip]\nsdists = "host"\n')
    variables = caches("pack")
    store = Path(variables["FCTUI_CACHE_DIR"])
    _change_and_build(here, variables)()
    ours, theirs = PLACE / "pack.zip", PLACE / "zip.zip"
    argv = (*FCTUI, "pack", "-q", "--json", "-o", str(ours), str(bundle))
    forget = all_of(*(emptied(store / kind) for kind in DERIVED), _gone(ours))
    changed = all_of(_change_and_build(here, variables), _gone(ours))
    contenders = [
        Contender("fctui pack, first", argv, variables, here, forget),
        Contender("fctui pack, one file changed", argv, variables, here, changed),
    ]
    bounds = []
    if shutil.which("zip") is not None:
        zips = ("zip", "-q", "-r", str(theirs), ".")
        contenders.append(Contender("zip -r", zips, {}, bundle, _gone(theirs)))
        bounds = [
            Bound("fctui pack, first", "zip -r", 1 / 10),
            Bound("fctui pack, one file changed", "zip -r", 1 / 20),
        ]
    held = race(f"packing {_amount(bundle)}", contenders, bounds)
    if not bounds:
        print("  zip is not installed: nothing to compare with")
        return held
    ratio = ours.stat().st_size / theirs.stat().st_size
    fits = ratio <= LARGER
    print(
        f"  {ours.stat().st_size:,} bytes against {theirs.stat().st_size:,}: {ratio:.4f}, "
        f"at most {LARGER}: {'holds' if fits else 'MISSED'}"
    )
    return held and fits


def _change_and_build(here: Path, variables: dict[str, str]) -> Callable[[], None]:
    """Something that changes the function's one file and builds its bundle."""
    numbers = itertools.count()

    def run() -> None:
        (here / "index.py").write_text(f"NUMBER = {next(numbers)}\n")
        environment = {**os.environ, **variables}
        argv = [*FCTUI, "build", "-q"]
        subprocess.run(argv, env=environment, cwd=here, check=True, capture_output=True)

    return run


def _gone(path: Path) -> Callable[[], None]:
    return lambda: path.unlink(missing_ok=True)


def _amount(bundle: Path) -> str:
    listed = json.loads((bundle / ".fctui" / "manifest.json").read_bytes())["files"]
    return f"{len(listed):,} files, {sum(file['size'] for file in listed):,} bytes"
