"""The plan for awkward packages is what `npm ci` leaves on disk, to the file."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.npm.manager import Npm
from fctui.store.materialize import materialize
from fctui.store.store import Store
from tests.support.npm_project import installed_files, npm_context, planned_files
from tests.support.registry import Registry, serving

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the oracle")

PROGRAM = "#!/usr/bin/env node\n1\n"


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    with serving() as registry:
        yield registry


def publish(registry: Registry) -> None:
    """Packages with all that pacote and bin-links have a rule for."""
    registry.add("ignores", "1.0.0", {".gitignore": "a", "x/.gitignore": "b", "x/.npmignore": "c"})
    windows = PROGRAM.replace("\n", "\r\n")
    registry.add("windows", "1.0.0", {"cli.js": windows}, bin={"win": "./cli.js"})
    directories = {"bin": "./tools"}
    tools = {"tools/one": PROGRAM, "tools/two.js": PROGRAM}
    # Publishing writes `bin` into the registry's metadata, the tarball keeps `directories`.
    registry.add("folder", "1.0.0", tools, directories=directories)
    registry.packages["folder"]["versions"]["1.0.0"]["bin"] = {
        "one": "tools/one",
        "two.js": "tools/two.js",
    }
    registry.add("@s/tool", "1.0.0", {"t.js": PROGRAM}, bin="t.js")
    registry.add("tool", "1.0.0", {"t.js": PROGRAM, "g.js": "1"}, bin={"tool": "t.js", "no": "no"})
    registry.add("deep", "1.0.0", {"d.js": PROGRAM}, bin={"deep": "d.js"})
    registry.add("deep", "2.0.0", {"d2.js": PROGRAM}, bin={"deep": "d2.js"})
    registry.add("nests", "1.0.0", dependencies={"deep": "^1.0.0"})
    inner = {"name": "inner", "version": "1.0.0", "bin": {"inner": "i.js"}}
    bundle = {
        "index.js": "1",
        "node_modules/inner/package.json": json.dumps(inner),
        "node_modules/inner/i.js": PROGRAM,
    }
    registry.add(
        "bundles", "1.0.0", bundle, dependencies={"inner": "^1.0.0"}, bundleDependencies=["inner"]
    )
    registry.add("mac", "1.0.0", os=["darwin"], dependencies={"only-mac": "1"})
    registry.add("only-mac", "1.0.0")
    registry.add("host", "1.0.0")
    registry.add("plugin", "1.0.0", peerDependencies={"host": "1"})
    registry.add("dev", "1.0.0", {"d.js": PROGRAM}, bin={"tool": "d.js"})


DEPENDENCIES = {
    **dict.fromkeys(["ignores", "windows", "folder", "@s/tool", "tool", "nests"], "^1.0.0"),
    **dict.fromkeys(["bundles", "plugin"], "^1.0.0"),
    "deep": "^2.0.0",
    "renamed": "npm:tool@^1.0.0",
}


async def test_awkward_packages(registry: Registry, tmp_path: Path) -> None:
    publish(registry)
    root = tmp_path / "project"
    (root / "packages" / "w").mkdir(parents=True)
    workspace = {"name": "w", "version": "1.0.0", "bin": {"w": "w.js", "later": "dist/later.js"}}
    workspace["dependencies"] = {"deep": "^1.0.0"}
    (root / "packages" / "w" / "package.json").write_text(json.dumps(workspace))
    (root / "packages" / "w" / "w.js").write_text(PROGRAM)
    manifest = {
        "name": "p",
        "version": "1.0.0",
        "workspaces": ["packages/*"],
        "dependencies": DEPENDENCIES,
        "optionalDependencies": {"mac": "1"},
        "devDependencies": {"dev": "1"},
    }
    (root / "package.json").write_text(json.dumps(manifest))
    (root / ".npmrc").write_text(f"registry={registry.url}\n")
    store = Store(tmp_path / "store")
    version = node("--version").removeprefix("v")
    context = npm_context(root, store, node=version)
    resolution = await Npm().resolve(context)
    listing = await Npm().fetch(context, resolution)
    laid = Npm().layout(context, resolution, listing, "target")
    assert laid.findings == ()

    npm(root, "install", "--package-lock-only", "--ignore-scripts")
    npm(root, "ci", "--omit=dev", "--ignore-scripts", "--os=linux", "--cpu=x64", "--libc=glibc")
    installed = installed_files(root)
    # What a workspace has installed for itself lies in it.
    for path in (root / "packages" / "w" / "node_modules").rglob("*"):
        if path.is_file() and not path.is_symlink():
            executable = bool(path.stat().st_mode & 0o100)
            installed[path.relative_to(root).as_posix()] = (path.stat().st_size, executable)
        elif path.is_symlink():
            target = str(path.readlink())
            installed[path.relative_to(root).as_posix()] = ("link", target)
    planned = planned_files(laid.files)
    if int(version_of_npm(root).partition(".")[0]) < 11:
        # npm 10 leaves this link out, although two packages that it installs have the program.
        assert planned.pop("node_modules/.bin/tool") == ("link", "../@s/tool/t.js")
    assert planned == installed

    made = tmp_path / "made"
    made.mkdir()
    plain = [file for file in laid.files if (root / file.path).is_file()]
    materialize(store, plain, root, made)
    for file in plain:
        if not (root / file.path).is_symlink():
            assert (made / file.path).read_bytes() == (root / file.path).read_bytes(), file.path
    store.workspace.close()


def version_of_npm(root: Path) -> str:
    asked = subprocess.run(
        ["npm", "--version"], cwd=root, check=True, capture_output=True, text=True
    )
    return asked.stdout


def npm(root: Path, *argv: str) -> None:
    subprocess.run(
        ["npm", *argv, "--no-audit", "--no-fund"], cwd=root, check=True, capture_output=True
    )


def node(*argv: str) -> str:
    return subprocess.run(
        ["node", *argv], check=True, capture_output=True, text=True
    ).stdout.strip()
