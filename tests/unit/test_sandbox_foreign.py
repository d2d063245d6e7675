"""Which processors' programs the kernel starts, by what it tells of its emulators."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.sandbox import rooted
from fctui.sandbox.rooted import why_foreign

AARCH64 = "7f454c460201010000000000000000000200b700"
X86_64 = "7f454c4602010100000000000000000002003e00"


@pytest.fixture
def formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without emulators."""
    monkeypatch.setattr(rooted, "_FORMATS", tmp_path)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "status").write_text("enabled\n")
    (tmp_path / "python3.11").write_text("enabled\ninterpreter /p\nflags: F\nextension .py\n")
    (tmp_path / "register").mkdir()  # something that cannot be read
    return tmp_path


def entry(magic: str, flags: str = "PF", state: str = "enabled") -> str:
    return f"{state}\ninterpreter /q\nflags: {flags}\noffset 0\nmagic {magic}\nmask ff\n"


def test_its_own_run_by_themselves(formats: Path) -> None:
    assert formats.is_dir()
    assert why_foreign("x86_64") == ""
    assert "qemu-user-static" in why_foreign("aarch64")


@pytest.mark.parametrize("name", ["qemu-aarch64", "qemu-aarch64-static", "other"])
def test_an_emulator_counts_whatever_its_name(formats: Path, name: str) -> None:
    (formats / name).write_text(entry(AARCH64))
    assert why_foreign("aarch64") == ""


@pytest.mark.parametrize(
    "text",
    [
        entry(AARCH64, state="disabled"),
        entry(AARCH64, flags="P"),  # looked up in the root, where none is
        entry(X86_64),
        "",
    ],
)
def test_one_that_would_not_be_started_does_not(formats: Path, text: str) -> None:
    (formats / "qemu-aarch64").write_text(text)
    assert "QEMU" in why_foreign("aarch64")


def test_a_kernel_without_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rooted, "_FORMATS", tmp_path / "nowhere")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert "aarch64" in why_foreign("x86_64")
