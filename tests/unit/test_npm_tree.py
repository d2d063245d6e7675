"""Which packages of a lock a target gets, and what requires what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.lock import in_sync, lookup, parse_lock
from fctui.managers.npm.manifest import Manifest, read_manifest, workspace_manifests
from fctui.managers.npm.packages import findings_of, packages_of, roots_of
from fctui.managers.npm.tree import Runtime, choose
from fctui.model.errors import UsageError

X64 = Runtime(cpu="x64", node="20.11.1")


def lock_of(packages: dict[str, Any], version: int = 3) -> bytes:
    return json.dumps({"lockfileVersion": version, "packages": packages}).encode()


def kept(packages: dict[str, Any], runtime: Runtime = X64, **choice: Any) -> set[str]:
    lock = parse_lock(lock_of(packages), "lock")
    places = choose(lock, runtime, **choice).places
    return {place.removeprefix("node_modules/") for place in places}


def test_a_package_is_found_as_node_finds_it() -> None:
    packages = dict.fromkeys(
        [
            "",
            "node_modules/a",
            "node_modules/@s/b",
            "node_modules/a/node_modules/c",
            "node_modules/c",
            "packages/w",
            "packages/w/node_modules/c",
            "../out",
            "../out/node_modules/c",
        ]
    )
    assert lookup(packages, "node_modules/a", "c") == "node_modules/a/node_modules/c"
    assert lookup(packages, "node_modules/@s/b", "c") == "node_modules/c"
    assert lookup(packages, "node_modules/a/node_modules/c", "@s/b") == "node_modules/@s/b"
    assert lookup(packages, "packages/w", "c") == "packages/w/node_modules/c"
    assert lookup(packages, "packages/w", "a") == "node_modules/a"
    assert lookup(packages, "../out", "c") == "../out/node_modules/c"
    assert lookup(packages, "../out", "a") is None
    assert lookup(packages, "", "missing") is None


def test_dev_dependencies_stay_out_and_shared_ones_in() -> None:
    packages = {
        "": {"dependencies": {"a": "1"}, "devDependencies": {"d": "1"}},
        "node_modules/a": {"dependencies": {"shared": "1"}},
        "node_modules/d": {"dependencies": {"shared": "1", "only-dev": "1"}},
        "node_modules/shared": {},
        "node_modules/only-dev": {},
        "node_modules/extraneous": {},
    }
    assert kept(packages) == {"a", "shared"}


def test_optional_package_for_another_platform_takes_along_what_only_it_brings() -> None:
    packages = {
        "": {"dependencies": {"a": "1"}},
        "node_modules/a": {
            "dependencies": {"common": "1"},
            "optionalDependencies": {"mac": "1", "arm": "1", "musl": "1", "linux": "1"},
        },
        "node_modules/mac": {"os": ["darwin"], "dependencies": {"helper": "1", "common": "1"}},
        "node_modules/helper": {},
        "node_modules/common": {},
        "node_modules/arm": {"os": ["linux"], "cpu": ["arm64"]},
        "node_modules/musl": {"os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
        "node_modules/linux": {"os": ["linux", "!win32"], "cpu": "x64", "libc": ["glibc"]},
    }
    assert kept(packages) == {"a", "common", "linux"}
    assert kept(packages, Runtime(cpu="arm64")) == {"a", "common", "arm"}


def test_optional_branch_goes_as_a_whole_when_something_deep_in_it_cannot_run() -> None:
    packages = {
        "": {"optionalDependencies": {"top": "1"}},
        "node_modules/top": {"dependencies": {"middle": "1", "other": "1"}},
        "node_modules/middle": {"dependencies": {"leaf": "1"}},
        "node_modules/other": {},
        "node_modules/leaf": {"os": ["!linux"]},
    }
    assert kept(packages) == set()


def test_optional_package_for_another_node_stays_out() -> None:
    packages = {
        "": {"optionalDependencies": {"new": "1"}, "dependencies": {"firm": "1"}},
        "node_modules/new": {"engines": {"node": ">=22"}},
        "node_modules/firm": {"engines": {"node": ">=22"}},
    }
    assert kept(packages) == {"firm"}
    assert kept(packages, Runtime(cpu="x64", node="22.1.0")) == {"firm", "new"}
    assert kept(packages, Runtime(cpu="x64")) == {"firm", "new"}


def test_optional_in_one_place_and_required_in_another_is_required() -> None:
    packages: dict[str, Any] = {
        "": {"optionalDependencies": {"x": "1"}, "dependencies": {"a": "1"}},
        "node_modules/a": {"dependencies": {"x": "1"}},
        "node_modules/x": {"os": ["darwin"]},
    }
    lock = parse_lock(lock_of(packages), "lock")
    tree = choose(lock, X64)
    assert "node_modules/x" in tree.places
    manifest = Manifest(Path("package.json"), packages[""])
    found = list(findings_of(lock, tree, X64, manifest))
    assert [(f.kind, f.subject, f.breaks) for f in found] == [
        ("wrong-platform", "node_modules/x", True)
    ]
    assert found[0].needed_by == ("node_modules/a",)


def test_peers_are_installed_and_optional_peers_only_when_somebody_else_wants_them() -> None:
    packages = {
        "": {"dependencies": {"plugin": "1"}, "devDependencies": {"maybe-dev": "1"}},
        "node_modules/plugin": {
            "peerDependencies": {"host": "1", "maybe": "1", "maybe-dev": "1"},
            "peerDependenciesMeta": {"maybe": {"optional": True}, "maybe-dev": {"optional": True}},
        },
        "node_modules/host": {},
        "node_modules/maybe": {},
        "node_modules/maybe-dev": {},
    }
    # As in Arborist, an optional peer that development installs is no dev dependency any more.
    assert kept(packages) == {"plugin", "host", "maybe-dev"}
    assert kept(packages, peers=False) == {"plugin"}
    assert kept(packages, omits=frozenset({"peer"})) == {"plugin", "maybe-dev"}


def test_production_and_development_at_once_is_left_out_as_npm_does_and_said() -> None:
    packages: dict[str, Any] = {
        "": {"dependencies": {"a": "1"}, "devDependencies": {"a": "1"}},
        "node_modules/a": {"version": "1.0.0"},
    }
    lock = parse_lock(lock_of(packages), "lock")
    tree = choose(lock, X64)
    assert tree.places == ()
    manifest = Manifest(Path("package.json"), packages[""])
    (finding,) = findings_of(lock, tree, X64, manifest)
    assert finding.breaks
    assert "devDependencies" in finding.message


def test_workspaces_are_links_that_have_their_targets_requirements() -> None:
    packages = {
        "": {"name": "root", "workspaces": ["packages/*"], "dependencies": {"a": "1"}},
        "node_modules/a": {
            "version": "1.0.0",
            "integrity": "",
            "resolved": "https://r.invalid/a.tgz",
        },
        "node_modules/w": {"link": True, "resolved": "packages/w"},
        "packages/w": {
            "version": "2.0.0",
            "dependencies": {"a": "2", "b": "1"},
            "devDependencies": {"t": "1"},
        },
        "packages/w/node_modules/a": {"version": "2.0.0"},
        "node_modules/b": {"version": "1.0.0"},
        "node_modules/t": {"version": "1.0.0"},
    }
    lock = parse_lock(lock_of(packages), "lock")
    tree = choose(lock, X64)
    found = packages_of(lock, tree, NpmConfig(), frozenset())
    assert set(found) == {
        "node_modules/a",
        "node_modules/w",
        "packages/w/node_modules/a",
        "node_modules/b",
    }
    assert found["node_modules/w"].version == "2.0.0"
    assert set(found["node_modules/w"].requires) == {"packages/w/node_modules/a", "node_modules/b"}


def test_alias_bundled_and_weak_hash(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        '{\n "dependencies": {\n  "old": "1",\n  "al": "npm:real@^1"\n }\n}'
    )
    manifest = read_manifest(tmp_path / "package.json")
    packages = {
        "": manifest.data,
        "node_modules/old": {
            "version": "1.0.0",
            "resolved": "https://r.example.invalid/old/-/old-1.0.0.tgz#junk",
            "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
        },
        "node_modules/al": {
            "name": "real",
            "version": "1.2.0",
            "resolved": "https://r.example.invalid/real/-/real-1.2.0.tgz",
            "hasInstallScript": True,
            "dependencies": {"in": "1"},
        },
        "node_modules/al/node_modules/in": {"version": "1.0.0", "inBundle": True},
    }
    lock = parse_lock(lock_of(packages), "lock")
    tree = choose(lock, X64)
    found = packages_of(lock, tree, NpmConfig(), frozenset({"real"}))
    old, alias = found["node_modules/old"], found["node_modules/al"]
    assert old.artifact is not None
    assert old.artifact.digest == ""
    assert old.artifact.url == (
        "https://r.example.invalid/old/-/old-1.0.0.tgz"
        "#sha1-da39a3ee5e6b4b0d3255bfef95601890afd80709"
    )
    assert old.artifact.filename == "old-1.0.0.tgz"
    assert (alias.name, alias.version, alias.needs_build) == ("real", "1.2.0", True)
    inner = found["node_modules/al/node_modules/in"]
    assert inner.artifact is None
    assert alias.requires == (inner.id,)
    roots = roots_of(tree, manifest, "package.json")
    assert [(r.id, r.requirement, r.line) for r in roots] == [
        ("node_modules/old", "old@1", 3),
        ("node_modules/al", "al@npm:real@^1", 4),
    ]


def project(tmp_path: Path, data: dict[str, Any]) -> Manifest:
    (tmp_path / "package.json").write_text(json.dumps(data))
    return read_manifest(tmp_path / "package.json")


def test_a_lock_answers_only_for_the_same_requirements(tmp_path: Path) -> None:
    packages: dict[str, Any] = {
        "": {"dependencies": {"a": "^1"}},
        "node_modules/a": {"dependencies": {"b": "1"}},
        "node_modules/b": {},
    }
    same = project(tmp_path, {"dependencies": {"a": "^1"}})
    assert in_sync(parse_lock(lock_of(packages), "lock"), same, ())
    assert in_sync(parse_lock(lock_of(packages, 2), "lock"), same, ())
    assert not in_sync(parse_lock(lock_of(packages, 1), "lock"), same, ())
    other = project(tmp_path, {"dependencies": {"a": "^2"}})
    assert not in_sync(parse_lock(lock_of(packages), "lock"), other, ())
    moved = project(tmp_path, {"devDependencies": {"a": "^1"}})
    assert not in_sync(parse_lock(lock_of(packages), "lock"), moved, ())
    packages["node_modules/b"] = {"version": "1.5.0"}
    for wanted, answer in (("^1.4", True), ("^1.6", False), ("$a", False), ({".": "1.5.0"}, False)):
        data = {"dependencies": {"a": "^1"}, "overrides": {"b": wanted}}
        forced = project(tmp_path, data)
        assert in_sync(parse_lock(lock_of(packages), "lock"), forced, ()) is answer
    del packages["node_modules/b"]
    assert not in_sync(parse_lock(lock_of(packages), "lock"), same, ())


def test_a_lock_answers_for_workspaces_too(tmp_path: Path) -> None:
    root = project(tmp_path, {"workspaces": ["packages/*", "!packages/no"]})
    for name in ("w", "no"):
        (tmp_path / "packages" / name).mkdir(parents=True)
        text = json.dumps({"name": name, "dependencies": {"a": "1"}})
        (tmp_path / "packages" / name / "package.json").write_text(text)
    packages: dict[str, Any] = {
        "": {"workspaces": ["packages/*"]},
        "node_modules/w": {"link": True, "resolved": "packages/w"},
        "packages/w": {"dependencies": {"a": "1"}},
        "node_modules/a": {},
    }
    workspaces = tuple(workspace_manifests(root))
    assert [m.data["name"] for m in workspaces] == ["w"]
    assert in_sync(parse_lock(lock_of(packages), "lock"), root, workspaces)
    packages["packages/w"]["dependencies"] = {}
    assert not in_sync(parse_lock(lock_of(packages), "lock"), root, workspaces)


@pytest.mark.parametrize(
    "place", ["/etc", "node_modules/../../x", "a/../../b", "node_modules/./a", "../a/../../b"]
)
def test_a_lock_cannot_name_places_outside(place: str) -> None:
    with pytest.raises(UsageError, match="no package can have"):
        parse_lock(lock_of({"": {}, place: {}}), "package-lock.json")


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"packages": []}', b"<<<<<<< HEAD\n{}", b"\xff"])
def test_a_damaged_lock_is_named(raw: bytes) -> None:
    with pytest.raises(UsageError, match=r"package-lock\.json is damaged"):
        parse_lock(raw, "package-lock.json")


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b'{\n  "dependencies": {\n    "a": "1",\n  }\n}', ":4:3:"),
        (b'{"a" "b"}', ":1:6:"),
        (b'{\n"a": "\xff"}', ":2:7:"),
        (b"[]", ":1:1:"),
        (b'{\n\n"dependencies": ["a"]}', ":3:"),
    ],
)
def test_a_malformed_manifest_is_named_with_its_place(
    tmp_path: Path, raw: bytes, where: str
) -> None:
    path = tmp_path / "package.json"
    path.write_bytes(raw)
    with pytest.raises(UsageError) as caught:
        read_manifest(path)
    assert f"package.json{where}" in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2
