"""pip against reality: our tree is pip's own, our layout is what pip leaves on disk."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.interface import Context
from fctui.managers.pip.fit import host_glibc
from fctui.managers.pip.interpreters import candidates
from fctui.managers.pip.manager import Pip
from fctui.managers.pip.tags import platforms
from fctui.model.package import Resolution
from fctui.model.plan import Generated, StoreFile
from fctui.model.target import Target
from fctui.project.settings import PipSettings
from fctui.sandbox.confine import available
from tests.support.pip_project import make_context, make_target

pytestmark = pytest.mark.live

ELEVEN = ["opencv-python", "pandas", "pillow", "PyMySQL", "oss2", "requests", "scikit-learn"]
ELEVEN += ["matplotlib", "boto3", "flask", "sqlalchemy"]
# Two of what they bring (oss2, crcmod) are published as source only.

LAID_OUT = ["requests", "flask", "numpy", "pillow", "PyMySQL", "sqlalchemy", "greenlet", "jmespath"]
LAID_OUT += ["ninja", "python-dateutil", "pyyaml", "jupyterlab-pygments"]
# Launchers, scripts with #!python, a program as a script, headers, data, shared libraries.

HERE = platform.python_version()


def here() -> Target:
    """The target that is this machine."""
    return make_target(HERE, host_glibc() or (2, 17), platform.machine())


def pip_report(
    arguments: list[str], tmp_path: Path, python: str = sys.executable
) -> dict[str, dict[str, Any]]:
    """What a real pip says: its report's items by normalized name."""
    path = tmp_path / "report.json"
    argv = [python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    argv += ["--disable-pip-version-check", "--report", str(path), *arguments]
    subprocess.run(argv, check=True, capture_output=True)
    report = json.loads(path.read_text(encoding="utf-8"))
    return {normalized(item["metadata"]["name"]): item for item in report["install"]}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def files_of(resolution: Resolution) -> dict[str, str]:
    return {p.id: p.artifact.filename for p in resolution.packages.values() if p.artifact}


def files_in(report: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: item["download_info"]["url"].rpartition("/")[2] for name, item in report.items()}


def project(
    tmp_path: Path, lines: tuple[str, ...] | list[str], target: Target, **pip: Any
) -> Context:
    root = tmp_path / "project"
    root.mkdir(exist_ok=True)
    store = Path(os.environ["FCTUI_CACHE_DIR"])
    return make_context(root, store, lines, target=target, pip=PipSettings(**pip), refresh=True)


@pytest.mark.skipif(not available(), reason="sdists are built in bubblewrap")
async def test_our_tree_is_that_of_pip_on_this_machine(tmp_path: Path) -> None:
    found = await Pip().resolve(project(tmp_path, ELEVEN, here()))
    theirs = pip_report(ELEVEN, tmp_path)
    assert files_of(found) == files_in(theirs)
    assert {p.id: p.version for p in found.packages.values()} == {
        name: item["metadata"]["version"] for name, item in theirs.items()
    }
    assert {root.id for root in found.roots} == {n for n, i in theirs.items() if i["requested"]}
    for package in found.packages.values():
        hashes = theirs[package.id]["download_info"]["archive_info"]["hashes"]
        assert package.artifact is not None
        assert package.artifact.sha256 == hashes["sha256"]


def interpreters() -> list[str]:
    """Other CPythons on this machine whose pip writes reports."""
    found = {}
    minors = [minor for minor in range(8, 15) if minor != sys.version_info[1]]
    for minor in minors:
        for python in candidates((3, minor)):
            asked = [python, "-m", "pip", "--version"]
            said = subprocess.run(asked, capture_output=True, check=False).stdout
            version = re.match(rb"pip (\d+)\.(\d+)", said)
            if version and tuple(map(int, version.groups())) >= (22, 2):
                found[minor] = python
    return list(found.values())


@pytest.mark.parametrize("resolver", ["uv", "pip"])
async def test_our_tree_is_that_of_the_pips_of_other_pythons(tmp_path: Path, resolver: str) -> None:
    """A target is resolved here, by this Python; then the target's own Python says the same."""
    others = interpreters()
    if not others:
        pytest.skip("no other Python with a new pip is on this machine")
    lines = ["numpy", "pillow", "cryptography", "importlib-resources", "flask", "requests[socks]"]
    for number, python in enumerate(others if resolver == "uv" else others[:1]):
        asked = [python, "-c", "import platform; print(platform.python_version())"]
        version = subprocess.check_output(asked, text=True).strip()  # noqa: ASYNC221 - see there
        target = make_target(version, host_glibc() or (2, 17), platform.machine())
        found = await Pip().resolve(project(tmp_path, lines, target, resolver=resolver))
        place = tmp_path / str(number)
        place.mkdir()
        theirs = pip_report([*lines, "--only-binary=:all:"], place, python)
        assert files_of(found) == files_in(theirs), version
        assert "pysocks" in found.packages["requests"].requires


@pytest.mark.parametrize("resolver", ["uv", "pip"])
@pytest.mark.parametrize(("glibc", "arch"), [((2, 24), "x86_64"), ((2, 26), "aarch64")])
async def test_our_tree_is_that_of_pip_for_another_machine(
    tmp_path: Path, resolver: str, glibc: tuple[int, int], arch: str
) -> None:
    """The Python is this one: for another pip would judge markers and Requires-Python wrong."""
    target = make_target(HERE, glibc, arch)
    lines = ["numpy", "pillow", "cryptography", "PyMySQL", "requests[socks]"]
    found = await Pip().resolve(project(tmp_path, lines, target, resolver=resolver))
    arguments = [*lines, "--only-binary=:all:", "--python-version", HERE]
    arguments += ["--implementation", "cp", "--target", str(tmp_path / "target")]
    arguments += [word for name in platforms(target) for word in ("--platform", name)]
    assert files_of(found) == files_in(pip_report(arguments, tmp_path))


@pytest.mark.parametrize("python", ["3.8.18", "3.12.4", "3.14.0"])
async def test_both_engines_draw_the_same_graph(tmp_path: Path, python: str) -> None:
    target = make_target(python, (2, 31))
    lines = ["importlib-resources", "flask", "pandas"]
    ours = await Pip().resolve(project(tmp_path, lines, target, resolver="uv"))
    theirs = await Pip().resolve(project(tmp_path, lines, target, resolver="pip"))
    assert ("zipp" in ours.packages) == (python == "3.8.18")
    assert files_of(ours) == files_of(theirs)
    assert {p.id: p.requires for p in ours.packages.values()} == {
        p.id: p.requires for p in theirs.packages.values()
    }


async def test_our_layout_is_what_pip_leaves(tmp_path: Path) -> None:
    """Deliberate differences: who installed, RECORD's true places, the first line of scripts, and
    the directory of headers, which pip takes from the environment that it runs in.
    """
    context = project(tmp_path, LAID_OUT, here())
    resolution = await Pip().resolve(context)
    listed = await Pip().contents(context, resolution)
    preview = Pip().layout(context, resolution, listed, "target").files
    fetched = await Pip().fetch(context, resolution)
    layout = Pip().layout(context, resolution, fetched, "target").files
    assert len(resolution.packages) >= 12
    assert {f.path: f.size for f in preview} == {f.path: f.size for f in layout}
    into = tmp_path / "theirs"
    pins = [f"{p.name}=={p.version}" for p in resolution.packages.values()]
    argv = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-compile", "--quiet"]
    argv += ["--disable-pip-version-check", "--only-binary=:all:", "--target", str(into), *pins]
    subprocess.run(argv, check=True, capture_output=True)  # noqa: ASYNC221 - nothing else runs
    theirs: dict[str, Path] = {}
    for directory, _, names in os.walk(into):
        for name in names:
            path = Path(directory) / name
            shown = re.sub(
                r"^include/(site/)?python[\d.]*/",
                "include/python/",
                str(path.relative_to(into).as_posix()),
            )
            theirs[shown] = path
    ours = {file.path: file for file in layout}
    requested = {p for p in theirs if p.endswith("/REQUESTED")}  # there, everything was
    assert set(theirs) - requested == set(ours) - {p for p in ours if p.endswith("/REQUESTED")}
    differ = []
    for shown, file in ours.items():
        if shown not in theirs:
            continue
        match file.source:
            case StoreFile(digest=digest, path=member):
                data = (context.store.tree(digest) / member).read_bytes()
            case Generated(data=generated):
                data = generated
            case _:
                pytest.fail(f"{shown} comes from nowhere")
        assert len(data) == file.size, shown
        if data != theirs[shown].read_bytes():
            differ.append(shown)
    left = [p for p in differ if not p.endswith(("/INSTALLER", "/RECORD"))]
    assert all(path.startswith("bin/") for path in left), left
    assert left
