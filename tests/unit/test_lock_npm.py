"""npm's lock as a part of ours: written where there is none, kept where it answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.interface import Context
from fctui.managers.npm.manager import Npm
from fctui.model.errors import LockError
from fctui.model.lock import Pins
from fctui.store.store import Store
from fctui.targets.load import load_target
from fctui.workflow.lock import make_lock, write_lock
from fctui.workflow.outdated import outdated
from fctui.workflow.workflow import Workflow
from tests.support.npm_project import no_npm_beside, npm_context
from tests.support.registry import Registry, serving

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "none"))
    with serving() as registry:
        registry.add("above", "1.0.0", dependencies={"below": "^1"})
        registry.add("below", "1.2.0")
        yield registry


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".npmrc").write_text(f"registry={registry.url}\nfetch-retries=0\n")
    write(root, dependencies={"above": "^1"})
    return root


@pytest.fixture
def context(project: Path, tmp_path: Path) -> Iterator[Context]:
    store = Store(tmp_path / "store")
    yield npm_context(project, store)
    store.workspace.close()


def write(root: Path, **manifest: Any) -> None:
    (root / "package.json").write_text(json.dumps(manifest))


async def pinned(context: Context) -> Pins:
    """Resolve and pin; the files are written."""
    pins = await Npm().pin([(context, await Npm().resolve(context))])
    for name, text in pins.files.items():
        (context.project.root / name).write_bytes(text)
    return pins


@needs_npm
async def test_a_lock_is_made_that_names_no_mirror(
    context: Context, project: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = await pinned(context)
    assert list(pins.files) == ["package-lock.json"]
    text = (project / "package-lock.json").read_text()
    assert registry.url not in text
    lock = json.loads(text)
    assert lock["name"] == "project"
    assert lock["packages"]["node_modules/below"]["integrity"].startswith("sha512-")
    monkeypatch.setenv("PATH", "/nowhere")
    no_npm_beside(monkeypatch)
    frozen = replace(context, frozen=True, memory={})
    with serving() as mirror:
        mirror.tarballs = dict(registry.tarballs)
        (project / ".npmrc").write_text(f"registry={mirror.url}\n")
        found = await Npm().pinned(frozen, pins.by_target["test"])
        assert {p.name: p.version for p in found.packages.values()} == {
            "above": "1.0.0",
            "below": "1.2.0",
        }
        listing = await Npm().fetch(frozen, found)
        assert listing.contents.keys() == found.packages.keys()
        assert len(mirror.requests) == 2


@needs_npm
async def test_a_lock_that_answers_is_kept_until_an_upgrade(
    context: Context, project: Path, registry: Registry
) -> None:
    await pinned(context)
    before = (project / "package-lock.json").read_bytes()
    registry.add("below", "1.3.0")
    later = replace(context, refresh=True, memory={})
    assert (await pinned(later)).files == {}
    assert (project / "package-lock.json").read_bytes() == before
    assert (await Npm().newest(later, await Npm().resolve(later)))["node_modules/below"] == "1.3.0"
    await pinned(replace(later, upgrade=True, memory={}))
    lock = json.loads((project / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/below"]["version"] == "1.3.0"


@needs_npm
async def test_what_is_outdated_has_the_sizes_that_the_registry_tells(
    context: Context, project: Path, registry: Registry
) -> None:
    locked = replace(context, target=load_target("debian12"))
    write_lock(await make_lock([Workflow(locked)]), project)
    registry.add("below", "1.3.0", files={"index.js": "1" * 5000})
    registry.add("other", "2.0.0", files={"index.js": "1" * 300})
    registry.add("above", "1.1.0", dependencies={"other": "^2"})
    write(project, dependencies={"above": "1.1.0", "below": "^1"})
    registry.requests.clear()
    found = {each.name: each for each in (await outdated(Workflow(locked))).packages}
    assert found.keys() == {"above", "below", "other"}

    def size(name: str, version: str) -> int:
        told = registry.packages[name]["versions"][version]["dist"]["unpackedSize"]
        assert isinstance(told, int)
        return told

    assert found["below"].size == size("below", "1.3.0")
    assert found["below"].size_change == size("below", "1.3.0") - size("below", "1.2.0") > 4000
    assert found["other"].size == found["other"].size_change == size("other", "2.0.0")
    own = [path for path, _ in registry.requests if path == "/below"]
    assert len(own) <= 2  # npm's own, and one page that tells both version and sizes
    del registry.packages["below"]["versions"]["1.3.0"]["dist"]["unpackedSize"]
    registry.packages["other"]["versions"]["2.0.0"]["dist"]["unpackedSize"] = "many"
    again = {each.name: each for each in (await outdated(Workflow(locked))).packages}
    tarballs = {name: len(data) for name, data in registry.tarballs.items()}
    below = [tarballs[f"/below/-/below-{version}.tgz"] for version in ("1.2.0", "1.3.0")]
    assert (again["below"].size, again["below"].size_change) == (below[1], below[1] - below[0])
    assert again["other"].size == tarballs["/other/-/other-2.0.0.tgz"]
    assert again["other"].newest == "2.0.0"


@needs_npm
async def test_a_package_json_that_moved_on_is_refused(context: Context, project: Path) -> None:
    pins = await pinned(context)
    write(project, dependencies={"above": "^1", "below": "^1"})
    frozen = replace(context, frozen=True, memory={})
    with pytest.raises(LockError, match=r"package-lock\.json does not answer"):
        await Npm().pinned(frozen, pins.by_target["test"])
    (project / "package-lock.json").unlink()
    with pytest.raises(LockError, match="cannot be read"):
        await Npm().pinned(frozen, pins.by_target["test"])


@needs_npm
async def test_a_lock_that_does_not_say_what_it_is_for_goes_by_its_hash(
    context: Context, project: Path
) -> None:
    write(project, dependencies={"above": "^1"}, overrides={"above": {"below": "1.2.0"}})
    pins = await pinned(context)
    pin = pins.by_target["test"]
    assert pin.answers_for
    frozen = replace(context, frozen=True, memory={})
    assert len((await Npm().pinned(frozen, pin)).packages) == 2
    lock = project / "package-lock.json"
    lock.write_text(lock.read_text().replace("1.2.0", "1.1.0"))
    with pytest.raises(LockError):
        await Npm().pinned(frozen, pin)


def test_statements_are_about_what_is_asked(context: Context, project: Path) -> None:
    before = set(Npm().statements(context))
    write(project, name="other", scripts={"test": "x"}, dependencies={"above": "^1"})
    assert set(Npm().statements(context)) == before
    write(project, dependencies={"above": "^1.0.0"})
    assert set(Npm().statements(context)) != before
