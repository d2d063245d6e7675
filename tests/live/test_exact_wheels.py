"""The file chosen is the one that the target would choose: five Pythons, four glibcs, two machines,
all from this one host, judged by `packaging.tags` alone.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from fctui.managers.pip.config import read_config
from fctui.managers.pip.manager import Pip
from fctui.model.graph import dependents
from fctui.model.package import Package
from fctui.project.settings import PipSettings
from tests.conftest import default_index
from tests.support.pip_project import make_context, make_target

pytestmark = pytest.mark.live

PYTHONS = ("3.9.18", "3.10.12", "3.11.2", "3.12.3", "3.13.5")
GLIBCS = ((2, 24), (2, 28), (2, 31), (2, 36))
MACHINES = ("x86_64", "aarch64")

ODD = [
    *("numpy", "cryptography", "pydantic", "lxml", "orjson", "psycopg2-binary", "grpcio"),
    *("markupsafe", "pyyaml", "regex", "cffi", "pillow", "msgpack", "ujson", "bcrypt"),
    *("charset-normalizer", "importlib-metadata", "zipp", "aiohttp", "tqdm"),
    *('tomli; python_version < "3.11"', 'typing-extensions; implementation_name == "cpython"'),
    *('colorama; sys_platform == "win32"', 'uvloop; platform_machine == "x86_64"'),
]
# abi3, a wheel for each Python, several names for one platform, plain ones, markers of all kinds,
# and some whose newest version has no file for an old glibc or an old Python.

AT_ONCE = 2


def tags(python: str, glibc: tuple[int, int], machine: str) -> dict[Tag, int]:
    """What a CPython takes there, best first, after the words of PEP 600 and its forerunners."""
    version = tuple(map(int, python.split(".")[:2]))
    legacy = {17: "manylinux2014"} | (
        {12: "manylinux2010", 5: "manylinux1"} if machine == "x86_64" else {}
    )
    platforms: list[str] = []
    for minor in range(glibc[1], 4 if machine == "x86_64" else 16, -1):
        platforms.append(f"manylinux_2_{minor}_{machine}")
        platforms += [f"{legacy[minor]}_{machine}"] if minor in legacy else []
    platforms.append(f"linux_{machine}")
    ordered = [
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, f"cp{version[0]}{version[1]}", platforms),
    ]
    return {tag: rank for rank, tag in reversed(list(enumerate(ordered)))}


@functools.cache
def index_page(name: str) -> tuple[dict[str, Any], ...]:
    """The files of a project that are not yanked: PEP 691."""
    index = read_config().index_url or default_index()
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    url = f"{index.rstrip('/')}/{name}/"
    asked = urllib.request.Request(url, headers=accept)  # noqa: S310 - pip's own address
    with urllib.request.urlopen(asked, timeout=60) as reply:  # noqa: S310 - see there
        files = json.load(reply)["files"]
    return tuple(file for file in files if not file.get("yanked"))


@functools.cache
def wheels(name: str) -> tuple[tuple[Version, str, frozenset[Tag], SpecifierSet], ...]:
    """The wheels of a project: version, file name, tags, and which Pythons they are for."""
    found = []
    for file in index_page(name):
        try:
            _, version, _, fits = parse_wheel_filename(file["filename"])
        except ValueError:
            continue
        found.append((version, file["filename"], fits, _pythons(file.get("requires-python") or "")))
    return tuple(found)


@functools.cache
def _pythons(text: str) -> SpecifierSet:
    return SpecifierSet(text)


def best(found: frozenset[Tag], known: dict[Tag, int]) -> int | None:
    return min((known[tag] for tag in found if tag in known), default=None)


def judged(package: Package, python: str, known: dict[Tag, int], *, free: bool) -> list[str]:
    """What is wrong with a choice."""
    assert package.artifact is not None
    chosen = package.artifact.filename
    fitting: dict[Version, dict[str, int]] = {}
    for version, filename, found, pythons in wheels(package.id):
        rank = best(found, known)
        if rank is not None and pythons.contains(python):
            fitting.setdefault(version, {})[filename] = rank
    here = fitting.get(Version(package.version), {})
    if chosen not in here:
        return [f"{chosen} does not fit; {sorted(here)} would"]
    wrong = []
    if here[chosen] != min(here.values()):
        wrong.append(f"{chosen} fits less well than {min(here, key=lambda name: here[name])}")
    final = [version for version in fitting if not version.is_prerelease]
    if free and Version(package.version) != max(final):
        wrong.append(f"{package.id} {package.version} was taken, {max(final)} fits as well")
    return wrong


@pytest.mark.skipif(sys.platform != "linux", reason="targets are Linux")
@pytest.mark.parametrize("python", PYTHONS)
async def test_every_choice_is_the_targets_own(tmp_path: Path, python: str) -> None:
    store = Path(os.environ["FCTUI_CACHE_DIR"])
    slots = asyncio.Semaphore(AT_ONCE)
    table: list[str] = []
    wrong: list[str] = []
    older = 0

    async def one(glibc: tuple[int, int], machine: str) -> None:
        nonlocal older
        label = f"Python {python} glibc {glibc[0]}.{glibc[1]} {machine:<8}"
        async with slots:
            target = make_target(python, glibc, machine)
            settings = PipSettings(sdists="never")
            context = make_context(tmp_path, store, ODD, target=target, pip=settings)
            resolution = await Pip().resolve(context)
        known = tags(python, glibc, machine)
        above = dependents(resolution)
        found: list[str] = []
        for package in resolution.packages.values():
            free = not above[package.id]
            found += await asyncio.to_thread(judged, package, python, known, free=free)
        noted = [p for p in resolution.packages.values() if "was not taken" in p.note]
        older += len(noted)
        names = set(resolution.packages)
        assert ("tomli" in names) == python.startswith(("3.9.", "3.10."))
        assert ("uvloop" in names) == (machine == "x86_64")
        assert "colorama" not in names
        assert canonicalize_name("typing_extensions") in names
        table.append(f"{label} {len(names):>3} packages, {len(noted)} older: {len(found)} wrong")
        wrong.extend(f"{label}: {each}" for each in found)

    (tmp_path / "requirements.txt").write_text("\n".join(ODD))
    combinations = [(g, m) for g in GLIBCS for m in MACHINES]
    await asyncio.gather(*(one(*each) for each in combinations))
    print("\n".join(["", *sorted(table)]))
    assert len(table) == len(combinations)
    assert not wrong, "\n".join(wrong)
    assert older, "no version was too new for any target: the packages are not odd enough"
