"""What fctui plans for npm is what npm itself installs: the tree, and every file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.npm.manager import Npm
from fctui.model.package import Resolution
from fctui.store.store import Store, default_store
from tests.support.npm_project import installed_files, npm_context, planned_files

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the oracle"),
]

PROJECTS: dict[str, dict[str, Any]] = {
    "thumbnail": {
        "dependencies": {"express": "^4.19.2", "sharp": "^0.33.4"},
        "devDependencies": {"jest": "^29.7.0"},
    },
    "bundler": {
        "dependencies": {"webpack": "^5.91.0", "webpack-cli": "^5.1.4", "terser": "^5.0.0"},
        "devDependencies": {"typescript": "^5.4.0", "ts-loader": "^9.5.0"},
    },
    "platforms": {
        "dependencies": {"esbuild": "^0.21.5", "@swc/core": "^1.5.7", "rollup": "^4.18.0"},
        "optionalDependencies": {"fsevents": "^2.3.3", "bufferutil": "^4.0.8"},
    },
    "native": {"dependencies": {"sqlite3": "^5.1.7", "bcrypt": "^5.1.1", "ws": "^8.17.0"}},
    "peers": {
        "dependencies": {
            "react-dom": "^18.3.0",
            "@apollo/client": "^3.10.0",
            "ts-node": "^10.9.2",
        },
        "devDependencies": {"react": "^18.3.0", "typescript": "^5.4.0"},
    },
    "bundled": {"dependencies": {"npm": "^10.8.0", "node-gyp": "^10.1.0"}},
    "aliases": {
        "dependencies": {
            "lodash4": "npm:lodash@^4.17.21",
            "chalk": "^4.1.2",
            "string-width-cjs": "npm:string-width@^4.2.0",
            "@isaacs/cliui": "^8.0.2",
        }
    },
}


@pytest.fixture
def store() -> Store:
    return default_store()


def npm(directory: Path, *argv: str) -> str:
    done = subprocess.run(
        ["npm", *argv], cwd=directory, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0 or done.stdout, done.stderr
    return done.stdout


def node_version() -> str:
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return done.stdout.strip().removeprefix("v")


def install(directory: Path, *flags: str) -> None:
    """`npm ci`; where a mirror lacks the packages of other platforms, npm refuses the lock that it
    has just made, and `npm install` lays out the same.
    """
    done = subprocess.run(["npm", "ci", *flags], cwd=directory, capture_output=True, check=False)
    if done.returncode:
        npm(directory, "install", *flags)


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
@pytest.mark.parametrize("name", PROJECTS)
async def test_plan_is_what_npm_installs(
    name: str, arch: str, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text(
        json.dumps({"name": name, "version": "1.0.0", **PROJECTS[name]})
    )
    context = npm_context(tmp_path, store, arch=arch, node=node_version())
    manager = Npm()

    unlocked = await manager.resolve(context)
    assert not (tmp_path / "package-lock.json").exists()
    npm(tmp_path, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
    locked = await manager.resolve(context)
    assert locked.commands == ()
    assert set(unlocked.packages) <= set(locked.packages)
    # npm before 11.11 leaves `libc` out of its lock, and then installs what is for another one.
    other_libc = set(locked.packages) - set(unlocked.packages)
    assert not (other_libc and '"libc"' in (tmp_path / "package-lock.json").read_text())

    cpu = context.target.node_arch
    platform = ["--os=linux", f"--cpu={cpu}", "--libc=glibc"]
    install(tmp_path, "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", *platform)
    for place in other_libc:
        assert json.loads((tmp_path / place / "package.json").read_text())["libc"] == ["musl"]
    listing = await manager.contents(context, locked)
    assert listing.unknown == {}
    planned = manager.layout(context, locked, listing, "target").files

    same_tree(tmp_path, locked)
    assert planned_files(planned) == installed_files(tmp_path)


def same_tree(directory: Path, resolution: Resolution) -> None:
    """Hold the resolution against `npm ls`: the places with their versions, and who needs whom."""
    out = npm(directory, "ls", "--all", "--long", "--json", "--omit=dev")
    theirs: dict[str, str] = {}
    needs: dict[str, set[str]] = {}

    def walk(node: dict[str, Any], place: str) -> None:
        for name, child in node.get("dependencies", {}).items():
            path = child.get("path")
            if path is None:
                continue
            where = os.path.relpath(path, directory)
            theirs[where] = child.get("version", "")
            needs.setdefault(place, set()).add(where)
            assert name
            walk(child, where)

    walk(json.loads(out), "")
    ours = {id_: package.version for id_, package in resolution.packages.items()}
    assert ours == theirs
    assert {root.id for root in resolution.roots} == needs.get("", set())
    for place, wanted in needs.items():
        if place:
            assert wanted <= set(resolution.packages[place].requires), place
