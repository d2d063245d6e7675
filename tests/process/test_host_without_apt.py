"""The command line where there is no apt, no dpkg and no mmdebstrap, only something like gpgv."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.debs import Deb
from tests.support.elves import elf_file
from tests.support.suite import Signer, signer, sources, write_archive

pytestmark = pytest.mark.skipif(
    not (shutil.which("gpg") and shutil.which("gpgv")), reason="needs gpg to sign, gpgv to verify"
)

LIBRARY = "usr/lib/x86_64-linux-gnu/{}"
ONE = {LIBRARY.format("libone.so.1"): elf_file(soname="libone.so.1", needed=("libtwo.so.2",))}
TWO = {LIBRARY.format("libtwo.so.2"): elf_file(soname="libtwo.so.2")}
DEBS = (
    Deb("base", arch="amd64", fields={"Essential": "yes", "Priority": "required"}),
    Deb("libone", arch="amd64", files=ONE),
    Deb("libtwo2", arch="amd64", files=TWO),
)
CONTENTS = (LIBRARY.format("libtwo.so.2") + " libs/libtwo2\n").encode()

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


@pytest.fixture
def project(tmp_path: Path, key: Signer) -> Path:
    write_archive(tmp_path / "archive", DEBS, signer=key, contents=CONTENTS)
    made = tmp_path / "project"
    made.mkdir()
    (made / "own.sources").write_text(sources((tmp_path / "archive").as_uri(), key.keyring))
    (made / "apt.txt").write_text("libone\n")
    (made / "index.py").write_text("def handler(event, context):\n    return 1\n")
    (made / "fctui.toml").write_text('target = "debian12"\n[apt]\nsources = ["own.sources"]\n')
    return made


@pytest.fixture
def run(tmp_path: Path, project: Path) -> Run:
    programs = tmp_path / "bin"
    programs.mkdir()
    gpgv = shutil.which("gpgv")
    assert gpgv
    (programs / "gpgv").symlink_to(gpgv)
    env = {**os.environ, "PATH": str(programs), "FCTUI_CACHE_DIR": str(tmp_path / "store")}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "fctui", *words]
        done = subprocess.run(
            argv, cwd=project, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr
        return done

    return run


def answer(done: subprocess.CompletedProcess[str], *codes: int) -> Any:
    assert done.returncode in (codes or (0,)), done.stderr
    return json.loads(done.stdout)


def test_from_the_tree_to_the_archive(run: Run, project: Path) -> None:
    """A finding is cured by the deb that the archive's list names, all without apt."""
    tree = answer(run("tree", "--json"))
    assert set(tree["managers"]["apt"]["packages"]) == {"libone"}
    answer(run("build", "-o", "out", "--json"))
    (finding,) = answer(run("check", "out", "--json"), 1)["findings"]
    assert [(r["manager"], r["package"]) for r in finding["remedies"]] == [("apt", "libtwo2")]
    fixed = run("check", "out", "--fix")
    assert fixed.returncode == 0, fixed.stderr
    assert "changed: add libtwo2 to apt.txt" in fixed.stdout
    assert re.search(r"^out: .* before, .* now$", fixed.stdout, re.MULTILINE)
    assert (project / "apt.txt").read_text() == "libone\nlibtwo2\n"
    assert run("lock").returncode == 0
    answer(run("build", "-o", "out", "--frozen", "--json"))
    owners = {file["owner"] for file in answer(run("inspect", "out", "--json"))["files"]}
    assert {"libone", "libtwo2"} <= owners
    assert run("outdated").returncode == 0
    assert run("pack", "out", "-o", "f.zip").returncode == 0
    with zipfile.ZipFile(project / "f.zip") as packed:
        assert LIBRARY.format("libtwo.so.2") in packed.namelist()


def test_what_cannot_be_had_there_is_said(run: Run) -> None:
    """Nothing to run things in: what stands in for it, and what to do."""
    run("build", "-o", "out")
    proof = run("verify", "out")
    assert "bubblewrap is not on this machine" in proof.stdout + proof.stderr
    assert "looked up" in proof.stdout + proof.stderr
    called = run("run", "index.handler", "out")
    assert called.returncode == 2
    assert "--sandbox docker:IMAGE" in called.stderr
