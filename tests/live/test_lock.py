"""Locks of real packages: built from them is what was planned, and others read them alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.live

DEAD = "http://127.0.0.1:9"
# A port that nobody listens on: discard, and refused everywhere.


def fctui(root: Path, *argv: str, **env: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "fctui", *argv, "--json", "--quiet"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("requests\nPyYAML\n")
    (root / "package.json").write_text('{"dependencies": {"is-odd": "^3"}}')
    return root


def manifest(root: Path) -> bytes:
    return (root / "build/bundle/.fctui/manifest.json").read_bytes()


@pytest.mark.parametrize("resolver", ["uv", "pip"])
def test_a_frozen_build_is_the_plain_one(project: Path, resolver: str) -> None:
    fctui(project, "lock", "--resolver", resolver)
    fctui(project, "build", "--resolver", resolver)
    plain = manifest(project)
    # Nobody can be asked any more, and what is there is enough.
    nowhere = {"PIP_INDEX_URL": DEAD, "HTTPS_PROXY": DEAD, "HTTP_PROXY": DEAD, "PATH": "/nowhere"}
    fctui(project, "build", "--frozen", "--output", "again", **nowhere)
    assert (project / "again/.fctui/manifest.json").read_bytes() == plain
    assert fctui(project, "lock", "--check") == {"ok": True, "changed": {}}


def test_uv_and_pip_install_the_same_from_it(project: Path, tmp_path: Path) -> None:
    from uv import find_uv_bin

    fctui(project, "lock")
    packages = fctui(project, "tree", "--frozen", "--manager", "pip")["managers"]["pip"]["packages"]
    wanted = {f"{id_}-{each['version']}" for id_, each in packages.items()}
    into = tmp_path / "uv"
    argv = [find_uv_bin(), "pip", "install", "--target", str(into), "-r", "pylock.toml"]
    argv += ["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_36"]
    done = subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {path.name.removesuffix(".dist-info") for path in into.glob("*.dist-info")}
    assert {name.lower().replace("_", "-") for name in found} == wanted
