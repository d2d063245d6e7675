"""What a project declares: lines with their place, options over the configuration, pyproject."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.declared import Declaration, read_declaration
from fctui.managers.pip.markers import judge
from fctui.managers.pip.resolve_uv import roots_of
from fctui.model.errors import UsageError
from fctui.project.project import load_project
from tests.support.pip_project import make_target


def declare(root: Path) -> Declaration:
    return read_declaration(load_project(root), PipConfig())


def test_lines_options_and_constraints(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/base.txt").write_text("six\n", encoding="utf-8")
    (tmp_path / "limits.txt").write_text("six<2\n", encoding="utf-8")
    (tmp_path / "requirements.txt").write_text(
        "--extra-index-url https://x.example.invalid/simple\n--pre\n-c limits.txt\n"
        "-r more/base.txt\nA_b[c]>=1 ; python_version > '3'  # why\n",
        encoding="utf-8",
    )
    found = declare(tmp_path)
    assert [(r.name, r.source, r.line, r.constraint) for r in found.requirements] == [
        ("six", "more/base.txt", 1, False),
        ("a-b", "requirements.txt", 5, False),
        ("six", "limits.txt", 1, True),
    ]
    assert found.config.extra_index_urls == ("https://x.example.invalid/simple",)
    assert found.config.pre


def test_paths_become_urls(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "pyproject.toml").write_text('[project]\nname = "My.Library"\n', encoding="utf-8")
    (tmp_path / "requirements.txt").write_text(
        "./library[fast] ; sys_platform == 'linux'\nother @ ./wheels/other-1-py3-none-any.whl\n"
        "https://example.invalid/third-2.0.tar.gz\n-e ./library\n",
        encoding="utf-8",
    )
    found = declare(tmp_path).requirements
    assert [r.name for r in found] == ["my-library", "other", "third", "my-library"]
    assert found[0].specifier == (
        f"My.Library[fast] @ {library.as_uri()} ; sys_platform == 'linux'"
    )
    assert found[1].specifier == f"other @ {tmp_path.as_uri()}/wheels/other-1-py3-none-any.whl"
    assert found[2].specifier == "third @ https://example.invalid/third-2.0.tar.gz"
    assert found[0].path == str(library)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("./nowhere\n", encoding="utf-8")
    with pytest.raises(UsageError, match="neither a requirement nor a path"):
        declare(tmp_path)


def test_roots_hold_on_the_target(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "one ; python_version < '3'\ntwo\nthree\n", encoding="utf-8"
    )
    found = declare(tmp_path).requirements
    roots = roots_of(found, {"one", "two"}, judge(make_target()))
    assert [(root.id, root.requirement, root.line) for root in roots] == [("two", "two", 2)]
