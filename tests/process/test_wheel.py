"""The wheel alone is the whole program: built, installed, and run from `/`."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
MOUNT = """
import asyncio, sys
from pathlib import Path
import fctui
from fctui.demo.example import copy_example
from fctui.tui.app import FctuiApp
from fctui.tui.bridge import Bridge
from fctui.workflow.workflow import Workflow

async def main():
    project = Path(sys.argv[1])
    copy_example(project)
    bridge = Bridge()
    workflow = Workflow.open(project, reporter=bridge, offline=True)
    app = FctuiApp(workflow, bridge)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.screen.query_one("#title, TitleBar") is not None
        assert app.stylesheet.rules
        print(fctui.__file__)

asyncio.run(main())
"""


def hatch(directory: Path, kind: str, out: Path) -> Path:
    """Build one distribution without isolation: nothing is downloaded."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)],
        cwd=directory,
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hatch(TOP, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; what it depends on is seen in this one."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(place, symlinks=True)
    site = next((place / "lib").glob("python*/site-packages"))
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in sorted(paths)))
    pip = (sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "--quiet")
    subprocess.run(
        [*pip, "--disable-pip-version-check", "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    return place / "bin"


def run(program: Path, *argv: str, store: Path) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [str(program), *argv],
        cwd="/",
        env={**kept, "FCTUI_CACHE_DIR": str(store)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_has_all_that_the_checkout_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "fctui", "styles"], cwd=TOP, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    wanted = {f"fctui/{n}" if n.startswith("styles/") else n for n in tracked.stdout.split()}
    assert wanted - names == set()
    assert any(name.startswith("fctui/styles/") for name in names)


def test_a_wheel_built_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    sdist = hatch(TOP, "sdist", tmp_path / "sdist")
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "xf", sdist, "-C", unpacked, "--strip-components=1"], check=True)
    again = hatch(unpacked, "wheel", tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())


def test_its_commands_run_from_anywhere(installed: Path, tmp_path: Path) -> None:
    program = installed / "fctui"
    assert run(program, "--version", store=tmp_path).startswith("fctui, version ")
    assert "Usage: fctui demo" in run(program, "demo", "--help", store=tmp_path)
    assert "debian12" in run(program, "targets", store=tmp_path)


def test_its_screen_opens_from_anywhere(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "python", "-c", MOUNT, str(tmp_path / "demo"), store=tmp_path / "store")
    assert Path(said.strip()).is_relative_to(installed.parent)
