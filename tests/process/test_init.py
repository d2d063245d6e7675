"""`fctui init` as a command: it asks, or writes nothing; what was there is kept."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

FUNFILE = "RUNTIME python3\nRUN fun-install pip install flask \x1b[31mrequests\nRUN make it\n"


def init(directory: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fctui", "init", str(directory), *argv],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Funfile").write_text(FUNFILE)
    return tmp_path


def test_without_a_terminal_it_says_and_does_not(project: Path) -> None:
    done = init(project)
    assert done.returncode == 2
    assert "Funfile:1  python3 → target fc-python3" in done.stdout
    assert "--yes" in done.stderr
    assert "\x1b" not in done.stdout
    assert os.listdir(project) == ["Funfile"]


def test_a_dry_run_is_no_failure(project: Path) -> None:
    assert init(project, "--dry-run").returncode == 0
    assert os.listdir(project) == ["Funfile"]


def test_yes_keeps_what_is_there(project: Path) -> None:
    (project / "requirements.txt").write_text("# mine\nFlask==2.0  # old\n")
    (project / "fctui.toml").write_text('# why\ntarget = "debian11"\n[pip]\nmethod = "user"\n')
    done = init(project, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    (function,) = json.loads(done.stdout)["functions"]
    kept = [each["reason"] for each in function["left"] if "kept" in each["reason"]]
    assert len(kept) == 2
    assert (project / "requirements.txt").read_text() == "# mine\nFlask==2.0  # old\n"
    assert (project / "fctui.toml").read_text().startswith('# why\ntarget = "debian11"\n')
    assert json.loads(done.stdout)["written"] == []


def test_settings_in_pyproject_stay_there(project: Path) -> None:
    text = '[project]\nname = "x"\n\n[tool.fctui.pip]  # ours\nmethod = "user"\n'
    (project / "pyproject.toml").write_text(text)
    assert init(project, "--yes").returncode == 0
    assert not (project / "fctui.toml").exists()
    after = (project / "pyproject.toml").read_text()
    assert "# ours" in after
    assert 'target = "fc-python3"' in after


@pytest.mark.parametrize(("answer", "written"), [(b"n\n", False), (b"y\n", True)])
def test_on_a_terminal_it_asks(project: Path, answer: bytes, written: bool) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        argv = [sys.executable, "-m", "fctui", "init", str(project)]
        os.execv(sys.executable, argv)  # noqa: S606 - pty.fork takes the place of subprocess here
    shown = b""
    try:
        while b"Write " not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, answer)
        time.sleep(0.1)
        while True:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break  # it has ended: Linux says EIO
    finally:
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert (status == 0) is written
    assert (project / "fctui.toml").exists() is written


def test_a_target_that_is_asked_for_wins_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "Funfile").write_text("RUNTIME python3\n")
    done = init(tmp_path, "--yes", "--target", "fc-python3.12")
    assert "Funfile:1  python3: fc-python3.12 was asked for" in done.stdout
    assert "→ target" not in done.stdout
    assert (tmp_path / "fctui.toml").read_text() == 'target = "fc-python3.12"\n'


def test_a_plain_project_gets_its_target_written(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n")
    assert init(tmp_path, "--yes", "--target", "fc-python3.12").returncode == 0
    assert (tmp_path / "fctui.toml").read_text() == 'target = "fc-python3.12"\n'


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("template.yml", "a: [1\nb: 2\n", "template.yml:2: not valid YAML"),
        ("s.yaml", "a: &a [*a]\nresources: *a\n", ""),
        ("Pipfile.lock", "{", "Pipfile.lock cannot be read"),
        ("poetry.lock", "x = \n", "poetry.lock:1:5: not valid TOML"),
        ("Funfile", "\xff\xfe", ""),
        ("serverless.yml", "provider: aws\nfunctions: 3\ncustom: []\nplugins: x\n", ""),
        ("environment.yml", "dependencies: {a: b}\n", ""),
        ("fun.yml", "tasks: [1, {pip: [a]}]\n", ""),
    ],
)
def test_files_that_are_wrong(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    done = init(tmp_path, "--dry-run")
    assert "Traceback" not in done.stderr
    assert "should not have happened" not in done.stderr
    assert done.returncode == (2 if said or name == "Funfile" else 0), done.stderr
    assert said in done.stderr


def test_a_file_that_is_nested_too_deeply(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("[" * 300_000)
    done = init(tmp_path, "--dry-run")
    assert done.returncode == 2, done.stderr[-300:]
    assert "s.yaml is nested too deeply" in done.stderr
