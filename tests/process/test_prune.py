"""Whole processes: what rules leave out is planned, built, recorded, and comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.wheelhouse import environment, make_project, make_wheel


class Bench:
    """A wheelhouse, a project, and the program run on them."""

    def __init__(self, top: Path) -> None:
        self.wheels = top / "wheels"
        self.project = top / "project"
        self.output = self.project / "build" / "bundle"
        self.env = environment(self.wheels, top / "store")

    def json(self, *args: str) -> dict[str, Any]:
        argv = [sys.executable, "-m", "fctui", *args, "--json"]
        done = subprocess.run(
            argv, cwd=self.project, env=self.env, capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        parsed = json.loads(done.stdout)
        assert isinstance(parsed, dict)
        return parsed

    @property
    def paths(self) -> set[str]:
        """What lies in the bundle."""
        found = (path.relative_to(self.output) for path in self.output.rglob("*"))
        return {str(path) for path in found if not (self.output / path).is_dir()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    files = {
        "one/__init__.py": b"from one.kept.tests import x\n",
        "one/kept/tests/__init__.py": b"x = 1\n",
        "one/tests/test_one.py": b"import one\n" * 50,
        "one/a.pyi": b"x: int\n",
    }
    make_wheel(bench.wheels, "one", files=files)
    make_project(bench.project, "one\n")
    return bench


GONE = {"one/tests/test_one.py", "one/a.pyi"}


def test_what_is_left_out_is_planned_built_recorded_and_comes_back(bench: Bench) -> None:
    bench.json("build")
    whole = bench.paths
    assert whole >= GONE
    planned = bench.json("plan", "--prune", "default")
    bench.json("build", "--prune", "default")
    assert bench.paths == {file["path"] for file in planned["files"]} == whole - GONE
    manifest = json.loads((bench.output / ".fctui" / "manifest.json").read_bytes())
    saved = {(each["rule"], each["manager"], each["files"], each["size"])
             for each in manifest["savings"]}  # fmt: skip
    assert saved == {("tests", "pip", 1, 550), ("type-stubs", "pip", 1, 7)}
    assert manifest["savings"] == planned["savings"]
    assert bench.json("build", "--prune", "default")["unchanged"]
    bench.json("build")
    assert bench.paths == whole


def test_settings_say_what_is_left_out_and_every_command_knows(bench: Bench) -> None:
    settings = bench.project / "fctui.toml"
    settings.write_text('[bundle]\nprune = ["tests", "**/*.pyi"]\nkeep = ["**/a.pyi"]\n')
    shown = {file["path"] for file in bench.json("files", "one")["files"]}
    bench.json("build")
    assert bench.paths.isdisjoint({"one/tests/test_one.py"})
    assert bench.paths >= {"one/a.pyi"}
    assert shown <= bench.paths
    found = bench.json("prune", "--files")
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert (rules["tests"]["on"], rules["tests"]["files"]) == (True, 1)
    assert rules["tests"]["paths"] == ["one/tests/test_one.py"]
    assert not rules["type-stubs"]["on"]
    assert found["totals"] == {"files": 1, "size": 550, "zipped": found["totals"]["zipped"]}


def test_damaged_evidence_is_read_again(bench: Bench) -> None:
    bench.json("build", "--prune", "default")
    left = bench.paths
    shutil.rmtree(bench.output)
    answers = Path(bench.env["FCTUI_CACHE_DIR"]) / "answers" / "pruning"
    for path in answers.iterdir():
        path.write_bytes(os.urandom(20))
    bench.json("build", "--prune", "default")
    assert bench.paths == left


def test_a_rule_that_does_not_exist_is_a_sentence(bench: Bench) -> None:
    argv = [sys.executable, "-m", "fctui", "build", "--prune", "test"]
    done = subprocess.run(
        argv, cwd=bench.project, env=bench.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "'test', which is no rule" in done.stderr
    assert "Traceback" not in done.stderr
