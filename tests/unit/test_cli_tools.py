"""What `fctui doctor` finds on a host."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.cli import tools
from fctui.cli.tools import Tool, find_tools
from tests.support.npm_project import no_npm_beside


async def found(monkeypatch: pytest.MonkeyPatch, place: Path) -> dict[str, Tool]:
    monkeypatch.setenv("PATH", str(place))
    no_npm_beside(monkeypatch)
    return {tool.name: tool for tool in await find_tools()}


def program(place: Path, name: str, script: str) -> None:
    path = place / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_versions_are_asked_of_the_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "npm", "echo 10.8.2")
    program(tmp_path, "java", "echo 'openjdk version \"17.0.9\" 2023' >&2")
    program(tmp_path, "gpgv", "exit 1")
    program(tmp_path, "bwrap", "echo no number here")
    known = await found(monkeypatch, tmp_path)
    assert (known["npm"].version, known["npm"].ok) == ("10.8.2", True)
    assert known["npm"].path == str(tmp_path / "npm")
    assert known["java"].version == "17.0.9"
    assert not known["gpgv"].ok
    assert not known["bwrap"].ok


async def test_an_npm_that_is_too_old_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "npm", "echo 9.2.0")
    npm = (await found(monkeypatch, tmp_path))["npm"]
    assert (npm.version, npm.ok, npm.path) == ("9.2.0", False, str(tmp_path / "npm"))
    assert "too old" in npm.hint
    assert "npm install -g npm@10" in npm.hint


async def test_what_is_missing_has_a_hint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "KEYRING", tmp_path / "none.gpg")
    known = await found(monkeypatch, tmp_path)
    for name in ("apt-get", "gpgv", "npm", "node", "bwrap", "debian-archive-keyring"):
        assert not known[name].ok, name
        assert known[name].hint, name
        assert known[name].purpose, name
    assert known["python"].ok


async def test_where_no_apt_is_none_is_told_to_use_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (await found(monkeypatch, tmp_path))["bwrap"].hint == "install bubblewrap"
    program(tmp_path, "dnf", "echo 4.14.0")
    assert (await found(monkeypatch, tmp_path))["bwrap"].hint == "dnf install bubblewrap"
    program(tmp_path, "apt-get", "echo 2.6.1")
    assert (await found(monkeypatch, tmp_path))["bwrap"].hint == "apt-get install bubblewrap"


async def test_a_tool_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tools, "PATIENCE", 0.2)
    program(tmp_path, "npm", "exec /bin/sleep 60")
    assert not (await found(monkeypatch, tmp_path))["npm"].ok


async def test_pip_and_uv_are_those_of_this_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known = await found(monkeypatch, tmp_path)
    assert known["uv"].ok
    assert known["uv"].version.count(".") >= 1
    assert known["pip"].ok
