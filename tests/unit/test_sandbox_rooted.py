"""Roots as the whole world: what a path leads to in one, and what of it is shown."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.sandbox.isolate import isolated
from fctui.sandbox.rooted import check_root, real_path, why_foreign


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("usr/bin", "usr/lib", "var/lib", "home/somebody", "etc/alternatives"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "usr/bin/node18").write_text("")
    (tmp_path / "usr/bin/node").symlink_to("/etc/alternatives/node")
    (tmp_path / "etc/alternatives/node").symlink_to("/bin/node18")
    (tmp_path / "usr/bin/out").symlink_to("../../../../../../etc/passwd")
    (tmp_path / "usr/bin/loop").symlink_to("loop")
    return tmp_path


def test_links_are_followed_within_the_root(root: Path) -> None:
    assert real_path(root, "/bin/node") == root / "usr/bin/node18"
    assert real_path(root, "/usr/bin/out") is None
    assert real_path(root, "/usr/bin/loop") is None
    assert real_path(root, "/usr/bin/none") is None


def words(root: Path, place: str) -> list[tuple[str, str, str]]:
    argv = isolated(root, ("true",), shown={place: root}, env={}).argv
    return list(zip(argv, argv[1:], argv[2:], strict=False))


def test_a_system_is_shown_and_what_is_somebodys_is_not(root: Path) -> None:
    shown = words(root, "/code")
    assert ("--ro-bind", str(root / "usr"), "/usr") in shown
    assert ("--symlink", "usr/bin", "/bin") in shown
    assert ("--ro-bind", str(root), "/code") in shown
    assert not [part for part in shown if part[1] == str(root / "home")]


def test_where_a_place_is_missing_its_directory_is_shown_in_parts(root: Path) -> None:
    shown = words(root, "/var/task")
    assert ("--ro-bind", str(root / "var/lib"), "/var/lib") in shown
    assert ("--ro-bind", str(root / "var"), "/var") not in shown
    assert ("--ro-bind", str(root / "var"), "/var") in words(root, "/var/lib")


def test_what_is_no_root(root: Path) -> None:
    check_root(root)
    with pytest.raises(UsageError):
        check_root(root / "home")


def test_another_processor() -> None:
    assert not why_foreign(platform.machine())
    assert "nonesuch" in why_foreign("nonesuch")
