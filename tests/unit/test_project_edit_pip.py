"""Adding and removing pip requirements in requirement files and pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.edit import add, remove
from fctui.project.project import Project, load_project


def project_with(root: Path, **files: str) -> Project:
    """Files by name with `_` for the dot before the ending."""
    for name, text in files.items():
        path = root / name.replace("_", ".")
        with path.open("w", newline="") as file:
            file.write(text)
    return load_project(root)


def added(root: Path, text: str, requirement: str) -> str:
    """What becomes of a requirements.txt."""
    return add(project_with(root, requirements_txt=text), "pip", requirement).after.decode()


def removed(root: Path, text: str, name: str) -> str:
    return remove(project_with(root, requirements_txt=text), "pip", name).after.decode()


@pytest.mark.parametrize(
    ("before", "requirement", "after"),
    [
        ("", "numpy", "numpy\n"),
        ("# all\na\n", "numpy>=2", "# all\na\nnumpy>=2\n"),
        ("a", "numpy", "a\nnumpy\n"),
        ("a\r\nb\r\n", "numpy", "a\r\nb\r\nnumpy\r\n"),
        ("a\nNum_Py==1  # why\nb", "num-py==2", "a\nnum-py==2  # why\nb"),
        ("a\r\nnumpy==1\r\n", "numpy==2", "a\r\nnumpy==2\r\n"),
        ("a\nnumpy==1", "numpy==2", "a\nnumpy==2"),
        ("  numpy\n", "numpy[x]", "  numpy[x]\n"),
        (
            f"numpy==1 \\\n  --hash=sha256:{'a' * 64} \\\n  --hash=sha256:{'b' * 64} # x\nb\n",
            "numpy==2",
            "numpy==2 # x\nb\n",
        ),
        (
            "n==1; python_version<'3.9'\nn==2; python_version>='3.9'\n",
            "n==3; python_version >= '3.9'",
            "n==1; python_version<'3.9'\nn==3; python_version >= '3.9'\n",
        ),
        ("n==1; os_name=='nt'\na\nn==2; os_name!='nt'\n", "n==3", "n==3\na\n"),
        ("thing @ https://example.invalid/t.zip\n", "thing==1", "thing==1\n"),
        ("-i https://example.invalid/\n", "./src", "-i https://example.invalid/\n./src\n"),
    ],
)
def test_add(tmp_path: Path, before: str, requirement: str, after: str) -> None:
    assert added(tmp_path, before, requirement) == after


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("# all\na  # one\nb\n", "a", "# all\nb\n"),
        ("A_b.c>1\nd", "a-b-c", "d"),
        ("a\nn; os_name=='nt'\nb\nn==2; os_name!='nt'\n", "n", "a\nb\n"),
        (f"n==1 \\\n  --hash=sha256:{'a' * 64}\nb\n", "n", "b\n"),
        ("n==1\n    # via\n    #   -r in.txt\nb==2\n    # via n\n", "n", "b==2\n    # via n\n"),
        ("-e ./src\na\n", "./src", "a\n"),
        ("a\r\nb\r\n", "b", "a\r\n"),
    ],
)
def test_remove(tmp_path: Path, before: str, name: str, after: str) -> None:
    assert removed(tmp_path, before, name) == after


@pytest.mark.parametrize("requirement", ["a b", "a\nb", "", "  ", "-r x.txt", "\x1b[31m", "--pre"])
def test_what_is_no_requirement_is_not_added(tmp_path: Path, requirement: str) -> None:
    with pytest.raises(UsageError):
        added(tmp_path, "x\n", requirement)
    assert (tmp_path / "requirements.txt").read_text() == "x\n"


def test_same_again(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"requirements.txt:2 declares numpy>=1 already"):
        added(tmp_path, "a\nnumpy>=1 # x\n", "numpy>=1")


def test_not_declared(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'six' is not declared by this project itself"):
        removed(tmp_path, "python-dateutil\n", "six")


def test_included_file_is_changed_in_its_own_place(tmp_path: Path) -> None:
    project = project_with(tmp_path, requirements_txt="-r base.txt\na\n", base_txt="numpy==1\n")
    edit = add(project, "pip", "numpy==2")
    assert (edit.path.name, edit.after) == ("base.txt", b"numpy==2\n")
    edit = remove(project, "pip", "numpy")
    assert (edit.path.name, edit.after) == ("base.txt", b"")


def test_constraints_are_not_requirements(tmp_path: Path) -> None:
    project = project_with(tmp_path, requirements_txt="-c limits.txt\na\n", limits_txt="six<2\n")
    with pytest.raises(UsageError, match="'six' is not declared"):
        remove(project, "pip", "six")
    assert add(project, "pip", "six").path.name == "requirements.txt"


def test_file_out_of_the_project_is_not_changed(tmp_path: Path) -> None:
    root = tmp_path / "function"
    root.mkdir()
    (tmp_path / "common.txt").write_text("numpy\n")
    project = project_with(root, requirements_txt="-r ../common.txt\n")
    with pytest.raises(UsageError, match=r"common.txt is not a file of this project"):
        remove(project, "pip", "numpy")


def test_no_file_yet(tmp_path: Path) -> None:
    edit = add(load_project(tmp_path), "pip", "numpy")
    assert edit.before is None
    edit.apply()
    assert (tmp_path / "requirements.txt").read_text() == "numpy\n"
    edit.undo()
    assert not (tmp_path / "requirements.txt").exists()


PYPROJECT = """# top
[project]
name = "x"
dependencies = [
  # web
  "requests>=2",   # http
  'Pillow; python_version<"3.12"'
]
[dependency-groups]
run = ["six", {include-group = "other"}]
other = ["idna"]

[tool.fctui.pip]
groups = ["run"]
"""


@pytest.mark.parametrize(
    ("requirement", "old", "new"),
    [
        ("requests==3", '"requests>=2"', '"requests==3"'),
        ("six<2", '"six"', '"six<2"'),
        (
            "flask",
            "'Pillow; python_version<\"3.12\"'\n",
            '\'Pillow; python_version<"3.12"\',\n  "flask"\n',
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_add_to_pyproject(
    tmp_path: Path, requirement: str, old: str, new: str, newline: str
) -> None:
    text = PYPROJECT.replace("\n", newline)
    edit = add(project_with(tmp_path, pyproject_toml=text), "pip", requirement)
    assert edit.after.decode() == PYPROJECT.replace(old, new).replace("\n", newline)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("requests", '  "requests>=2",   # http\n', ""),
        ("pillow", "  'Pillow; python_version<\"3.12\"'\n", ""),
        ("six", '["six", {', "[{"),
    ],
)
def test_remove_from_pyproject(tmp_path: Path, name: str, old: str, new: str) -> None:
    project = project_with(tmp_path, pyproject_toml=PYPROJECT)
    edit = remove(project, "pip", name)
    assert edit.after.decode() == PYPROJECT.replace(old, new)
    edit.apply()
    with pytest.raises(UsageError, match="not declared"):
        remove(load_project(tmp_path), "pip", name)


def test_array_on_one_line(tmp_path: Path) -> None:
    project = project_with(tmp_path, pyproject_toml='[project]\ndependencies = ["a"]\n')
    assert add(project, "pip", "b").after == b'[project]\ndependencies = ["a", "b"]\n'


def test_requirements_file_is_preferred_for_what_is_new(tmp_path: Path) -> None:
    project = project_with(tmp_path, pyproject_toml=PYPROJECT, requirements_txt="a\n")
    assert add(project, "pip", "flask").path.name == "requirements.txt"
    assert add(project, "pip", "requests==3").path.name == "pyproject.toml"


def test_same_again_in_pyproject(tmp_path: Path) -> None:
    project = project_with(tmp_path, pyproject_toml=PYPROJECT)
    with pytest.raises(UsageError, match=r"pyproject.toml declares requests>=2 already"):
        add(project, "pip", "requests>=2")
