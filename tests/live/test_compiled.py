"""What is compiled, is compiled for the target: an sdist with C in it, for an older release."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fctui.model.verification import Outcome
from fctui.sandbox.rooted import unavailable, why_foreign
from fctui.workflow.workflow import Workflow
from tests.support.recorder import Recorder

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
    pytest.mark.skipif(shutil.which("readelf") is None, reason="needs readelf"),
]


def glibc(path: Path) -> tuple[int, ...]:
    """The newest version of glibc that a file asks for, by readelf(1)."""
    read = subprocess.run(("readelf", "-VW", path), capture_output=True, text=True, check=True)
    versions = re.findall(r"GLIBC_(\d+(?:\.\d+)+)", read.stdout)
    return max((tuple(map(int, version.split("."))) for version in versions), default=())


def test_c_is_compiled_on_the_targets_release(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("crcmod\nujson\n--no-binary ujson\n")
    workflow = Workflow.open(tmp_path, target="debian11", reporter=Recorder())
    built = asyncio.run(workflow.build())
    listing = workflow.listings["pip"]
    assert listing.unknown == {}
    told = {id_: contents.built for id_, contents in listing.contents.items()}
    assert told == {"crcmod": "Debian 11", "ujson": "Debian 11"}
    modules = list(built.bundle.rglob("*.so"))
    assert {module.name.partition(".")[0] for module in modules} == {"_crcfunext", "ujson"}
    for module in modules:
        assert "cpython-39-x86_64" in module.name
        assert glibc(module) <= workflow.target.glibc
    verified = asyncio.run(workflow.verify(heard=lambda *_: None))
    assert verified.results
    assert all(result.ok for result in verified.results)


def test_c_is_compiled_for_another_processor(tmp_path: Path) -> None:
    """By emulation, with a uv that starts in the target's root; without one it is told."""
    (tmp_path / "requirements.txt").write_text("crcmod\n")
    workflow = Workflow.open(tmp_path, target="debian12-arm64", reporter=Recorder())
    built = asyncio.run(workflow.build())
    listing = workflow.listings["pip"]
    if why_foreign("aarch64"):
        assert "machine code" in listing.unknown["crcmod"]
        return
    assert listing.unknown == {}
    assert listing.contents["crcmod"].built == "Debian 12"
    (module,) = built.bundle.rglob("*.so")
    assert "aarch64" in module.name
    assert glibc(module) <= workflow.target.glibc
    verified = asyncio.run(workflow.verify(heard=lambda *_: None))
    assert all(result.outcome is Outcome.PASSED for result in verified.results)
