"""Byte code: asked for, compiled by the target's Python, the same each time, loaded unchecked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fctui.managers.pip import bytecode
from fctui.model.plan import Plan
from fctui.workflow.workflow import Workflow
from tests.support.wheelhouse import environment, make_project, make_wheel

XY = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = sys.implementation.cache_tag


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "one/__init__.py": b"here = __file__\nkinds = {'a', 'b', 'c'} | {'d'}\n"
        b"def known(x):\n    return x in {'e', 'f', 'g'}\n",
        "one/old.py": b"print 'Python 2'\n",
        "one-1.0.data/purelib/two.py": b"two = 2\n",
        "one-1.0.data/scripts/tool.py": b"#!python\n",
        "one-1.0.data/data/share/three.py": b"three = 3\n",
    }
    make_wheel(tmp_path / "wheels", "one", files=files)
    for name, value in environment(tmp_path / "wheels", tmp_path / "store").items():
        if name.startswith(("PIP_", "FCTUI_")):
            monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    made = make_project(tmp_path / "project", "one\n")
    (made / "fctui.toml").write_text('target = "local"\n[bundle]\nbytecode = true\n')
    return made


def compiled(plan: Plan) -> set[str]:
    return {file.path for file in plan.files if file.path.endswith(".pyc")}


async def test_it_is_there_where_it_is_asked_for(project: Path) -> None:
    built = await Workflow.open(project).build()
    plan = await Workflow.open(project).plan()
    found = compiled(plan)
    assert found == {f"one/__pycache__/__init__.{TAG}.pyc", f"__pycache__/two.{TAG}.pyc"}
    assert all((built.bundle / path).is_file() for path in found)
    assert not [finding for finding in plan.findings if finding.subject == "bytecode"]
    data = (built.bundle / f"one/__pycache__/__init__.{TAG}.pyc").read_bytes()
    assert data[4:8] == b"\1\0\0\0"  # hash-based, and not checked against its source


async def test_it_is_loaded_and_tells_where_its_source_is(project: Path) -> None:
    built = await Workflow.open(project, method="user").build()
    (site,) = built.bundle.glob("lib/python*/site-packages")
    (cached,) = (site / "one/__pycache__").glob("__init__.*.pyc")
    for path in (site / "one", site / "one/__init__.py"):
        path.chmod(0o755)
    (site / "one/__init__.py").unlink()
    (site / "one/__init__.py").write_text("raise ImportError('the source was read')\n")
    program = "import one; print(one.here, one.__cached__, one.known.__code__.co_filename)"
    env = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)  # noqa: ASYNC221
    source = str(site / "one/__init__.py")
    assert done.stdout.split() == [source, str(cached), source]


async def test_the_same_bytes_each_time(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for number in range(2):
        monkeypatch.setenv("FCTUI_CACHE_DIR", str(tmp_path / f"store{number}"))
        monkeypatch.setenv("PYTHONHASHSEED", str(number))
        built = await Workflow.open(project).build(tmp_path / f"bundle{number}")
        found.append({p.name: p.read_bytes() for p in built.bundle.rglob("*.pyc")})
    assert found[0]
    assert found[0] == found[1]


async def test_before_the_build_it_is_said_to_be_missing(project: Path) -> None:
    plan = await Workflow.open(project).plan()
    (finding,) = [finding for finding in plan.findings if finding.subject == "bytecode"]
    assert not finding.breaks
    assert "not in this plan yet" in finding.message
    assert compiled(plan) == set()


async def test_without_such_a_python_it_is_a_finding(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> None:
        return None

    monkeypatch.setattr(bytecode, "interpreter", none)
    built = await Workflow.open(project).build()
    (finding,) = [finding for finding in built.findings if finding.subject == "bytecode"]
    assert f"It takes a Python {XY}, and none is on this machine." in finding.message
    assert not list(built.bundle.rglob("*.pyc"))


async def test_unasked_there_is_none(project: Path) -> None:
    (project / "fctui.toml").write_text('target = "local"\n')
    workflow = Workflow.open(project)
    await workflow.build()
    assert compiled(await workflow.plan()) == set()
