"""The C libraries that npm 10 leaves out of its lock are asked of the registry."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.npm import program
from fctui.managers.npm.ask import view_command
from fctui.managers.npm.libc import with_libc
from fctui.managers.npm.manager import Npm
from fctui.managers.npm.tree import Runtime
from fctui.store.store import Store
from tests.support.npm_project import npm_context
from tests.support.registry import Registry, serving

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")

VARIANTS: dict[str, dict[str, Any]] = {
    "p-linux-x64": {"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]},
    "p-linuxmusl-x64": {"os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
    "p-linux-arm64": {"os": ["linux"], "cpu": ["arm64"], "libc": ["glibc"]},
    "p-static-x64": {"os": ["linux"], "cpu": ["x64"]},
}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "none"))
    with serving() as registry:
        for name, platform in VARIANTS.items():
            registry.add(name, "1.0.0", **platform)
        registry.add("p", "1.0.0", optionalDependencies=dict.fromkeys(VARIANTS, "1.0.0"))
        yield registry


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".npmrc").write_text(f"registry={registry.url}\nfetch-retries=0\n")
    manifest = {"name": "project", "version": "1.0.0", "dependencies": {"p": "1"}}
    (root / "package.json").write_text(json.dumps(manifest))
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.workspace.close()


def lock(registry: Registry, *keys: str) -> bytes:
    """A lock of all variants with these of their platform lists."""
    places: dict[str, Any] = {"": {"name": "project"}}
    for name, platform in VARIANTS.items():
        told = {key: value for key, value in platform.items() if key in keys}
        url = f"{registry.url}{name}/-/{name}-1.0.0.tgz"
        places[f"node_modules/{name}"] = {
            "version": "1.0.0",
            "resolved": url,
            "optional": True,
            **told,
        }
    return json.dumps({"lockfileVersion": 3, "packages": places}).encode()


async def filled(project: Path, store: Store, raw: bytes) -> bytes:
    context = npm_context(project, store)
    async with context.tasks.open("npm", "resolve") as task:
        return await with_libc(raw, Runtime("x64", "20.11.1"), view_command(project), task)


async def test_what_the_lock_leaves_out_is_filled_in(
    registry: Registry, project: Path, store: Store
) -> None:
    raw = await filled(project, store, lock(registry, "os", "cpu"))
    said = {place: entry.get("libc") for place, entry in json.loads(raw)["packages"].items()}
    assert said == {
        "": None,
        "node_modules/p-linux-x64": ["glibc"],
        "node_modules/p-linuxmusl-x64": ["musl"],
        "node_modules/p-linux-arm64": None,
        "node_modules/p-static-x64": None,
    }
    assert not any("arm64" in path for path, _ in registry.requests)


@pytest.mark.parametrize("keys", [("os", "cpu", "libc"), ("os",), ()])
async def test_nobody_is_asked_where_there_is_nothing_to_ask(
    registry: Registry, project: Path, store: Store, keys: tuple[str, ...]
) -> None:
    raw = lock(registry, *keys)
    assert json.loads(await filled(project, store, raw)) == json.loads(raw)
    assert registry.requests == []


async def test_a_registry_that_does_not_know_leaves_the_lock_as_it_is(
    registry: Registry, project: Path, store: Store
) -> None:
    raw = lock(registry, "os", "cpu")
    registry.packages.clear()
    assert json.loads(await filled(project, store, raw)) == json.loads(raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"packages": []}', b'{"packages": {"a": 1}}'])
async def test_a_lock_that_is_none_is_passed_on(project: Path, store: Store, raw: bytes) -> None:
    assert await filled(project, store, raw) == raw


async def test_no_variant_for_another_libc_is_taken_whatever_npm_this_is(
    registry: Registry, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "LOCKS_LIBC", (999, 0))
    resolution = await Npm().resolve(npm_context(project, store))
    names = {package.name for package in resolution.packages.values()}
    assert names == {"p", "p-linux-x64", "p-static-x64"}
