"""The built-in targets, their names, architectures and facts; a user's own; this machine."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.model.target import Certainty, Target
from fctui.targets import local
from fctui.targets.load import list_targets, load_target

TARGETS = {target.id: target for target in list_targets()}
BUILT_IN = [target for target in TARGETS.values() if target.id != "local"]

FC_GLIBC = {
    (2, 24): "python3 python3.9 nodejs12 nodejs14 nodejs16 custom java8 java11",
    (2, 28): "python3.10 nodejs18 nodejs20 custom.debian10",
    (2, 31): "python3.12 custom.debian11",
    (2, 36): "custom.debian12",
}
SUITES = {"stretch": (2, 24), "buster": (2, 28), "bullseye": (2, 31), "bookworm": (2, 36)}
SUITES |= {"trixie": (2, 41)}


@pytest.mark.parametrize(
    ("name", "glibc"),
    [(name, glibc) for glibc, names in FC_GLIBC.items() for name in names.split()],
)
def test_function_compute(name: str, glibc: tuple[int, int]) -> None:
    target = load_target(f"fc-{name}")
    assert load_target(name) == target
    assert (target.glibc, target.arch, target.code_dir) == (glibc, "x86_64", "/code")
    assert target.suite is not None
    assert SUITES[target.suite.name] == glibc
    assert target.presets["LD_LIBRARY_PATH"] == "/code/:/code//lib:/usr/local/lib"
    assert target.limits.layers == 5
    if name.startswith("python"):
        assert target.python is not None
        assert target.python.version == {"python3": "3.6"}.get(name, name.removeprefix("python"))
    if name.startswith("nodejs"):
        assert target.node is not None
        assert target.node.version == name.removeprefix("nodejs")
        assert target.python is None
    if name.startswith("custom"):
        assert target.presets["PYTHONPATH"] == "/code"


@pytest.mark.parametrize("minor", range(8, 15))
@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_lambda_python(minor: int, arch: str) -> None:
    target = load_target(f"lambda-python3.{minor}", arch=arch)
    assert target.python_xy == (3, minor)
    assert target.arch == arch
    assert target.glibc == ((2, 26) if minor < 12 else (2, 34))
    assert target.code_dir == "/var/task"
    assert target.limits.unzipped == 250 * 2**20


@pytest.mark.parametrize(
    ("name", "glibc", "python"),
    [
        ("debian11", (2, 31), "3.9.2"),
        ("debian12", (2, 36), "3.11.2"),
        ("debian13", (2, 41), "3.13.5"),
    ],
)
def test_debian(name: str, glibc: tuple[int, int], python: str) -> None:
    target = load_target(name)
    assert (target.glibc, target.installed) == (glibc, ("python3",))
    assert target.python is not None
    assert (target.python.version, target.python.executable) == (python, "/usr/bin/python3")
    assert target.suite is not None
    assert load_target(target.suite.name) == target


@pytest.mark.parametrize("target", BUILT_IN, ids=lambda target: target.id)
def test_every_fact_says_how_well_it_is_known(target: Target) -> None:
    facts = {"glibc", "arch", "suite", "installed", "code_dir", "presets", "limits"}
    facts |= {name for name in ("python", "node", "java") if getattr(target, name) is not None}
    assert facts <= set(target.certainty)
    assert target.sources
    assert target.debian_arch in {"amd64", "arm64"}


@pytest.mark.parametrize("target", BUILT_IN, ids=lambda target: target.id)
def test_suite_is_the_newest_that_runs_on_the_target(target: Target) -> None:
    assert target.suite is not None
    fitting = [glibc for glibc in SUITES.values() if glibc <= target.glibc]
    assert SUITES[target.suite.name] == max(fitting)
    assert target.suite.archived is (target.suite.name in {"stretch", "buster"})


@pytest.mark.parametrize("target", BUILT_IN, ids=lambda target: target.id)
def test_listed_targets_can_be_loaded(target: Target) -> None:
    assert load_target(target.id) == target


def test_ids_are_unique() -> None:
    assert len(TARGETS) == len(list_targets())
    assert not any(id_.endswith("-base") for id_ in TARGETS)


def test_architectures() -> None:
    arm = load_target("debian12-arm64")
    assert (arm.id, arm.arch, arm.multiarch) == ("debian12-arm64", "aarch64", "aarch64-linux-gnu")
    assert load_target("debian12", arch="arm64") == arm
    assert load_target("bookworm-arm64", arch="aarch64") == arm
    assert load_target("debian12", arch="amd64") == load_target("debian12")
    with pytest.raises(UsageError, match="does not run on aarch64") as caught:
        load_target("custom.debian12-arm64")
    assert "x86_64" in caught.value.hint
    with pytest.raises(UsageError, match="no architecture 'riscv64'"):
        load_target("debian12", arch="riscv64")
    with pytest.raises(UsageError, match="is for arm64"):
        load_target("debian12-arm64", arch="x86_64")


@pytest.mark.parametrize(
    ("name", "near"),
    [("debain12", "debian12"), ("fc-pyhton3.10", "fc-python3.10"), ("lambda-python3.2", "lambda-")],
)
def test_unknown_name_has_its_neighbours(name: str, near: str) -> None:
    with pytest.raises(UsageError, match="no target named") as caught:
        load_target(name)
    assert near in caught.value.hint


@pytest.mark.parametrize("name", ["zzzzzz", "fc-base", "", "../load", "a[/b]\x1b[31m"])
def test_what_is_no_target(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_target(name)
    assert caught.value.message.isprintable()


def test_own_file_extends_a_target(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'extends = "custom.debian12"\ninstalled = ["python3", "curl"]\n'
        '[presets]\nA = "b"\n[certainty]\ninstalled = "captured"\n'
    )
    target, base = load_target(str(path)), load_target("fc-custom.debian12")
    assert (target.id, target.glibc, target.python) == ("mine", base.glibc, base.python)
    assert target.installed == ("python3", "curl")
    assert target.presets == {**base.presets, "A": "b"}
    assert target.certainty["installed"] is Certainty.CAPTURED
    (tmp_path / "second.toml").write_text('extends = "mine.toml"\nid = "two"\n')
    assert load_target(str(tmp_path / "second.toml")).presets["A"] == "b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "cannot be read as a target"),
        ('extends = "debian99"', "no target named 'debian99'"),
        ('distribution = "x"', "missing required field"),
        ('extends = "debian12"\nglibcs = [2, 3]', "'glibcs', which is no fact"),
        ('extends = "debian12"\nglibc = "2.36"', "glibc"),
        ('extends = "debian12"\narch = "riscv64"', "x86_64 or aarch64"),
        ('extends = "wrong.toml"', "extend one another too deeply"),
    ],
)
def test_wrong_own_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_target(str(path))
    with pytest.raises(UsageError, match="no target file"):
        load_target(str(tmp_path / "gone.toml"))


def test_this_machine() -> None:
    target = load_target("local")
    assert target.python is not None
    assert target.python_xy == sys.version_info[:2]
    assert target.arch == platform.machine()
    assert target.glibc == tuple(map(int, platform.libc_ver()[1].split(".")[:2]))
    assert target.certainty["glibc"] is Certainty.CAPTURED
    other = "arm64" if target.arch == "x86_64" else "x86_64"
    with pytest.raises(UsageError, match=f"not {other}"):
        load_target("local", arch=other)


def test_machine_that_cannot_be_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(UsageError, match="cannot be a target"):
        load_target("local")
    assert "local" not in [target.id for target in list_targets()]


def test_debs_of_a_machine_that_is_not_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "VERSION_ID": "22.04"}
    )
    monkeypatch.setattr(os, "confstr", lambda _name: "glibc 2.35")
    target = local.local_target()
    assert target.suite is not None
    assert (target.suite.name, target.certainty["suite"]) == ("bullseye", Certainty.ASSUMED)


def test_installed_packages_are_those_of_dpkg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = tmp_path / "status"
    status.write_text(
        "Package: b2\nStatus: install ok installed\nVersion: 1\n\n"
        "Package: gone\nStatus: deinstall ok config-files\n\n"
        "Package: a1\nStatus: hold ok installed\n"
    )
    monkeypatch.setattr(local, "_DPKG_STATUS", status)
    assert local.local_target().installed == ("a1", "b2")
    monkeypatch.setattr(local, "_DPKG_STATUS", tmp_path / "gone")
    assert local.local_target().installed == ()


@pytest.mark.parametrize(
    ("script", "version"),
    [("echo v18.19.0", "18.19.0"), ("echo nonsense", None), ("exit 1", None), ("kill -9 $$", None)],
)
def test_node_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, version: str | None
) -> None:
    program = tmp_path / "bin/node"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    node = local.local_target().node
    assert (node.version if node else None) == version


def test_node_version_from_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "include/node").mkdir(parents=True)
    (tmp_path / "bin/node").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin/node").chmod(0o755)
    (tmp_path / "include/node/node_version.h").write_text(
        "".join(
            f"#define NODE_{part}_VERSION {number}\n"
            for part, number in (("MAJOR", 20), ("MINOR", 1), ("PATCH", 2))
        )
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    node = local.local_target().node
    assert node is not None
    assert (node.version, node.executable) == ("20.1.2", str(tmp_path / "bin/node"))
