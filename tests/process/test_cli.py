"""Whole commands: their JSON keys are a contract, stdout is theirs alone, Textual stays out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fctui.cli.main import COMMANDS
from tests.support.wheelhouse import environment, make_project, make_wheel

FILE_KEYS = {"path", "size", "category", "owner", "manager"}


class Place:
    """A project that resolves from a directory of wheels, built once for all tests here."""

    def __init__(self, top: Path) -> None:
        self.project = top / "project"
        wheels = top / "wheels"
        make_wheel(wheels, "Top", requires=("middle",), scripts=("top = top:main",))
        make_wheel(wheels, "middle", requires=("leaf>=1",))
        make_wheel(wheels, "leaf")
        make_project(self.project, "Top\nleaf\n")
        self.env = environment(wheels, top / "store")

    def run(self, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fctui", *argv],
            cwd=self.project,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def json(self, *argv: str) -> Any:
        done = self.run(*argv, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("cli"))
    place.json("build")
    return place


def test_what_cannot_be_in_the_bundle_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.project / "elsewhere").symlink_to("/etc/hostname")
    (place.project / "a.log").touch()
    (place.project / ".fcignore").write_text("*.log\n")
    reason = "it is a link out of the project, to /etc/hostname"
    told = [{"path": "elsewhere", "reason": reason}]
    assert place.json("plan")["left_out"] == told
    assert place.json("build")["left_out"] == told
    assert place.json("inspect")["left_out"] == told
    for command in ("plan", "build", "inspect"):
        assert f"not taken in: elsewhere: {reason}" in place.run(command).stdout
    done = place.run("which", "a.log")
    assert done.returncode == 2
    assert "a.log of the project is not in the bundle: '*.log' in .fcignore:1" in done.stderr


def test_a_report_has_the_pip_methods_while_they_are_those_of_the_bundle(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.json("build")
    place.json("report", "-o", "report.html")
    page = (place.project / "report.html").read_text(encoding="utf-8")
    section = page.partition('id="methods"')[2].partition("</section>")[0]
    for method in place.json("methods")["methods"]:
        if method["id"] != "virtualenv":  # which the build needs nothing of
            assert f">{method['id']}<" in section
            assert f">{method['files']:,}<" in section
    assert ">this bundle, recommended<" in section.replace("\n", "")
    (place.project / "requirements.txt").write_text("leaf\n")
    place.json("tree")
    place.json("report", "-o", "report.html")
    assert 'id="methods"' not in (place.project / "report.html").read_text(encoding="utf-8")


def test_tree(place: Place) -> None:
    tree = place.json("tree")
    assert tree["target"] == "debian12"
    pip = tree["managers"]["pip"]
    assert pip["roots"] == ["top", "leaf"]
    top = pip["packages"]["top"]
    assert set(top) >= {"name", "version", "requires", "artifact", "installed_size"}
    assert set(top["artifact"]) >= {"filename", "url", "size", "sha256"}
    assert top["requires"] == ["middle"]
    assert top["installed_size"] > 0


def test_why(place: Place) -> None:
    leaf = place.json("why", "leaf")
    assert leaf["package"] == "leaf"
    assert leaf["chains"] == [["leaf"], ["top", "middle", "leaf"]]
    assert leaf["exclusive_size"] > 0
    kept = place.json("tree")["managers"]["pip"]["packages"]["leaf"]["installed_size"]
    top = place.json("why", "top")["exclusive_size"]
    assert top + kept == sum(
        p["installed_size"] for p in place.json("tree")["managers"]["pip"]["packages"].values()
    )


def test_files_of_a_package_are_those_of_the_plan(place: Place) -> None:
    files = place.json("files", "Top")["files"]
    assert all(set(file) >= FILE_KEYS for file in files)
    plan = place.json("plan")
    assert [f for f in plan["files"] if f["owner"] == "top"] == sorted(
        files, key=lambda file: str(file["path"])
    )
    assert {"scripts", "purelib", "metadata"} <= {file["category"] for file in files}


def test_plan_build_inspect(place: Place) -> None:
    plan = place.json("plan")
    assert set(plan) >= {"files", "unknown", "totals"}
    assert all(set(file) >= FILE_KEYS for file in plan["files"])
    assert plan["totals"]["files"] == len(plan["files"])
    assert plan["totals"]["size"] == sum(file["size"] for file in plan["files"])
    limits = {each["name"]: each for each in plan["limits"]}
    assert limits["unzipped"]["used"] == plan["totals"]["size"]
    built = place.json("build")
    assert set(built) >= {"bundle", "files", "size", "seconds", "findings"}
    assert (built["files"], built["size"]) == tuple(plan["totals"].values())
    inspected = place.json("inspect")
    assert inspected["totals"] == plan["totals"]
    assert all(set(file) >= FILE_KEYS for file in inspected["files"])
    assert place.json("inspect", built["bundle"]) == inspected


def test_methods(place: Place) -> None:
    methods = place.json("methods")["methods"]
    assert [m["id"] for m in methods] == ["install-option", "target", "user", "virtualenv"]
    keys = {"id", "command", "files", "size", "environment", "warnings"}
    assert all(set(method) >= keys for method in methods)
    assert all(isinstance(part, str) for method in methods for part in method["command"])


def test_env_in_every_format(place: Place) -> None:
    variables = place.json("env")
    assert variables["PATH"].startswith("/code/bin:")
    assert json.loads(place.run("env", "--format", "json").stdout) == variables
    assert f"PATH={variables['PATH']}\n" in place.run("env", "--format", "dotenv").stdout
    script = place.run("env").stdout + 'printf %s "$PATH"'
    shell = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout == variables["PATH"]
    assert "environmentVariables:\n  " in place.run("env", "--format", "s.yaml").stdout


def test_targets_and_doctor(place: Place) -> None:
    ids = [target["id"] for target in place.json("targets")["targets"]]
    assert {"debian12", "local", "fc-python3.10"} <= set(ids)
    assert place.json("target", "show", "debian12")["glibc"] == [2, 36]
    tools = place.json("doctor")["tools"]
    assert all(set(tool) >= {"name", "path", "version", "for", "ok"} for tool in tools)


def test_the_cache_is_told_and_given_up(place: Place) -> None:
    place.run("build")
    told = place.json("cache")
    assert {each["kind"] for each in told["kinds"]} >= {"archives", "trees", "listings"}
    assert told["size"] == sum(each["size"] for each in told["kinds"])
    assert place.run("cache").stdout.splitlines()[0] == told["path"]
    assert place.json("cache", "prune", "--days", "1")["entries"] == 0
    freed = place.json("cache", "clean")
    assert freed["entries"] == sum(each["entries"] for each in told["kinds"])
    assert place.json("cache")["kinds"] == []
    assert place.run("build").returncode == 0


@pytest.mark.parametrize(
    "argv",
    [
        ("tree",),
        ("why", "leaf"),
        ("files", "top"),
        ("plan",),
        ("plan", "--files"),
        ("methods",),
        ("build",),
        ("inspect",),
        ("env",),
        ("targets",),
        ("target", "show", "fc-python3.12"),
    ],
)
def test_text_goes_to_stdout_and_progress_to_stderr(place: Place, argv: tuple[str, ...]) -> None:
    done = place.run(*argv)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert not set(done.stdout.splitlines()) & set(done.stderr.splitlines())
    assert "\x1b" not in done.stdout + done.stderr
    ascii_ = place.run(*argv, PYTHONIOENCODING="ascii:strict")
    assert ascii_.returncode == 0, ascii_.stderr
    assert ascii_.stdout.isascii()
    assert "?" not in ascii_.stdout


def test_quiet_is_quiet_and_verbose_shows_commands(place: Place) -> None:
    assert place.run("tree", "-q").stderr == ""
    assert "$ " in place.run("tree", "-v", "--refresh").stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_headless_command_imports_textual(place: Place, command: str) -> None:
    """`-X importtime` names every module that is imported on the way to the help."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "fctui", *command.split(), "--help"],
        cwd=place.project,
        env=place.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Usage: fctui" in done.stdout
    assert "| fctui" in done.stderr
    assert "textual" not in done.stderr


def test_building_does_not_import_textual(place: Place) -> None:
    done = place.run("build", PYTHONPROFILEIMPORTTIME="1")
    assert "fctui.bundle.build" in done.stderr
    assert "textual" not in done.stderr


def test_an_unknown_package_is_a_usage_error_without_json(place: Place) -> None:
    done = place.run("why", "lef", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Did you mean leaf?" in done.stderr


def test_failures_of_all_managers_are_told(place: Place, tmp_path: Path) -> None:
    make_project(tmp_path, "no-such-thing\n", **{"package.json": "{,}"})
    done = place.run("tree", str(tmp_path))
    assert done.returncode in {2, 4}
    assert "no-such-thing" in done.stderr
    assert "package.json:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_command_is_a_directory(place: Place) -> None:
    for words in (("bulid",), ("bulid", ".", "--json"), ("--target", "debian12", "bulid")):
        typo = place.run(*words)
        assert typo.returncode == 2
        assert "Did you mean fctui build?" in typo.stderr
    for argv in ((), (".",), ("--target", "debian12", ".")):
        opened = place.run(*argv)
        assert opened.returncode == 2
        assert "needs a terminal" in opened.stderr


def test_a_reader_that_leaves_is_no_error(place: Place) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "fctui", "plan", "--files", "-q"],
        cwd=place.project,
        env=place.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(timeout=60) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="/proc refuses everybody, but differently")
def test_a_store_that_cannot_be_written_is_a_sentence(place: Place) -> None:
    done = place.run("tree", FCTUI_CACHE_DIR="/proc/store")
    assert done.returncode == 5
    assert "/proc/store" in done.stderr
    assert "Traceback" not in done.stderr


def test_report(place: Place, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    told = place.json("report", "-o", str(page), "--offline")
    data = page.read_bytes()
    assert told == {
        "report": str(page),
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert b"requirements.txt:1" in data
    again = place.json("report", "-o", str(page), "--offline")
    assert again["sha256"] == told["sha256"]
    dated = place.run("report", "-o", str(page), "--offline", SOURCE_DATE_EPOCH="1700000000")
    assert dated.returncode == 0
    assert b"2023-11-14 22:13 UTC" in page.read_bytes()
    refused = place.run("report", "-o", str(tmp_path / "no" / "where.html"), "--offline")
    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr
