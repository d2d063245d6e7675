"""The example: it can be read as a project, and its copy is the user's."""

from __future__ import annotations

import ast
import json
from importlib.resources import files
from pathlib import Path

import pytest

from fctui.demo.example import copy_example
from fctui.model.errors import UsageError
from fctui.project.project import load_project

EXAMPLE = files("fctui.demo") / "thumbnail"


def test_it_declares_for_three_managers(tmp_path: Path) -> None:
    assert copy_example(tmp_path / "demo")
    project = load_project(tmp_path / "demo")
    assert {file.manager for file in project.files if file.used} == {"pip", "apt", "npm"}
    assert project.settings.target == "debian12"


def test_the_handler_imports_what_it_requires() -> None:
    tree = ast.parse((EXAMPLE / "index.py").read_text())
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    imported |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {"cv2", "pymysql", "oss2", "PIL"} <= imported
    lines = (EXAMPLE / "requirements.txt").read_text().splitlines()
    required = {line for line in lines if line and not line.startswith("#")}
    assert required == {"opencv-python", "PyMySQL", "oss2", "pillow"}


def test_the_helper_requires_what_it_declares() -> None:
    declared = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
    helper = (EXAMPLE / "thumbnail.js").read_text()
    assert set(declared) == {"express", "sharp"}
    assert all(f'require("{name}")' in helper for name in declared)


def test_an_edited_copy_is_kept(tmp_path: Path) -> None:
    copy_example(tmp_path)
    (tmp_path / "requirements.txt").write_text("pillow\n")
    assert not copy_example(tmp_path)
    assert (tmp_path / "requirements.txt").read_text() == "pillow\n"


def test_another_project_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_text("")
    with pytest.raises(UsageError, match="has other files"):
        copy_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["fctui.toml"]
