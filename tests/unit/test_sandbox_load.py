"""Loading libraries in the sandbox: those that were put beside a package, after one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.sandbox.inside import run

NEEDS = {
    "outer.so": ["middle.so"],
    "middle.so": ["inner.so"],
    "inner.so": [],
    "ring-1.so": ["ring-2.so"],
    "ring-2.so": ["ring-1.so"],
    "lost.so": ["nowhere.so"],
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that are loaded by now; what is loaded once serves whoever needs it."""
    known: list[str] = []

    def open_(path: str, mode: int) -> None:
        name = Path(path).name
        for needed in NEEDS[name]:
            if needed not in known:
                raise OSError(
                    f"{needed}: cannot open shared object file: No such file or directory"
                )
        known.append(name)

    monkeypatch.setattr("ctypes.CDLL", open_)
    return known


def put(directory: Path) -> Path:
    directory.mkdir()
    for name in NEEDS:
        (directory / name).write_bytes(b"\x7fELF")
    return directory


def test_libraries_of_a_wheel_are_loaded_after_those_they_need(
    opened: list[str], tmp_path: Path
) -> None:
    place = put(tmp_path / "pkg.libs")
    assert run.load(str(place / "outer.so")) == {}
    assert opened == ["inner.so", "middle.so", "outer.so"]


@pytest.mark.parametrize("name", ["ring-1.so", "lost.so"])
def test_what_cannot_be_loaded_ends(opened: list[str], name: str, tmp_path: Path) -> None:
    told = run.load(str(put(tmp_path / "pkg.libs") / name))
    assert NEEDS[name][0] in str(told["text"])
    assert opened == []


def test_elsewhere_nobody_says_that_they_come_first(opened: list[str], tmp_path: Path) -> None:
    assert "middle.so" in str(run.load(str(put(tmp_path / "libs") / "outer.so"))["text"])
    assert opened == []
