"""The comparison of the four methods on a project of our own wheels."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from fctui.workflow.difference import identity
from fctui.workflow.methods import MethodReport, compare_methods, movements
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


def moved(one: MethodReport, other: MethodReport) -> list[tuple[str, str]]:
    return [pair for movement in movements(one, other) for pair in movement.pairs]


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


@pytest.fixture
def odd(project: Path, tmp_path: Path) -> Path:
    """A project whose one package has files of every kind."""
    make_wheel(
        tmp_path / "wheels",
        "odd",
        files={
            "odd/__init__.py": b"",
            "odd/words.txt": b"words\n",
            "odd.libs/libodd.so.1": b"library",
            "odd-nspkg.pth": b"import odd\n",
            "space/part/one.py": b"",
            "odd-1.0.data/data/share/odd/table.txt": b"table\n",
            "odd-1.0.data/headers/odd.h": b"",
            "odd-1.0.data/scripts/odd-tool": b"#!python\nprint()\n",
        },
    )
    (project / "requirements.txt").write_text("odd\ntool\n")
    return project


async def test_what_works_says_how_and_why(odd: Path) -> None:
    found = await reports(odd)
    states = {id_: {a.what: a.state for a in report.aspects} for id_, report in found.items()}
    assert states["target"]["import"] == "yes"
    assert states["user"]["import"] == "set"
    kinds = (".pth files", "data files", "headers", "console scripts")
    assert [states["target"][what] for what in kinds] == ["no", "part", "yes", "part"]
    assert [states["virtualenv"][what] for what in kinds] == ["set", "set", "yes", "part"]
    assert "PYTHONUSERBASE=/code" in found["user"].works[".pth files"]
    for report in found.values():
        assert all(a.why for a in report.aspects if a.state not in {"yes", "none"})


async def test_needs_are_held_against_the_presets(project: Path) -> None:
    found = await reports(project)
    assert found["target"].needs[0].covered_by == "by the preset PYTHONPATH (assumed)"
    assert found["user"].needs[0].directory == "/code/lib/python3.11/site-packages"
    assert found["user"].needs[0].covered_by == ""


async def test_a_runtime_that_fills_sys_path_itself_leaves_scripts_without(project: Path) -> None:
    (project / "fctui.toml").write_text('target = "fc-python3.10"\n')
    found = await reports(project)
    states = {aspect.what: aspect for aspect in found["target"].aspects}
    assert states["import"].state == "yes"
    assert states["console scripts"].state == "set"
    assert "PYTHONPATH=/code" in states["console scripts"].how


async def test_a_clash_with_the_functions_own_file_decides(project: Path) -> None:
    (project / "tool").mkdir()
    (project / "tool" / "__init__.py").write_text("mine = True\n")
    found = await reports(project)
    assert found["target"].clashes == ("tool/__init__.py",)
    assert not found["target"].recommended
    best = next(report for report in found.values() if report.recommended)
    assert best.clashes == ()
    assert "tool/__init__.py" in best.reason


async def test_commands_are_those_of_the_project(project: Path) -> None:
    found = await reports(project)
    assert found["user"].today[0][:2] == ("env", "PYTHONUSERBASE=$PWD/build/bundle")
    assert found["target"].today[0][-2:] == ("-r", "requirements.txt")
    assert found["install-option"].today[0][4:6] == ("--prefix", "$PWD/build/bundle")
    assert any("lock" in command for command in found["target"].resolves)
    with (project / "fctui.toml").open("a") as settings:
        settings.write('[pip.install-option]\nlib = "python"\n')
    found = await reports(project)
    assert found["install-option"].today == ()
    assert "--install-purelib=$PWD/build/bundle/python " in found["install-option"].legacy


async def test_each_file_has_one_identity_in_each_method(odd: Path) -> None:
    found = await reports(odd)
    for report in found.values():
        same = {identity(file, report.places) for file in report.listing}
        assert len(same) == len(report.listing), report.id
    for one, other in itertools.permutations(found.values(), 2):
        pairs = moved(one, other)
        assert len({a for a, _ in pairs if a}) == len([a for a, _ in pairs if a])
        here, there = ({file.path for file in report.listing} for report in (one, other))
        stayed = here - {a for a, _ in pairs}
        assert stayed | {b for _, b in pairs if b} == there


async def test_directories_that_move_are_told_as_one(odd: Path) -> None:
    found = await reports(odd)
    told = {(m.source, m.destination): m for m in movements(found["target"], found["user"])}
    assert {pair[0] for pair in told["", "lib/python3.11/site-packages"].pairs} >= {
        "odd/__init__.py",
        "odd-nspkg.pth",
    }
    assert ("include/python", "include/python3.11") in told
    only = next(m for m in movements(found["target"], found["virtualenv"]) if m.source is None)
    assert ("", "pyvenv.cfg") in only.pairs
