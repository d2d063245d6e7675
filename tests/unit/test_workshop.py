"""What has to be compiled, and why it cannot be compiled for a target."""

from __future__ import annotations

import io
import platform
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fctui.managers.workshop import is_at_home, languages, no_workshop
from fctui.sandbox import rooted
from fctui.targets.load import load_target
from fctui.workflow.workflow import Workflow

NAMES = ("p-1/setup.py", "p-1/src/fast.C", "p-1/tests/check.cpp", "p-1/docs/x.f90", "p-1/m.pyx")


def as_tar(place: Path) -> Path:
    with tarfile.open(place / "p-1.tar.gz", "w:gz") as tar:
        for name in NAMES:
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return place / "p-1.tar.gz"


def as_zip(place: Path) -> Path:
    with zipfile.ZipFile(place / "p-1.zip", "w") as archive:
        for name in NAMES:
            archive.writestr(name, "")
    return place / "p-1.zip"


def as_directory(place: Path) -> Path:
    for name in NAMES:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return place / "p-1"


@pytest.mark.parametrize("make", [as_tar, as_zip, as_directory])
def test_sources_of_machine_code_but_not_those_of_tests(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    assert languages(make(tmp_path)) == {".c", ".pyx"}


def test_a_directory_below_one_called_tests(tmp_path: Path) -> None:
    assert languages(as_directory(tmp_path / "tests")) == {".c", ".pyx"}


@pytest.mark.parametrize(("target", "said"), [("local", "this machine"), ("debian12-arm64", "run")])
def test_why_there_is_none(
    target: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooted, "_is_emulated", lambda _: False)
    (tmp_path / "requirements.txt").write_text("x\n")
    context = Workflow.open(tmp_path, target=target).context
    assert load_target(target) == context.target
    assert said in no_workshop(context)


@pytest.mark.parametrize(
    ("release", "compiler", "home"),
    [("12", "/usr/bin/cc", True), ("13", "/usr/bin/cc", False), ("12", None, False)],
)
def test_at_home_is_the_same_release_with_a_compiler(
    release: str, compiler: str | None, home: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"ID": "debian", "VERSION_ID": release}
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: told)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(shutil, "which", lambda _: compiler)
    assert is_at_home(load_target("debian12")) is home
