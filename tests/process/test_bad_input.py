"""Bad input: a clear sentence, the right exit code, and the old bundle as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.process.test_build import Bench, tree_hash
from tests.support.wheelhouse import make_wheel


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    from tests.support.wheelhouse import make_project

    bench = Bench(tmp_path)
    make_wheel(bench.wheels, "good")
    make_project(bench.project, "good\n")
    bench.json("build")
    return bench


def refused(bench: Bench, code: int, *words: str, args: tuple[str, ...] = ("build",)) -> str:
    """The build ends with `code`, says all `words`, and the old bundle stands."""
    before = tree_hash(bench.output)
    done = bench.run(*args)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    for word in words:
        assert word in done.stderr
    assert tree_hash(bench.output) == before
    left = [p.name for p in bench.output.parent.iterdir() if p.name != "bundle"]
    assert left == []
    return done.stderr


def require(bench: Bench, text: str) -> None:
    (bench.project / "requirements.txt").write_text(text)


def test_a_requirement_that_does_not_exist(bench: Bench) -> None:
    require(bench, "good\nno-such-distribution-anywhere\n")
    refused(bench, 4, "no-such-distribution-anywhere")


def test_what_the_other_managers_answer_is_told_before_the_failure(
    bench: Bench, tmp_path: Path
) -> None:
    (bench.project / "package.json").write_text('{"dependencies": {"x": "1"}}')
    bench.env = {**bench.env, "PATH": str(tmp_path)}  # no npm
    done = bench.run("tree")
    assert "good 1.0" in done.stdout
    assert "npm" in done.stderr
    assert done.returncode == 3
    told = json.loads(bench.run("tree", "--json").stdout)
    assert set(told["managers"]) == {"pip"}
    assert set(told["failures"]) == {"npm"}
    assert bench.run("which", "good").returncode == 0
    assert bench.run("why", "good").returncode == 0
    assert bench.run("which", "x").returncode == 3  # npm might have had it
    assert bench.run("why", "x").returncode == 3


def test_two_that_conflict(bench: Bench) -> None:
    make_wheel(bench.wheels, "left", requires=("good<1",))
    require(bench, "good==1.0\nleft\n")
    refused(bench, 4, "left")


def test_an_unreachable_index(bench: Bench) -> None:
    bench.env |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple/", "PIP_DEFAULT_TIMEOUT": "2"}
    del bench.env["PIP_NO_INDEX"]
    require(bench, "good\nfrom-the-index\n")
    done = bench.run("build")
    assert done.returncode in {4, 5}
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_truncated_wheel(bench: Bench) -> None:
    path = make_wheel(bench.wheels, "cut", files={"cut/data": os.urandom(50_000)})
    path.write_bytes(path.read_bytes()[:-100])
    require(bench, "cut\n")
    before = tree_hash(bench.output)
    done = bench.run("build")
    assert done.returncode in {4, 5}
    assert "cut" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree_hash(bench.output) == before


def test_a_wrong_hash(bench: Bench) -> None:
    require(bench, f"good==1.0 --hash=sha256:{'0' * 64}\n")
    before = tree_hash(bench.output)
    done = bench.run("build")
    assert done.returncode in {4, 5}, done.stderr
    assert "good" in done.stderr
    assert "hash" in done.stderr.lower()
    assert tree_hash(bench.output) == before


def test_a_malformed_package_json(bench: Bench) -> None:
    (bench.project / "package.json").write_text('{\n  "dependencies": {,}\n}\n')
    refused(bench, 2, "package.json:2")


def test_no_npm_on_the_machine(bench: Bench, tmp_path: Path) -> None:
    (bench.project / "package.json").write_text('{"dependencies": {"is-number": "*"}}\n')
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "bwrap", "git"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    bench.env["PATH"] = str(tools)
    refused(bench, 3, "npm")


@pytest.mark.parametrize("name", ["a[/b]", "x\x1b[31mred", "-rf", "a b"])
def test_a_name_that_is_none(bench: Bench, name: str) -> None:
    require(bench, f"good\n{name}\n")
    refused(bench, 2, "requirements.txt:2")


def test_an_apt_name_with_escapes(bench: Bench) -> None:
    (bench.project / "apt.txt").write_text("libgl1\n\x1b]0;title\x07evil\n")
    refused(bench, 2, "apt.txt:2")


def test_an_unknown_setting_is_named_with_its_line(bench: Bench) -> None:
    (bench.project / "fctui.toml").write_text('target = "debian12"\n[pip]\nmetod = "target"\n')
    refused(bench, 2, "fctui.toml:3", "metod", "method")


def test_an_unknown_target(bench: Bench) -> None:
    assert "debian12" in refused(bench, 2, args=("build", "--target", "debain12"))


def test_an_output_that_is_not_a_bundle_is_left_alone(bench: Bench, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    done = bench.run("build", "-o", str(precious))
    assert done.returncode == 2
    assert (precious / "thesis.txt").read_text() == "years of work"
    assert bench.run("build", "-o", ".").returncode == 2


def test_a_directory_without_dependencies(bench: Bench, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = bench.run("build", str(empty))
    assert done.returncode == 2
    assert "declares no dependencies" in done.stderr
    assert "requirements.txt" in done.stderr
    (empty / "pyproject.toml").write_text('[tool.poetry.dependencies]\nrequests = "^2"\n')
    (empty / "Funfile").write_text("RUNTIME python3\n")
    assert (
        "fctui init takes over what Funfile and pyproject.toml"
        in bench.run("build", str(empty)).stderr
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
@pytest.mark.parametrize("full", ["output", "store"])
def test_a_full_disk(bench: Bench, tmp_path: Path, full: str) -> None:
    make_wheel(bench.wheels, "large", files={"large/data": os.urandom(6_000_000)})
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(small)], check=True)
    try:
        if full == "store":
            bench.env["FCTUI_CACHE_DIR"] = str(small / "store")
            args: tuple[str, ...] = ("build",)
        else:
            args = ("build", "-o", str(small / "bundle"))
            assert bench.run(*args).returncode == 0
        require(bench, "good\nlarge\n")
        old = tree_hash(small / "bundle") if full == "output" else tree_hash(bench.output)
        done = bench.run(*args)
        assert done.returncode == 5, done.stderr
        assert "disk is full" in done.stderr
        assert "Traceback" not in done.stderr
        still = small / "bundle" if full == "output" else bench.output
        assert tree_hash(still) == old
        if full == "output":
            assert [path.name for path in small.iterdir()] == ["bundle"]
    finally:
        subprocess.run(["umount", str(small)], check=True)
