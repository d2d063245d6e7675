"""Several functions built at once: each failure is told, and the rest goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.wheelhouse import environment, make_wheel


class Repository:
    def __init__(self, top: Path) -> None:
        self.root = top / "repository"
        make_wheel(top / "wheels", "leaf")
        make_wheel(top / "wheels", "top", requires=("leaf",))
        for name, text in (("one", "top\n"), ("two", "leaf\n"), ("three", "top\nleaf\n")):
            self.function(name, text)
        self.env = environment(top / "wheels", top / "store")

    def function(self, name: str, requirements: str, settings: str = "") -> Path:
        directory = self.root / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "requirements.txt").write_text(requirements)
        (directory / "fctui.toml").write_text(settings)
        return directory

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fctui", *argv],
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_all_are_built(repository: Repository) -> None:
    done = repository.run("build", "--workspace", "--json")
    assert done.returncode == 0, done.stderr
    functions = json.loads(done.stdout)["functions"]
    assert [each["name"] for each in functions] == ["one", "three", "two"]
    for each in functions:
        bundle = Path(each["bundle"])
        assert sum(path.is_file() for path in bundle.rglob("*")) == each["files"]
        assert (bundle / "leaf").exists() or (bundle / "leaf.py").exists()
    listed = json.loads(repository.run("workspace", "--json").stdout)["functions"]
    assert {each["state"] for each in listed} == {"built"}
    assert [each["size"] for each in listed] == [each["size"] for each in functions]


def test_a_failure_does_not_stop_the_others(repository: Repository) -> None:
    repository.function("bad", "nosuchthing\n")
    repository.function("wrong", "leaf\n", "targt = 1\n")
    done = repository.run("build", "--workspace", "--json")
    assert done.returncode == 4, done.stderr  # that of the resolution is the worst
    functions = {each["name"]: each for each in json.loads(done.stdout)["functions"]}
    assert functions["bad"]["errors"][0]["exit_code"] == 4
    assert functions["wrong"]["errors"][0]["exit_code"] == 2
    assert all(Path(functions[name]["bundle"]).is_dir() for name in ("one", "two", "three"))
    assert "fctui: bad: " in done.stderr
    assert "fctui: wrong: " in done.stderr
    assert "Traceback" not in done.stderr


def test_what_does_not_go_together(repository: Repository) -> None:
    done = repository.run("build", "--workspace", "-o", "x")
    assert done.returncode == 2
    empty = repository.root / "empty"
    empty.mkdir()
    assert repository.run("workspace", str(empty)).returncode == 2
    assert repository.run("build", "--workspace", str(empty)).returncode == 2
