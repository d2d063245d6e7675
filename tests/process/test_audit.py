"""`fctui audit` as a whole: its JSON is a contract, and so are its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.index import Index, serving
from tests.support.wheelhouse import environment, make_project, make_wheel


class Place:
    """A project on an index that knows something against one of its packages."""

    def __init__(self, top: Path, index: Index) -> None:
        self.project = top / "project"
        for wheel in (
            make_wheel(top / "wheels", "top", requires=("leaf",)),
            make_wheel(top / "wheels", "leaf"),
        ):
            index.add_file(wheel.name, wheel.read_bytes())
        bad = {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "It leaks.", "fixed_in": ["1.1"]}
        index.pages["leaf/1.0"] = {"vulnerabilities": [bad]}
        index.pages["top/1.0"] = {"vulnerabilities": []}
        make_project(self.project, "top\n")
        self.env = environment(top / "wheels", top / "store")
        del self.env["PIP_NO_INDEX"], self.env["PIP_FIND_LINKS"]
        self.env["PIP_INDEX_URL"] = index.simple

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fctui", *argv],
            cwd=self.project,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving() as index:
        yield Place(tmp_path_factory.mktemp("audit"), index)


def vulnerabilities(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found = json.loads(done.stdout)
    assert set(found) == {"vulnerabilities", "ignored", "untold", "asked", "needless"}
    listed: list[dict[str, Any]] = found["vulnerabilities"]
    return listed


def test_a_project(place: Place) -> None:
    done = place.run("audit", "--json")
    assert done.returncode == 1, done.stderr
    (only,) = vulnerabilities(done)
    assert only == {
        "manager": "pip",
        "package": "leaf",
        "name": "leaf",
        "version": "1.0",
        "id": "PYSEC-1",
        "aliases": ["CVE-1"],
        "severity": "unknown",
        "summary": "It leaks.",
        "fixed": ["1.1"],
        "url": "",
        "chains": [["requirements.txt:1", "top", "leaf"]],
    }


def test_a_bundle_and_when_it_fails(place: Place) -> None:
    built = place.run("build")
    assert built.returncode == 0, built.stderr
    done = place.run("audit", "build/bundle", "--json")
    assert done.returncode == 1, done.stderr
    assert [each["chains"] for each in vulnerabilities(done)] == [[["top", "leaf"]]]
    assert place.run("audit", "--fail-on", "never").returncode == 0
    assert place.run("audit", "--fail-on", "critical").returncode == 1
    assert place.run("audit", "--fail-on", "whatever").returncode == 2


def test_what_is_ignored_fails_nothing(place: Place) -> None:
    settings = place.project / "fctui.toml"
    before = settings.read_text()
    settings.write_text(f'{before}[[audit.ignore]]\nid = "CVE-1"\nreason = "not called"\n')
    try:
        done = place.run("audit")
    finally:
        settings.write_text(before)
    assert done.returncode == 0, done.stderr
    assert "ignored  PYSEC-1 of leaf 1.0: not called" in done.stdout
