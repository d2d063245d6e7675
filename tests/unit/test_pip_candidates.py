"""Tags and files: what fits a target, to the minor version of its glibc."""

from __future__ import annotations

import platform

import pytest
from packaging.tags import sys_tags

from fctui.managers.pip.candidates import Candidates, choose
from fctui.managers.pip.fit import host_glibc
from fctui.managers.pip.index import judge_versions
from fctui.managers.pip.markers import judge
from fctui.managers.pip.tags import platforms, supported_tags
from fctui.model.errors import UsageError
from fctui.model.package import Artifact
from fctui.model.target import Target
from tests.support.pip_project import make_target


def files(*names: str) -> Candidates:
    found = [Artifact(name, f"https://example.invalid/{name}", None, "") for name in names]
    wheels = tuple(a for a in found if a.filename.endswith(".whl"))
    sdists = [a for a in found if not a.filename.endswith(".whl")]
    return Candidates(wheels, sdists[0] if sdists else None)


@pytest.mark.skipif(host_glibc() is None, reason="the host has no glibc")
def test_the_same_tags_as_packaging_has_for_this_interpreter() -> None:
    glibc = host_glibc()
    assert glibc is not None
    target = make_target(platform.python_version(), glibc, platform.machine())
    ours, theirs = list(supported_tags(target)), list(dict.fromkeys(map(str, sys_tags())))
    assert set(ours) == set(theirs)
    plain = f"-linux_{target.arch}"  # promises no glibc: here it stands behind those that do
    assert [t for t in ours if not t.endswith(plain)] == [
        t for t in theirs if not t.endswith(plain)
    ]


def test_old_names_stand_behind_their_glibc() -> None:
    names = platforms(make_target(glibc=(2, 18)))
    assert names[:3] == ("manylinux_2_18_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
    assert names[-2:] == ("manylinux1_x86_64", "linux_x86_64")
    arm = platforms(make_target(glibc=(2, 26), arch="aarch64"))
    assert "manylinux1_aarch64" not in arm
    assert arm[-2:] == ("manylinux2014_aarch64", "linux_aarch64")


def test_pymalloc_abi_before_3_8() -> None:
    assert "cp36-cp36m-manylinux1_x86_64" in supported_tags(make_target("3.6.9", (2, 24)))
    assert "cp38-cp38-manylinux1_x86_64" in supported_tags(make_target("3.8.1", (2, 24)))


def test_a_target_without_python_is_told() -> None:
    target = Target(id="n", title="N", provider="p", distribution="d", release="1", glibc=(2, 31))
    with pytest.raises(UsageError, match="has no Python"):
        supported_tags(target)


@pytest.mark.parametrize(
    ("glibc", "wanted"),
    [((2, 36), "manylinux_2_28"), ((2, 27), "manylinux_2_24"), ((2, 24), "manylinux_2_24")],
)
def test_the_newest_glibc_that_fits(glibc: tuple[int, int], wanted: str) -> None:
    choice = choose(
        files(*(f"a-1-cp311-cp311-manylinux_2_{minor}_x86_64.whl" for minor in (17, 24, 28))),
        make_target(glibc=glibc),
    )
    assert choice.artifact is not None
    assert wanted in choice.artifact.filename


def test_a_glibc_that_is_too_new_is_told() -> None:
    choice = choose(files("a-1-cp311-cp311-manylinux_2_28_x86_64.whl"), make_target(glibc=(2, 24)))
    assert choice.artifact is None
    assert choice.reason == "its wheels need glibc 2.28, the target has 2.24"


def test_stable_abi_and_build_numbers() -> None:
    target = make_target()
    both = files("a-1-cp37-abi3-manylinux_2_17_x86_64.whl", "a-1-py3-none-any.whl")
    assert choose(both, target).artifact == both.wheels[0]
    numbered = files("a-1-1-py3-none-any.whl", "a-1-10b-py3-none-any.whl", "a-1-2-py3-none-any.whl")
    assert choose(numbered, target).artifact == numbered.wheels[1]
    assert choose(files("a-1-cp312-abi3-manylinux_2_17_x86_64.whl"), target).artifact is None


def test_an_sdist_where_no_wheel_fits() -> None:
    target = make_target()
    alone = choose(files("a-1.tar.gz"), target)
    assert (alone.needs_build, alone.older) == (True, False)
    binary = choose(files("a-1-cp311-cp311-macosx_11_0_arm64.whl", "a-1.tar.gz"), target)
    assert (binary.needs_build, binary.older) == (True, True)
    assert "no wheel for Linux on x86_64" in binary.reason


def test_versions_of_an_index_page() -> None:
    names = [
        "a_b-3.0-cp311-cp311-manylinux_2_40_x86_64.whl",
        "a_b-2.0-cp311-cp311-manylinux_2_40_x86_64.whl",
        "a_b-2.0.tar.gz",
        "a-b-1.0.tar.gz",
        "A.B-1.5-py3-none-any.whl",
        "not-a-version.whl",
        "a_b-extra-1.0.tar.gz",
    ]
    rejected = judge_versions("a-b", names, make_target())
    assert rejected.hard == ("3.0",)
    assert rejected.soft == ("2.0",)


def test_markers_are_judged_for_the_target() -> None:
    holds = judge(make_target("3.8.18", (2, 24), "aarch64"))
    assert holds("python_version < '3.9' and platform_machine == 'aarch64'")
    assert not holds("sys_platform == 'win32'")
    assert holds("extra == 'socks'", "socks")
    assert not holds("extra == 'socks'")
    assert judge(make_target("3.11"))("python_full_version < '3.11.3'")
