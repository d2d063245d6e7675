"""The function's own files as a part of the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.bundle.code import planned_code
from fctui.model.plan import ProjectFile
from fctui.project.project import load_project

FILES = (
    "src/main/java/a/A.java",
    "src/main/resources/a.properties",
    "src/handler.py",
    "target/classes/a/A.class",
    "target/classes/a.properties",
    "target/function-1.0.jar",
    "target/test-classes/a/ATest.class",
    "a.properties",
    "README",
)


def planned(root: Path) -> dict[str, str]:
    files = planned_code(load_project(root), root / "out").files
    return {f.path: f.source.path for f in files if isinstance(f.source, ProjectFile)}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_classes_lie_at_the_root(project: Path) -> None:
    (project / "pom.xml").write_text("<project/>")
    assert planned(project) == {
        "a/A.class": "target/classes/a/A.class",
        "a.properties": "target/classes/a.properties",
        "src/handler.py": "src/handler.py",
        "README": "README",
        "pom.xml": "pom.xml",
    }


def test_without_a_pom_a_directory_is_just_a_directory(project: Path) -> None:
    (project / "maven.txt").write_text("a:b:1")
    assert planned(project) == {name: name for name in (*FILES, "maven.txt")}


def test_none_where_the_settings_say_so(project: Path) -> None:
    (project / "fctui.toml").write_text("[bundle]\ncode = false\n")
    assert planned(project) == {}
