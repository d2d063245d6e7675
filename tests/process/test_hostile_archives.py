"""Thousands of damaged wheels, tarballs and debs: each is refused or read, nothing gets out, and
none takes long.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fctui.managers.apt.deb import unpack_deb
from fctui.managers.npm.tarball import unpack_tarball
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from tests.support.damage import damaged
from tests.support.debs import Deb
from tests.support.lies import Member, lies, tar_of, zip_of
from tests.support.wheels import Wheel

INPUTS = int(os.environ.get("FCTUI_TEST_ARCHIVES", "1500"))
# Of each format; a hundred thousand take some minutes.

LONGEST = 2.0
# Seconds for one archive; a whole one takes a millisecond.

Unpack = Callable[[Path, Path, str], Contents]


def _members(top: str) -> list[Member]:
    """Files, a link, and the lies that are taken."""
    told = lies(top, Path("/nowhere"))
    taken = [
        m for name in ("set-id bits", "absolute link", "backslashes") for m in told[name].members
    ]
    return [Member(f"{top}some/file.py", b"x = 1\n" * 40), Member(f"{top}run", b"#!"), *taken]


def wheel(chance: random.Random) -> bytes:
    honest = [Member(path, data) for path, data in Wheel("liar").members().items()]
    return damaged(chance, zip_of([*honest, *_members("liar/")]))


def tarball(chance: random.Random) -> bytes:
    inner = tar_of(_members("package/"))
    if chance.random() < 0.2:
        return damaged(chance, gzip.compress(inner, 1))
    return gzip.compress(damaged(chance, inner), 1)


def deb(chance: random.Random) -> bytes:
    whole = Deb("liar", files={"usr/bin/x": b"#!", "usr/lib/y": "../bin/x"}, compression="none")
    return damaged(chance, whole.build())


def _tried(archive: Path, into: Path, unpack: Unpack) -> tuple[str, list[str]]:
    """What an archive is refused with, and what is in it."""
    try:
        return "", [entry.path for entry in unpack(archive, into, "d").entries]
    except TaskError as error:
        return error.message, []


@pytest.mark.parametrize(
    ("make", "unpack", "name"),
    [
        (wheel, unpack_wheel, "liar-1.0-py3-none-any.whl"),
        (tarball, unpack_tarball, "liar-1.0.tgz"),
        (deb, unpack_deb, "liar_1.0_all.deb"),
    ],
)
def test_damaged_archives(
    make: Callable[[random.Random], bytes], unpack: Unpack, name: str, tmp_path: Path
) -> None:
    chance = random.Random(2026)
    archive, into = tmp_path / name, tmp_path / "into"
    refused, slowest = 0, 0.0
    for _ in range(INPUTS):
        archive.write_bytes(make(chance))
        into.mkdir()
        begun = time.monotonic()
        told, names = _tried(archive, into, unpack)
        refused += bool(told)
        assert told.isprintable()
        assert all(path.isprintable() for path in names)
        slowest = max(slowest, time.monotonic() - begun)
        assert sorted(os.listdir(tmp_path)) == sorted([name, "into"])
        for directory, below, files in os.walk(into):
            for each in (*below, *files):
                mode = os.lstat(os.path.join(directory, each)).st_mode
                assert stat.S_ISDIR(mode) or stat.S_ISREG(mode)
                assert not mode & (stat.S_ISUID | stat.S_ISGID)
        shutil.rmtree(into)
    assert INPUTS / 20 < refused < INPUTS
    assert slowest < LONGEST
