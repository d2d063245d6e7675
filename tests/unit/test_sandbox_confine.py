"""Confinement: what a confined command cannot read, write or reach."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fctui.sandbox.confine import available, confined
from fctui.tasks.command import Command

needs_bubblewrap = pytest.mark.skipif(
    not available(), reason="bubblewrap is not here or may not make name spaces"
)


def run(command: Command) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command.argv, capture_output=True, text=True, timeout=20, check=False)


@needs_bubblewrap
def test_it_writes_only_where_it_may(tmp_path: Path) -> None:
    allowed, forbidden = tmp_path / "allowed", tmp_path / "forbidden"
    allowed.mkdir()
    forbidden.mkdir()
    script = f"touch {allowed}/x; touch {forbidden}/x; touch /etc/fctui-test; true"
    outcome = run(confined(Command(("sh", "-c", script)), writable=[allowed], network=False))
    assert outcome.returncode == 0
    assert (allowed / "x").exists()
    assert not (forbidden / "x").exists()
    assert not Path("/etc/fctui-test").exists()


@needs_bubblewrap
def test_root_has_no_power_in_it(tmp_path: Path) -> None:
    script = "grep ^CapEff /proc/self/status; mount -o remount,rw / 2>/dev/null && echo mounted"
    outcome = run(confined(Command(("sh", "-c", script)), writable=[tmp_path], network=False))
    assert outcome.stdout.split() == ["CapEff:", "0" * 16]


@needs_bubblewrap
def test_home_and_secrets_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REGISTRY_TOKEN", "hunter2")
    (tmp_path / "key").write_text("hunter2")
    script = f"cat {tmp_path}/key; env"
    outcome = run(confined(Command(("sh", "-c", script)), writable=[], network=False))
    assert "hunter2" not in outcome.stdout + outcome.stderr


@needs_bubblewrap
def test_without_network_only_loopback_is_left(tmp_path: Path) -> None:
    command = Command(("cat", "/proc/net/dev"), cwd=tmp_path)
    outcome = run(confined(command, writable=[tmp_path], network=False))
    interfaces = [line.split(":")[0].strip() for line in outcome.stdout.splitlines()[2:]]
    assert interfaces == ["lo"]


@needs_bubblewrap
def test_its_own_variables_and_directory_are_set(tmp_path: Path) -> None:
    command = Command(("sh", "-c", "echo $PWD $MINE"), env={"MINE": "yes"}, cwd=tmp_path)
    outcome = run(confined(command, writable=[tmp_path], network=False))
    assert outcome.stdout.split() == [os.path.realpath(tmp_path), "yes"]
