"""npm end to end against a registry on the loopback interface."""

from __future__ import annotations

import asyncio
import json
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.npm.manager import Npm
from fctui.model.errors import FctuiError, MissingToolError, ResolutionError, TaskError, UsageError
from fctui.model.package import Resolution
from fctui.model.plan import Link
from fctui.project.settings import NpmSettings, Settings
from fctui.sandbox import rooted
from fctui.sandbox.confine import available
from fctui.store.store import Store
from fctui.tasks.events import CommandShown, LogLines, State, TaskFinished
from tests.support.npm_project import no_npm_beside, npm_context
from tests.support.recorder import Recorder
from tests.support.registry import Registry, integrity_of, make_tarball, serving

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "none"))
    with serving() as registry:
        yield registry


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".npmrc").write_text(f"registry={registry.url}\nfetch-retries=0\n")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.workspace.close()


def write(root: Path, **manifest: Any) -> None:
    (root / "package.json").write_text(json.dumps({"name": "p", "version": "1.0.0", **manifest}))


def locked(registry: Registry, **entries: dict[str, Any]) -> dict[str, Any]:
    """A lock's entries for published packages, `a="1.0.0"` style given as dicts of additions."""
    found = {}
    for name, more in entries.items():
        version = more.pop("version", "1.0.0")
        dist = registry.packages[name]["versions"][version]["dist"]
        entry = {"version": version, "resolved": dist["tarball"], "integrity": dist["integrity"]}
        found[f"node_modules/{name}"] = {**entry, **more}
    return found


def write_lock(root: Path, packages: dict[str, Any]) -> None:
    manifest = json.loads((root / "package.json").read_text())
    lock = {"lockfileVersion": 3, "packages": {"": manifest, **packages}}
    (root / "package-lock.json").write_text(json.dumps(lock))


def snapshot(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def versions(resolution: Resolution) -> dict[str, str]:
    return {id_: package.version for id_, package in resolution.packages.items()}


@needs_npm
async def test_without_a_lock_npm_resolves_and_the_project_stays_as_it_is(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0", dependencies={"b": "^1.0.0"})
    registry.add("b", "1.1.0", {"cli.js": "#!/usr/bin/env node\n"}, bin={"b": "cli.js"})
    registry.add("d", "1.0.0")
    write(project, dependencies={"a": "1"}, devDependencies={"d": "1"})
    before = snapshot(project)
    recorder = Recorder()
    context = npm_context(project, store, reporter=recorder)
    resolution = await Npm().resolve(context)
    assert snapshot(project) == before
    assert versions(resolution) == {"node_modules/a": "1.0.0", "node_modules/b": "1.1.0"}
    assert resolution.packages["node_modules/a"].requires == ("node_modules/b",)
    assert [(r.id, r.requirement, r.source) for r in resolution.roots] == [
        ("node_modules/a", "a@1", "package.json")
    ]
    (argv,) = resolution.commands
    shown = [event.line for event in recorder.events if isinstance(event, CommandShown)]
    assert any(" ".join(argv) in line for line in shown)
    listing = await Npm().fetch(context, resolution)
    files = {f.path: f for f in Npm().layout(context, resolution, listing, "target").files}
    assert files["node_modules/.bin/b"].source == Link("../b/cli.js")
    assert {path for path, f in files.items() if f.owner == "node_modules/a"} == {
        "node_modules/a/package.json",
        "node_modules/a/index.js",
    }
    assert list((store.root / "tmp").glob("*/*")) == []


@needs_npm
async def test_the_versions_of_yarns_lock(registry: Registry, project: Path, store: Store) -> None:
    """It names a registry that is not the one in use: the tarballs are the same."""
    registry.add("a", "1.0.0", dependencies={"b": "^1.0.0"})
    registry.add("a", "1.9.0")
    registry.add("b", "1.0.0")
    registry.add("b", "1.9.0")
    write(project, dependencies={"a": "^1.0.0"})
    lock = ["# yarn lockfile v1", ""]
    for name in ("a", "b"):
        dist = registry.packages[name]["versions"]["1.0.0"]["dist"]
        path = dist["tarball"].removeprefix(registry.url.rstrip("/"))
        lock += [
            f"{name}@^1.0.0:",
            '  version "1.0.0"',
            f'  resolved "https://yarn.example.invalid{path}"',
            f"  integrity {dist['integrity']}",
            *(["  dependencies:", '    b "^1.0.0"'] if name == "a" else []),
            "",
        ]
    (project / "yarn.lock").write_text("\n".join(lock))
    context = npm_context(project, store)
    found = await Npm().resolve(context)
    assert versions(found) == {"node_modules/a": "1.0.0", "node_modules/b": "1.0.0"}
    assert not found.findings
    fetched = await Npm().fetch(context, found)
    assert set(fetched.contents) == set(found.packages)
    upgraded = replace(npm_context(project, store), upgrade=True)
    assert versions(await Npm().resolve(upgraded)) == {"node_modules/a": "1.9.0"}


@needs_npm
@pytest.mark.parametrize("name", ["pnpm-lock.yaml", "yarn.lock", "bun.lock"])
async def test_a_lock_that_npm_does_not_read_is_told_of(
    registry: Registry, project: Path, store: Store, name: str
) -> None:
    registry.add("a", "1.0.0")
    write(project, dependencies={"a": "^1.0.0"})
    (project / name).write_text("__metadata:\n  version: 8\n")
    (finding,) = (await Npm().resolve(npm_context(project, store))).findings
    assert finding.subject == name
    assert not finding.breaks
    write_lock(project, locked(registry, a={}))
    assert not (await Npm().resolve(npm_context(project, store))).findings


@needs_npm
async def test_an_answer_is_remembered_until_something_changes(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    write(project, dependencies={"a": "^1.0.0"})
    await Npm().resolve(npm_context(project, store))
    asked = len(registry.requests)
    again = await Npm().resolve(npm_context(project, store))
    assert (len(registry.requests), again.commands) == (asked, ())
    offline = await Npm().resolve(npm_context(project, store, offline=True))
    assert versions(offline) == versions(again)
    registry.add("a", "1.1.0")
    fresh = await Npm().resolve(npm_context(project, store, refresh=True))
    assert versions(fresh) == {"node_modules/a": "1.1.0"}
    write(project, dependencies={"a": "1.0.0"})
    exact = await Npm().resolve(npm_context(project, store))
    assert versions(exact) == {"node_modules/a": "1.0.0"}


@needs_npm
async def test_the_targets_node_and_architecture_decide_not_the_hosts(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0", engines={"node": ">=10"})
    registry.add("a", "1.1.0", engines={"node": ">=98"})
    registry.add("only", "1.0.0", cpu=["arm64"])
    write(project, dependencies={"a": "^1.0.0"})
    assert versions(await Npm().resolve(npm_context(project, store, node="14.21.3"))) == {
        "node_modules/a": "1.0.0"
    }
    assert versions(await Npm().resolve(npm_context(project, store, node="99.0.0"))) == {
        "node_modules/a": "1.1.0"
    }
    write(project, dependencies={"only": "1"})
    found = await Npm().resolve(npm_context(project, store, arch="aarch64"))
    assert versions(found) == {"node_modules/only": "1.0.0"}
    with pytest.raises(ResolutionError, match="only"):
        await Npm().resolve(npm_context(project, store, arch="x86_64"))


async def test_a_lock_that_answers_needs_neither_npm_nor_registry(
    registry: Registry, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.add("a", "1.0.0")
    write(project, dependencies={"a": "^1.0.0"})
    write_lock(project, locked(registry, a={}))
    monkeypatch.setenv("PATH", str(project))
    no_npm_beside(monkeypatch)
    context = npm_context(project, store)
    resolution = await Npm().resolve(context)
    assert (registry.requests, resolution.commands) == ([], ())
    listing = await Npm().contents(context, resolution)
    assert [path for path, _ in registry.requests] == ["/a/-/a-1.0.0.tgz"]
    assert set(listing.contents) == {"node_modules/a"}
    await Npm().contents(context, resolution)
    assert len(registry.requests) == 1


async def test_a_lock_without_places_takes_them_from_the_registry_setting(
    registry: Registry, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.add("a", "1.0.0")
    write(project, dependencies={"a": "^1.0.0"})
    entries = locked(registry, a={})
    del entries["node_modules/a"]["resolved"]
    write_lock(project, entries)
    monkeypatch.setenv("PATH", str(project))
    no_npm_beside(monkeypatch)
    context = npm_context(project, store)
    listing = await Npm().contents(context, await Npm().resolve(context))
    assert set(listing.contents) == {"node_modules/a"}
    (project / ".npmrc").write_text("")
    with pytest.raises(MissingToolError, match="does not say where"):
        await Npm().resolve(npm_context(project, store))


@needs_npm
async def test_a_lock_that_is_out_of_date_is_corrected_in_a_copy(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    registry.add("a", "1.1.0")
    registry.add("b", "1.0.0")
    write(project, dependencies={"a": "^1.0.0"})
    write_lock(project, locked(registry, a={}))
    write(project, dependencies={"a": "^1.0.0", "b": "1"})
    before = snapshot(project)
    resolution = await Npm().resolve(npm_context(project, store))
    assert versions(resolution) == {"node_modules/a": "1.0.0", "node_modules/b": "1.0.0"}
    assert snapshot(project) == before


@needs_npm
async def test_workspaces_and_local_tarballs(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    (project / "packages" / "w").mkdir(parents=True)
    write(project / "packages" / "w", name="w", dependencies={"a": "1"}, bin={"w": "w.js"})
    manifest = (project / "packages" / "w" / "package.json").read_text()
    (project / "packages" / "w" / "package.json").write_text(manifest.replace('"name": "p", ', ""))
    (project / "packages" / "w" / "w.js").write_text("1\n")
    local = make_tarball({"package.json": '{"name": "l", "version": "3.0.0"}', "l.js": "1"})
    (project / "l.tgz").write_bytes(local)
    write(project, workspaces=["packages/*"], dependencies={"l": "file:l.tgz"})
    context = npm_context(project, store)
    resolution = await Npm().resolve(context)
    assert versions(resolution) == {
        "node_modules/a": "1.0.0",
        "node_modules/l": "3.0.0",
        "node_modules/w": "1.0.0",
    }
    assert resolution.packages["node_modules/w"].requires == ("node_modules/a",)
    listing = await Npm().contents(context, resolution)
    laid = Npm().layout(context, resolution, listing, "target")
    sources = {f.path: f.source for f in laid.files}
    assert sources["node_modules/w"] == Link("../packages/w")
    assert sources["node_modules/.bin/w"] == Link("../w/w.js")
    assert "node_modules/l/l.js" in sources
    assert laid.findings == ()
    assert listing.unknown == {}
    (project / "l.tgz").write_bytes(make_tarball({"package.json": "{}"}))
    with pytest.raises(TaskError, match=r"l\.tgz"):
        await Npm().contents(context, resolution)


@needs_npm
async def test_directories_beside_the_project_are_copied_with_all_they_require(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    registry.add("d", "1.0.0")
    shared, core = (project.parent / "libs" / name for name in ("shared", "core"))
    for place in (shared, core):
        place.mkdir(parents=True)
        (place / "index.js").write_text("1\n")
    (shared / "node_modules").mkdir()
    (shared / "node_modules" / "left.js").write_text("")
    needs = {"core": "file:../core", "a": "1"}
    write(shared, name="shared", version="2.0.0", dependencies=needs, devDependencies={"d": "1"})
    write(core, name="core")
    write(project, dependencies={"shared": "file:../libs/shared"})
    link = {"resolved": "../libs/shared", "link": True}
    write_lock(project, {"../libs/shared": {"version": "2.0.0"}, "node_modules/shared": link})
    context = npm_context(project, store)
    resolution = await Npm().resolve(context)
    assert versions(resolution) == {
        "node_modules/a": "1.0.0",
        "node_modules/core": "1.0.0",
        "node_modules/shared": "2.0.0",
    }
    assert "--install-links" in resolution.commands[0]
    listing = await Npm().fetch(context, resolution)
    laid = Npm().layout(context, resolution, listing, "target")
    places = {file.path for file in laid.files if file.owner != "node_modules/a"}
    assert places == {
        f"node_modules/{name}/{file}"
        for name in ("core", "shared")
        for file in ("index.js", "package.json")
    }
    assert laid.findings == ()
    (core / "new.js").write_text("1\n")
    listing = await Npm().contents(context, resolution)
    assert "new.js" in {e.path for e in listing.contents["node_modules/core"].entries}


async def test_tokens_go_with_downloads_and_nowhere_else(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    registry.token = "s3cret"
    write(project, dependencies={"a": "1"})
    write_lock(project, locked(registry, a={}))
    host = registry.url.removeprefix("http:")
    with (project / ".npmrc").open("a") as file:
        file.write(f"{host}:_authToken=s3cret\n")
    recorder = Recorder()
    context = npm_context(project, store, reporter=recorder)
    resolution = await Npm().resolve(context)
    await Npm().fetch(context, resolution)
    assert registry.requests == [("/a/-/a-1.0.0.tgz", "Bearer s3cret")]
    assert "s3cret" not in repr(recorder.events)
    assert "s3cret" not in repr(resolution)
    answers = [path for path in store.root.rglob("*") if path.is_file()]
    assert not any(b"s3cret" in path.read_bytes() for path in answers)


@needs_npm
@pytest.mark.parametrize(
    ("dependencies", "kind", "said"),
    [
        ({"not-there": "1"}, ResolutionError, "not-there"),
        ({"a": "^9"}, ResolutionError, "a@^9"),
        ({"a": "1", "plugin": "1"}, ResolutionError, "contradict"),
        ({"a": "nonsense://x"}, UsageError, "nonsense"),
    ],
)
async def test_what_npm_cannot_resolve_is_a_sentence_with_a_hint(
    registry: Registry,
    project: Path,
    store: Store,
    dependencies: dict[str, str],
    kind: type[FctuiError],
    said: str,
) -> None:
    registry.add("a", "1.0.0")
    registry.add("a", "2.0.0")
    registry.add("plugin", "1.0.0", peerDependencies={"a": "^2"})
    write(project, dependencies=dependencies)
    with pytest.raises(kind) as caught:
        await Npm().resolve(npm_context(project, store))
    assert said in caught.value.message
    assert caught.value.hint
    assert "\x1b" not in caught.value.message
    assert list((store.root / "tmp").glob("*/*")) == []


@needs_npm
async def test_cancelled_it_leaves_nothing_behind(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    registry.delay = 5
    write(project, dependencies={"a": "1"})
    before = snapshot(project)
    recorder = Recorder()
    work = asyncio.ensure_future(Npm().resolve(npm_context(project, store, reporter=recorder)))
    while not registry.requests:  # noqa: ASYNC110 - told by another thread
        await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    finished = [event for event in recorder.events if isinstance(event, TaskFinished)]
    assert [event.state for event in finished] == [State.CANCELLED]
    assert list((store.root / "tmp").glob("*/*")) == []
    assert snapshot(project) == before


@needs_npm
async def test_an_unreachable_registry_is_told(project: Path, store: Store) -> None:
    (project / ".npmrc").write_text("registry=http://127.0.0.1:9/\nfetch-retries=0\n")
    write(project, dependencies={"a": "1"})
    with pytest.raises(TaskError, match="cannot be reached"):
        await Npm().resolve(npm_context(project, store))


async def test_without_npm_a_project_without_a_lock_says_what_to_do(
    project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(project, dependencies={"a": "1"})
    monkeypatch.setenv("PATH", str(project))
    no_npm_beside(monkeypatch)
    with pytest.raises(MissingToolError) as caught:
        await Npm().resolve(npm_context(project, store))
    assert "lock" in caught.value.hint


async def test_what_only_development_requires_needs_no_npm(
    registry: Registry, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project))
    no_npm_beside(monkeypatch)
    for manifest in ({}, {"devDependencies": {"a": "1"}}):
        write(project, **manifest)
        context = npm_context(project, store)
        resolution = await Npm().resolve(context)
        assert resolution.packages == {}
        listing = await Npm().fetch(context, resolution)
        assert Npm().layout(context, resolution, listing, "target").files == ()
    assert registry.requests == []


async def test_a_tarball_with_the_wrong_hash_is_refused(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    registry.add("weak", "1.0.0")
    write(project, dependencies={"a": "1", "weak": "1"})
    other = make_tarball({"package.json": "{}"})
    strong = locked(registry, a={"integrity": integrity_of(other)})
    write_lock(project, {**strong, **locked(registry, weak={})})
    context = npm_context(project, store)
    with pytest.raises(TaskError, match="sha512"):
        await Npm().contents(context, await Npm().resolve(context))
    sha1 = locked(registry, weak={"integrity": integrity_of(other, "sha1")})
    write_lock(project, {**locked(registry, a={}), **sha1})
    with pytest.raises(TaskError, match="sha1"):
        await Npm().contents(context, await Npm().resolve(context))


async def test_a_sha1_lock_is_checked_and_downloaded_once(
    registry: Registry, project: Path, store: Store
) -> None:
    tarball = registry.add("a", "1.0.0")
    write(project, dependencies={"a": "1"})
    write_lock(project, locked(registry, a={"integrity": integrity_of(tarball, "sha1")}))
    context = npm_context(project, store)
    resolution = await Npm().resolve(context)
    first = await Npm().contents(context, resolution)
    second = await Npm().fetch(context, resolution)
    assert first == second
    seen = (await Npm().resolve(context)).packages["node_modules/a"]
    assert seen.artifact is not None
    assert seen.artifact.size == len(tarball)
    assert seen.installed_size == first.contents["node_modules/a"].size
    assert len(registry.requests) == 1


async def test_offline_without_the_tarballs_says_so(
    registry: Registry, project: Path, store: Store
) -> None:
    registry.add("a", "1.0.0")
    write(project, dependencies={"a": "1"})
    write_lock(project, locked(registry, a={}))
    context = npm_context(project, store, offline=True)
    with pytest.raises(TaskError, match=r"not in the store, first a 1\.0\.0"):
        await Npm().contents(context, await Npm().resolve(context))
    assert registry.requests == []


async def test_names_from_outside_cannot_speak_to_the_terminal(
    registry: Registry, project: Path, store: Store
) -> None:
    write(project, dependencies={"a": "1"})
    entry = {"name": "a\x1b[31m[/b]", "version": "1\r0", "resolved": f"{registry.url}x\x1b]0;t\x07"}
    write_lock(project, {"node_modules/a": entry})
    resolution = await Npm().resolve(npm_context(project, store))
    package = resolution.packages["node_modules/a"]
    assert (package.name, package.version) == ("a[/b]", "10")
    assert package.artifact is not None
    assert package.artifact.filename.isprintable()


@needs_npm
@pytest.mark.skipif(not available(), reason="bubblewrap does not work here")
async def test_install_scripts_run_only_when_allowed_and_confined(
    registry: Registry, project: Path, store: Store, tmp_path: Path
) -> None:
    mark = tmp_path / "home" / "mark"
    script = f"node -e \"require('fs').writeFileSync('built.txt', require('dep'))\"; touch {mark}"
    registry.add("dep", "1.0.0", {"index.js": "module.exports = 'made'"})
    registry.add("n", "1.0.0", dependencies={"dep": "1"}, scripts={"install": f"{script} || true"})
    write(project, dependencies={"n": "1"})
    plain = npm_context(project, store)
    resolution = await Npm().resolve(plain)
    listing = await Npm().fetch(plain, resolution)
    (finding,) = Npm().layout(plain, resolution, listing, "target").findings
    assert (finding.subject, finding.breaks) == ("node_modules/n", False)
    assert not any(e.path == "built.txt" for e in listing.contents["node_modules/n"].entries)

    settings = Settings(npm=NpmSettings(allow_scripts=("n",)))
    recorder = Recorder()
    allowed = npm_context(project, store, settings=settings, reporter=recorder)
    resolution = await Npm().resolve(allowed)
    assert resolution.packages["node_modules/n"].needs_build
    before = await Npm().contents(allowed, resolution)
    assert set(before.unknown) == {"node_modules/n"}
    listing = await Npm().fetch(allowed, resolution)
    assert listing.unknown == {}
    entries = {e.path: e.size for e in listing.contents["node_modules/n"].entries}
    assert entries["built.txt"] == len("made")
    assert await Npm().contents(allowed, resolution) == listing
    assert Npm().layout(allowed, resolution, listing, "target").findings == ()
    assert not mark.exists()
    assert store.intact(resolution.packages["node_modules/n"].artifact.digest)  # type: ignore[union-attr]
    logged = [line for e in recorder.events if isinstance(e, LogLines) for line in e.lines]
    assert any("node -e" in line for line in logged)


@needs_npm
async def test_scripts_for_another_architecture_need_an_emulator(
    registry: Registry, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooted, "_is_emulated", lambda _: False)
    registry.add("n", "1.0.0", scripts={"install": "exit 1"})
    write(project, dependencies={"n": "1"})
    settings = Settings(npm=NpmSettings(allow_scripts=("n",)))
    other = "aarch64" if "x86" in platform.machine() else "x86_64"
    context = npm_context(project, store, settings=settings, arch=other)
    listing = await Npm().fetch(context, await Npm().resolve(context))
    assert other in listing.unknown["node_modules/n"]


@needs_npm
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
async def test_git_dependencies_are_packed_without_their_scripts(
    registry: Registry, project: Path, store: Store, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    mark = tmp_path / "ran"
    scripts = dict.fromkeys(("prepare", "prepack", "postinstall"), f"touch made '{mark}'")
    manifest = {"name": "g", "version": "1.2.3", "scripts": scripts}
    (repository / "package.json").write_text(json.dumps(manifest))
    (repository / "g.js").write_text("1\n")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-C", str(repository)]
    for argv in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *argv], check=True, capture_output=True)  # noqa: ASYNC221 - a test
    write(project, dependencies={"g": f"git+file://{repository}"})
    context = npm_context(project, store)
    resolution = await Npm().resolve(context)
    assert versions(resolution) == {"node_modules/g": "1.2.3"}
    listing = await Npm().contents(context, resolution)
    paths = {entry.path for entry in listing.contents["node_modules/g"].entries}
    assert paths == {"package.json", "g.js"}
    assert not mark.exists()
    shutil.rmtree(repository)
    assert await Npm().fetch(context, resolution) == listing
