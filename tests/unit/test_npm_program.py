"""Which npm is run: one beside this Python before that of PATH, and never one before npm 10.3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.npm import program
from fctui.managers.npm.manager import Npm
from fctui.managers.npm.program import InstalledNpm, find_npm, is_too_old, require_npm
from fctui.managers.npm.repository import packed_repository
from fctui.model.errors import MissingToolError
from fctui.model.package import Package
from fctui.store.store import Store
from tests.support.npm_project import no_npm_beside, npm_context

LOCKED = {"version": "1.0.0", "resolved": "https://registry.example.invalid/a/-/a-1.0.0.tgz"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.workspace.close()


class FakeNpm:
    """An npm that tells its version to whoever asks, and writes down what it was asked."""

    def __init__(self, directory: Path, version: str, status: int = 0) -> None:
        directory.mkdir(exist_ok=True)
        self.path = directory / "npm"
        self.asked = directory / "asked"
        self.write(version, status)

    def write(self, version: str, status: int = 0) -> None:
        self.path.write_text(
            f"#!/bin/sh\necho \"$*\" >>'{self.asked}'\necho '{version}'\nexit {status}\n"
        )
        self.path.chmod(0o755)

    @property
    def commands(self) -> list[str]:
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    npm = FakeNpm(tmp_path / "bin", "9.2.0")
    monkeypatch.setenv("PATH", f"{npm.path.parent}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    no_npm_beside(monkeypatch)
    return npm


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    manifest = {"name": "p", "version": "1.0.0", "dependencies": {"a": "^1.0.0"}}
    (root / "package.json").write_text(json.dumps(manifest))
    return root


def lock(project: Path) -> None:
    manifest = json.loads((project / "package.json").read_text())
    packages = {"": manifest, "node_modules/a": LOCKED}
    (project / "package-lock.json").write_text(
        json.dumps({"lockfileVersion": 3, "packages": packages})
    )


@pytest.mark.parametrize(
    ("version", "refused"),
    [
        *((version, True) for version in ("6.14.18", "9.2.0", "9.9.4", "10.2.5", "x", "")),
        *((version, False) for version in ("10.3.0", "10.8.2", "11.1.0", "12.0.0-pre.1")),
    ],
)
def test_npm_10_3_is_the_oldest(version: str, refused: bool) -> None:
    assert is_too_old(version) is refused


async def test_an_old_npm_is_refused_before_it_is_asked_for_anything(
    old: FakeNpm, project: Path, store: Store
) -> None:
    for _ in range(2):
        with pytest.raises(MissingToolError) as caught:
            await Npm().resolve(npm_context(project, store))
        assert "npm 9.2.0 cannot resolve for another machine" in caught.value.message
        assert "npm 10.3 or newer" in caught.value.message
        assert caught.value.hint == "npm install -g npm@10"
    assert old.commands == ["--version"]


async def test_an_old_npm_packs_no_repository(old: FakeNpm, project: Path, store: Store) -> None:
    context = npm_context(project, store)
    package = Package(manager="npm", id="node_modules/g", name="g", version="1.0.0")
    async with context.tasks.open("npm", "list") as task:
        with pytest.raises(MissingToolError, match=r"npm 9\.2\.0"):
            await packed_repository(context, package, "git+file:///nowhere#abc", task)
    assert old.commands == ["--version"]


async def test_an_old_npm_is_not_asked_for_its_registry(
    old: FakeNpm, project: Path, store: Store
) -> None:
    lock(project)
    (project / ".npmrc").write_text("registry=https://mirror.example.invalid/\n")
    with pytest.raises(MissingToolError, match=r"npm 9\.2\.0"):
        await Npm().resolve(npm_context(project, store))
    assert old.commands == ["--version"]


async def test_a_lock_that_answers_needs_no_npm(old: FakeNpm, project: Path, store: Store) -> None:
    lock(project)
    resolution = await Npm().resolve(npm_context(project, store))
    assert list(resolution.packages) == ["node_modules/a"]
    assert old.commands == []


async def test_the_version_is_asked_once_for_each_npm(
    old: FakeNpm, project: Path, store: Store
) -> None:
    old.write("10.8.2")
    context = npm_context(project, store)
    async with context.tasks.open("npm", "resolve") as task:
        assert [await require_npm(context, task) for _ in range(3)] == [
            InstalledNpm("npm", "10.8.2")
        ] * 3
        assert old.commands == ["--version"]
        old.write("9.9.12")
        with pytest.raises(MissingToolError, match=r"npm 9\.9\.12"):
            await require_npm(context, task)
    assert old.commands == ["--version"] * 2


@pytest.mark.parametrize(("said", "status"), [("no number", 0), ("", 0), ("10.8.2", 127)])
async def test_an_npm_that_does_not_run_is_told_and_asked_anew(
    old: FakeNpm, project: Path, store: Store, said: str, status: int
) -> None:
    old.write(said, status)
    context = npm_context(project, store)
    async with context.tasks.open("npm", "resolve") as task:
        for _ in range(2):
            with pytest.raises(MissingToolError, match="does not run here"):
                await require_npm(context, task)
    assert old.commands == ["--version"] * 2


async def test_the_npm_beside_this_python_is_first(
    old: FakeNpm, project: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = FakeNpm(tmp_path / "venv", "10.9.8")
    monkeypatch.setattr(program, "BESIDE", str(beside.path))
    assert find_npm() == str(beside.path)
    context = npm_context(project, store)
    async with context.tasks.open("npm", "resolve") as task:
        assert await require_npm(context, task) == InstalledNpm(str(beside.path), "10.9.8")
    assert (beside.commands, old.commands) == (["--version"], [])


def test_without_any_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    no_npm_beside(monkeypatch)
    assert find_npm() is None
