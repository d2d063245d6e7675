"""The comparison of the four methods on a project of our own wheels."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.workflow.methods import MethodReport, compare_methods, moved
from fctui.workflow.workflow import Workflow
from tests.support.wheelhouse import environment, make_project, make_wheel


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_wheel(tmp_path / "wheels", "tool", scripts=("tool = tool:main",))
    for name, value in environment(tmp_path / "wheels", tmp_path / "store").items():
        if name.startswith(("PIP_", "FCTUI_")):
            monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    return make_project(tmp_path / "project", "tool\n")


async def reports(project: Path) -> dict[str, MethodReport]:
    return {report.id: report for report in await compare_methods(Workflow.open(project))}


async def test_all_four_are_compared_and_one_is_recommended(project: Path) -> None:
    found = await reports(project)
    assert set(found) == {"install-option", "target", "user", "virtualenv"}
    assert [id_ for id_, report in found.items() if report.recommended] == ["target"]
    assert "PYTHONPATH" not in found["target"].environment
    assert found["user"].environment["PYTHONPATH"] == "/code/lib/python3.11/site-packages:/code"


async def test_only_the_virtual_environment_has_overhead(project: Path) -> None:
    found = await reports(project)
    assert found["virtualenv"].overhead_files > 400
    assert [found[id_].overhead_files for id_ in ("install-option", "target", "user")] == [0, 0, 0]
    assert any("never used" in warning for warning in found["virtualenv"].warnings)


async def test_what_moves_between_two_methods_is_told(project: Path) -> None:
    found = await reports(project)
    pairs = dict(moved(found["target"], found["user"]))
    assert pairs["tool/__init__.py"] == "lib/python3.11/site-packages/tool/__init__.py"
    assert "bin/tool" not in pairs
    info = "tool-1.0.dist-info/RECORD"
    assert pairs[info] == f"lib/python3.11/site-packages/{info}"
