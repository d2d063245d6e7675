"""A hundred thousand damaged ELF files: no crash, no hang, and a finding that names the file."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from fctui.native.judge import judge
from fctui.native.survey import survey
from fctui.native.system import System
from fctui.targets.load import load_target
from tests.support.damage import damaged
from tests.support.elves import elf_file

INPUTS = 25_000
SEEDS = (2026, 2027, 2028, 2029)
BATCH = 500
LONGEST = 0.5
# Seconds for one file; a whole one takes 0.1 milliseconds.


def wholes() -> list[bytes]:
    return [
        elf_file(soname="libx.so.1", needed=["libc.so.6", "libm.so.6"], runpath="$ORIGIN/../x"),
        elf_file(needed=["libc.so.6"], requires={"libc.so.6": ["GLIBC_2.34", "GLIBC_2.4"]}),
        elf_file(soname="liby.so", defines=["Y_1", "Y_2", "Y_3"], rpath="/a:/b"),
        elf_file(interpreter="/lib64/ld-linux-x86-64.so.2", needed=[f"lib{n}" for n in range(40)]),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_files_are_findings(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sources = wholes()
    paths = [f"{number}.abi3.so" for number in range(BATCH)]
    told = slowest = 0.0
    target = load_target("debian12")
    for _ in range(INPUTS // BATCH):
        for path in paths:
            (tmp_path / path).write_bytes(damaged(chance, chance.choice(sources)))
        begun = time.monotonic()
        read = survey(tmp_path, paths)
        judged = judge(target, System({}), read, lambda _: ("pip", "hostile"))
        slowest = max(slowest, (time.monotonic() - begun) / BATCH)
        named = {finding.subject for finding in judged.findings}
        assert set(read.damaged) <= named
        told += len(read.damaged)
    assert told > INPUTS / 10
    assert slowest < LONGEST


def test_huge_counts_end_soon(tmp_path: Path) -> None:
    many = elf_file(needed=[f"lib{number}.so" for number in range(10_000)])
    (tmp_path / "many.abi3.so").write_bytes(many)
    begun = time.monotonic()
    read = survey(tmp_path, ["many.abi3.so"])
    judged = judge(load_target("debian12"), System({}), read, lambda _: ("pip", "x"))
    assert time.monotonic() - begun < 5
    assert len(read.elves["many.abi3.so"].needed) == 10_000
    assert len(judged.findings) >= 10_000
