"""Bundles for another processor and another release than this host's, all managers in them."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from fctui.model.verification import Outcome
from fctui.sandbox.rooted import why_foreign
from fctui.store.store import default_store
from fctui.workflow.call import Wish, call_handler
from fctui.workflow.verify import verify
from fctui.workflow.workflow import Workflow
from tests.support.recorder import Recorder

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf tells what is in them"),
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm"),
]

PROJECT = {
    "requirements.txt": "numpy\n",
    "apt.txt": "libgl1\nlibblas3\n",
    "package.json": '{"name": "x", "version": "1.0.0", "dependencies": {"sharp": "^0.33"}}',
}
HANDLER = """\
import json
import platform

import magic
import numpy


def handler(event, context):
    kind = magic.from_buffer(b"%PDF-1.4")
    return json.dumps([platform.machine(), int(numpy.arange(10).sum()), kind])
"""
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "aarch64": "AArch64"}
_MACHINE = re.compile(r"^\s*Machine:\s*(.+)$", re.MULTILINE)
_GLIBC = re.compile(r"Name: GLIBC_(\d+\.\d+)")


@pytest.mark.parametrize("resolver", ["apt", "own"])
@pytest.mark.parametrize("target", ["debian12-arm64", "debian11"])
def test_every_elf_is_of_the_targets_machine_and_glibc(
    tmp_path: Path, target: str, resolver: str
) -> None:
    if resolver == "apt" and shutil.which("apt-get") is None:
        pytest.skip("needs apt-get")
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "fctui.toml").write_text(f'[apt]\nresolver = "{resolver}"\n')
    workflow = Workflow.open(tmp_path, target=target, reporter=Recorder(), store=default_store())
    built = asyncio.run(workflow.build(tmp_path / "out"))
    elves = [path for path in built.bundle.rglob("*") if _is_elf(path)]
    assert len(elves) > 20
    for path in elves:
        assert _read("-hW", path, _MACHINE) == [MACHINES[workflow.target.arch]], path
        needed = [tuple(map(int, each.split("."))) for each in _read("-VW", path, _GLIBC)]
        assert max(needed, default=(0, 0)) <= workflow.target.glibc, path


def test_an_arm64_bundle_is_proved(tmp_path: Path) -> None:
    """By emulation, everything in it; without one it is told what was not tried, and why."""
    files = {
        "requirements.txt": "numpy\npython-magic\n",
        "apt.txt": "libmagic1\n",
        "package.json": '{"name": "x", "version": "1.0.0", "dependencies": {"nanoid": "^3"}}',
        "index.py": HANDLER,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    workflow = Workflow.open(
        tmp_path, target="debian12-arm64", reporter=Recorder(), store=default_store()
    )
    built = asyncio.run(workflow.build(tmp_path / "out"))
    proof = asyncio.run(verify(workflow.context, built.bundle))
    outcomes = Counter(result.outcome for result in proof.results)
    assert outcomes[Outcome.FAILED] == 0, [r for r in proof.results if not r.ok]
    if why := why_foreign("aarch64"):
        assert outcomes[Outcome.PASSED] == 0
        assert any(why in note for note in proof.notes)
        return
    assert outcomes[Outcome.SKIPPED] == 0
    assert {r.manager for r in proof.results} >= {"pip", "apt", "npm", "project"}
    wish = Wish(handler="index.handler", event=b"{}")
    called = asyncio.run(call_handler(workflow.context, built.bundle, wish))
    assert called.error is None
    assert json.loads(called.result or "") == ["aarch64", 45, "PDF document, version 1.4"]


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _read(option: str, path: Path, wanted: re.Pattern[str]) -> list[str]:
    done = subprocess.run(["readelf", option, str(path)], capture_output=True, check=False)
    return wanted.findall(done.stdout.decode("utf-8", "replace"))
