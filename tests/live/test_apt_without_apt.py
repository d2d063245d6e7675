"""The resolver of our own against apt, and against an archive, both real."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from fctui.managers.apt.manager import Apt
from fctui.managers.apt.owners import owners_of
from fctui.project.settings import AptSettings
from fctui.store.store import Store, default_store
from fctui.targets.load import load_target
from tests.support.apt_project import apt_context
from tests.support.apt_sets import apt_set, own_set, suite_of

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="compares with apt-get"),
]


@pytest.fixture(scope="module")
def store() -> Store:
    return default_store()


async def test_sixty_sets_are_apts_own(tmp_path: Path, store: Store) -> None:
    async with suite_of("debian12", tmp_path / "p", store) as suite:
        with suite.universe() as universe:
            names = suite.drawn(60)
            different = [n for n in names if own_set(universe, n) != apt_set(suite, n)]
    assert not different


async def test_so_are_those_of_several_packages(tmp_path: Path, store: Store) -> None:
    async with suite_of("debian12", tmp_path / "p", store) as suite:
        with suite.universe() as universe:
            drawn = suite.drawn(40)
            for names in zip(*[iter(drawn)] * 4, strict=True):
                assert own_set(universe, *names) == apt_set(suite, *names), names


@pytest.mark.parametrize("target", ["debian12", "debian13-arm64"])
def test_the_same_packages_come_from_lists_of_our_own(
    tmp_path: Path, store: Store, target: str
) -> None:
    packages = "libgl1\nimagemagick\nlibblas3\n"
    resolutions = []
    for settings in (AptSettings(), AptSettings(resolver="own")):
        context = apt_context(
            tmp_path / "p", packages, store=store, target=load_target(target), apt=settings
        )
        resolutions.append(asyncio.run(Apt().resolve(context)))
    theirs, ours = resolutions
    assert (theirs.resolver, ours.resolver) == ("apt", "fctui's own")
    assert ours.packages == theirs.packages
    assert ours.roots == theirs.roots


def test_a_library_is_found_without_apt(tmp_path: Path, store: Store) -> None:
    found = {}
    for settings in (AptSettings(), AptSettings(resolver="own")):
        context = apt_context(
            tmp_path / "p", "", store=store, target=load_target("debian12"), apt=settings
        )
        found[settings.resolver] = asyncio.run(owners_of(context, ["libGL.so.1", "libxcb.so.1"]))
    assert found["own"] == found["apt"]
    assert found["own"]["libGL.so.1"][0].package == "libgl1"
