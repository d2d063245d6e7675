"""Whole processes: what is planned is what is there, and a killed build harms nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.wheelhouse import environment, make_project, make_wheel

KILLS = 20


class Bench:
    """A wheelhouse, a project, and the program run on them."""

    def __init__(self, top: Path) -> None:
        self.wheels = top / "wheels"
        self.project = top / "project"
        self.output = self.project / "build" / "bundle"
        self.env = environment(self.wheels, top / "store")

    def argv(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "fctui", *args]

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*args),
            cwd=self.project,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *args: str) -> dict[str, object]:
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        parsed = json.loads(done.stdout)
        assert isinstance(parsed, dict)
        return parsed


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    many = {f"big/m{n}.py": f"x = {n}\n".encode() * 50 for n in range(400)}
    make_wheel(bench.wheels, "big", files={**many, "big/__init__.py": b""}, requires=("small>=1",))
    make_wheel(bench.wheels, "small", scripts=("small = small:main",))
    make_project(bench.project, "big\n")
    return bench


def on_disk(bundle: Path) -> dict[str, int]:
    found = {}
    for directory, names, files in os.walk(bundle):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for name in (*files, *links):
            path = os.path.join(directory, name)
            found[os.path.relpath(path, bundle)] = os.lstat(path).st_size
    return found


def tree_hash(bundle: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(on_disk(bundle)):
        digest.update(path.encode())
        if not (bundle / path).is_symlink():
            digest.update((bundle / path).read_bytes())
    return digest.hexdigest()


def test_plan_manifest_and_disk_are_one(bench: Bench) -> None:
    plan = bench.json("plan")
    planned = {file["path"]: file["size"] for file in plan["files"]}  # type: ignore[attr-defined]
    built = bench.json("build")
    assert on_disk(bench.output) == planned
    assert built["files"] == len(planned)
    manifest = bench.json("inspect")
    listed = {file["path"]: file for file in manifest["files"]}  # type: ignore[attr-defined]
    assert set(listed) == set(planned)
    for path, file in listed.items():
        real = bench.output / path
        if not file["link"]:
            assert hashlib.sha256(real.read_bytes()).hexdigest() == file["sha256"], path


def test_a_second_build_changes_nothing_and_says_so(bench: Bench) -> None:
    assert bench.json("build")["unchanged"] is False
    before = os.stat(bench.output).st_ino
    assert bench.json("build")["unchanged"] is True
    assert os.stat(bench.output).st_ino == before


def test_an_edited_bundle_is_built_again_and_the_store_is_unharmed(bench: Bench) -> None:
    bench.json("build")
    whole = tree_hash(bench.output)
    victim = bench.output / "big" / "m7.py"
    victim.chmod(0o644)
    victim.write_text("harmed\n")
    assert bench.json("build")["unchanged"] is False
    assert tree_hash(bench.output) == whole


def test_changed_code_is_taken_up(bench: Bench) -> None:
    bench.json("build")
    (bench.project / "index.py").write_text("def handler(e, c):\n    return 'new'\n")
    bench.json("build")
    assert "new" in (bench.output / "index.py").read_text()


def test_twenty_kills_leave_the_old_bundle_or_the_new_one(bench: Bench) -> None:
    make_wheel(bench.wheels, "small", "2.0", scripts=("small = small:main",))
    wanted = ["big\nsmall==1.0\n", "big\nsmall==2.0\n"]
    whole, states = 0.0, []
    for text in wanted:
        (bench.project / "requirements.txt").write_text(text)
        begun = time.monotonic()
        bench.json("build")
        whole = time.monotonic() - begun
        states.append(tree_hash(bench.output))
    assert states[0] != states[1]
    chance = random.Random(20)
    for kill in range(KILLS):
        (bench.project / "requirements.txt").write_text(wanted[kill % 2])
        child = subprocess.Popen(
            bench.argv("build", "-q"),
            cwd=bench.project,
            env=bench.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(whole / 4, whole))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert tree_hash(bench.output) in states
    (bench.project / "requirements.txt").write_text(wanted[0])
    bench.json("build")
    assert tree_hash(bench.output) == states[0]
    assert [path.name for path in bench.output.parent.iterdir()] == ["bundle"]


def test_an_interrupt_cancels_with_130_and_leaves_nothing(bench: Bench) -> None:
    bench.json("build")
    old = tree_hash(bench.output)
    for wheel in range(60):
        make_wheel(bench.wheels, f"extra{wheel}")
    names = "\n".join(f"extra{wheel}" for wheel in range(60))
    (bench.project / "requirements.txt").write_text(f"big\n{names}\n")
    child = subprocess.Popen(
        bench.argv("build"),
        cwd=bench.project,
        env=bench.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.35)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    if child.returncode == 0:
        pytest.skip("the build was faster than the interrupt")
    assert child.returncode == 130, said
    assert "Traceback" not in said
    assert tree_hash(bench.output) == old
