"""`[bundle] rpath` on real packages: everything works as with links, and without any variable."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fctui.archive.pack_layers import pack_layers
from fctui.bundle.manifest import Manifest, read_manifest
from fctui.bundle.runpath.patch import find_patchelf
from fctui.explore.compare import compare
from fctui.explore.read import of_bundle
from fctui.model.verification import Outcome, Subject, Verification
from fctui.native.elf import read_elf
from fctui.sandbox.rooted import unavailable
from fctui.workflow.verify import verify, verify_archive
from fctui.workflow.what_if import Relinking, what_if, write
from fctui.workflow.workflow import Workflow

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
    pytest.mark.skipif(find_patchelf() is None, reason="patchelf is not here"),
]

WORKS = """
import subprocess
import cv2, numpy as np, psycopg2
assert cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))[0]
assert psycopg2.__libpq_version__
done = subprocess.run(["pdftotext", "-v"], capture_output=True, check=True)
assert b"Poppler" in done.stderr

def handler(event, context):
    return 1
"""
NO_PATH = {"LD_LIBRARY_PATH": "/nowhere"}


def test_libraries_find_each_other_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("opencv-python-headless\npsycopg2-binary\n")
    (tmp_path / "apt.txt").write_text("poppler-utils\nlibgirepository-1.0-1\nimagemagick\n")
    (tmp_path / "fctui.toml").write_text('target = "debian12"\n')
    (tmp_path / "index.py").write_text(WORKS)
    asyncio.run(compared(tmp_path))


async def compared(project: Path) -> None:
    """Build and try both, whole and as layers."""
    before = Workflow.open(project)
    built = await before.build(project / "linked")
    linked = read_manifest(built.bundle)
    with_links = await verify(before.context, built.bundle)
    assert with_links.ok
    assert not (await verify(before.context, built.bundle, env=NO_PATH)).ok

    tried = await what_if(before, Relinking(on=True))
    assert {f.path for f in before.planned().files} == {f.path for f in linked.files}
    write(before.project, Relinking(on=True))
    after = Workflow.open(project)
    built = await after.build(project / "led")
    led = read_manifest(built.bundle)
    change = compare(tried.catalog, of_bundle(built.bundle))
    assert {file.path for file in change.files} <= {"fctui.toml", ".fctui/manifest.json"}
    assert names_in_lib(led) < names_in_lib(linked)

    relinked = changed(linked, led)
    assert relinked
    for path in relinked:
        elf = read_elf(built.bundle / path)
        assert elf is not None, path
        assert any(entry.startswith("$ORIGIN") for entry in elf.runpath or elf.rpath), path

    with_rpath = await verify(after.context, built.bundle)
    assert with_rpath.ok
    assert outcomes(with_rpath) >= outcomes(with_links)
    assert optional(with_rpath) <= optional(with_links)
    # Nothing that the loader is told from outside is needed any more.
    assert outcomes(await verify(after.context, built.bundle, env=NO_PATH)) >= outcomes(with_links)

    packed = await pack_layers(
        built.bundle, project / "f.zip", after.target, store=after.store, tasks=after.tasks
    )
    laid_out = await verify_archive(after.context, packed.archives[0].path)
    assert laid_out.ok
    assert names(laid_out, Outcome.PASSED) == names(with_rpath, Outcome.PASSED)
    assert names(laid_out, Outcome.OPTIONAL) == names(with_rpath, Outcome.OPTIONAL)


def names_in_lib(manifest: Manifest) -> set[str]:
    """The links by which libraries are found."""
    return {file.path for file in manifest.files if file.link and file.path.startswith("lib/")}


def changed(before: Manifest, after: Manifest) -> list[str]:
    """The files that have other bytes."""
    known = {file.path: file.sha256 for file in before.files if file.manager in {"pip", "apt"}}
    return [f.path for f in after.files if f.path in known and known[f.path] != f.sha256]


def outcomes(found: Verification) -> set[tuple[Subject, str]]:
    """What works."""
    return {(v.kind, v.subject) for v in found.results if v.outcome is Outcome.PASSED}


def optional(found: Verification) -> set[tuple[Subject, str]]:
    """What fails where it need not matter."""
    return {(v.kind, v.subject) for v in found.results if v.outcome is Outcome.OPTIONAL}


def names(found: Verification, outcome: Outcome) -> set[str]:
    """The same by file name, for in layers they lie elsewhere."""
    return {v.subject.rpartition("/")[2] for v in found.results if v.outcome is outcome}
