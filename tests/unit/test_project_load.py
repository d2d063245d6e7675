"""Finding a project's dependency files, its name, and what it declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.managers.apt.declared import declared_packages
from fctui.model.errors import UsageError
from fctui.project.declared import pip_requirements
from fctui.project.project import Project, load_project


def write(root: Path, **files: str) -> Path:
    """Files by name, `__` for a slash and `_txt` and the like for an ending."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        stem, _, ending = path.name.rpartition("_")
        path = path.with_name(f"{stem}.{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


CIRCLE = """[dependency-groups]
a = [{include-group = "b"}]
b = [{include-group = "a"}]
[tool.fctui.pip]
groups = ["a"]
"""


def used(project: Project, manager: str) -> list[str]:
    return [str(file.path.relative_to(project.root)) for file in project.of(manager)]


def found(project: Project) -> dict[str, bool]:
    return {str(file.path.relative_to(project.root)): file.used for file in project.files}


def test_empty_directory_declares_nothing(tmp_path: Path) -> None:
    project = load_project(tmp_path)
    assert project.files == ()
    assert project.settings_file is None
    assert pip_requirements(project).requirements == ()
    assert declared_packages(project, project.settings.apt) == ()


def test_all_kinds_are_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt="a",
        pyproject_toml='[project]\nname="x"\ndependencies=["b"]',
        apt_txt="libc6",
        package_json="{}",
        pom_xml="<project/>",
    )
    (tmp_path / "package-lock.json").write_text("{}")
    assert {(f.manager, f.kind) for f in load_project(tmp_path).files} == {
        ("pip", "requirements"),
        ("pip", "pyproject"),
        ("apt", "apt"),
        ("npm", "package.json"),
        ("npm", "package-lock.json"),
        ("maven", "pom.xml"),
    }


def test_other_requirement_files_are_listed_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.txt").write_text("pytest")
    write(tmp_path, requirements_txt="a", requirements__prod_txt="b")
    project = load_project(tmp_path)
    assert used(project, "pip") == ["requirements.txt"]
    assert found(project)["requirements-dev.txt"] is False
    assert found(project)["requirements/prod.txt"] is False


def test_settings_name_the_whole_list_of_requirement_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt="a",
        requirements__prod_txt="b",
        fctui_toml='[pip]\nrequirements = ["requirements/prod.txt"]',
    )
    project = load_project(tmp_path)
    assert used(project, "pip") == ["requirements/prod.txt"]
    assert [each.name for each in pip_requirements(project).requirements] == ["b"]


def test_pyproject_without_dependencies_is_not_used(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[tool.ruff]\nline-length = 100")
    assert found(load_project(tmp_path)) == {"pyproject.toml": False}


def test_one_apt_list_is_used_and_the_shrinkwrap_wins(tmp_path: Path) -> None:
    write(tmp_path, apt_txt="libc6", package_json="{}")
    for name in ("Aptfile", "apt-get.list", "package-lock.json", "npm-shrinkwrap.json"):
        (tmp_path / name).write_text("{}")
    project = load_project(tmp_path)
    assert used(project, "apt") == ["apt.txt"]
    assert used(project, "npm") == ["package.json", "npm-shrinkwrap.json"]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (
            {"pyproject_toml": '[project]\nname="thumb"', "package_json": '{"name":"other"}'},
            "thumb",
        ),
        ({"package_json": '{"name":"@me/thumb"}'}, "@me/thumb"),
        ({"package_json": '{"name": 3}'}, "dir"),
        ({"package_json": "{broken"}, "dir"),
        ({"package_json": '{"name":"a[/b]\\u001b[31m"}'}, "a-/b-31m"),
        ({"pyproject_toml": "[project]\nname=3"}, "dir"),
    ],
)
def test_name(tmp_path: Path, files: dict[str, str], name: str) -> None:
    root = tmp_path / "dir"
    root.mkdir()
    assert load_project(write(root, **files)).name == name


def test_directory_name_is_made_safe(tmp_path: Path) -> None:
    root = tmp_path / "\x1b[31m[b]x"
    root.mkdir()
    assert load_project(root).name == "31m-b-x"


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_project(tmp_path / "gone")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="not a directory"):
        load_project(tmp_path / "file")


def test_declared_tells_file_and_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        requirements_txt="# web\nRequests[socks]>=2 ; python_version > '3'\n-r more.txt\n./src\n",
        more_txt="\n\nnumpy==1.0\n",
        apt_txt="\n# graphics\nlibgl1=1.6 libx11-6:amd64 # both\n",
        fctui_toml='[apt]\npackages = [\n  "curl",\n  "libgl1=1.6",\n]\n',
    )
    project = load_project(tmp_path)
    requirements = pip_requirements(project).requirements
    assert [(each.text, each.source.name, each.line) for each in requirements] == [
        ("Requests[socks]>=2 ; python_version > '3'", "requirements.txt", 2),
        ("numpy==1.0", "more.txt", 3),
        ("./src", "requirements.txt", 4),
    ]
    packages = declared_packages(project, project.settings.apt)
    assert [(each.name, each.text, each.where) for each in packages] == [
        ("libgl1", "libgl1=1.6", "apt.txt:3"),
        ("libx11-6", "libx11-6:amd64", "apt.txt:3"),
        ("curl", "curl", "fctui.toml:3"),
    ]


def test_pyproject_extras_and_groups(tmp_path: Path) -> None:
    write(
        tmp_path,
        pyproject_toml="""[project]
name = "x"
dependencies = [
  "a>=1",
  'b; python_version < "3.12"',
]
[project.optional-dependencies]
Web_UI = ["c"]
other = ["unwanted"]
[dependency-groups]
run = ["d", {include-group = "Base.Group"}]
base-group = ["e"]
[tool.fctui.pip]
extras = ["web-ui"]
groups = ["run"]
""",
    )
    read = pip_requirements(load_project(tmp_path))
    assert [(r.name, r.line) for r in read.requirements] == [
        ("a", 4),
        ("b", 5),
        ("c", 8),
        ("d", 11),
        ("e", 12),
    ]
    assert read.requirements[1].marker == 'python_version < "3.12"'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[tool.fctui.pip]\nextras=["x"]', "no extra 'x'"),
        ('[dependency-groups]\na=[]\n[tool.fctui.pip]\ngroups=["b"]', "no dependency group 'b'"),
        (
            CIRCLE,
            "include one another: a → b → a",
        ),
        ('[project]\ndependencies=["a",3]', "project.dependencies is not a list"),
        (
            '[project]\ndependencies=[\n"a",\n"b c"]',
            r"pyproject.toml:4: 'b c' is not a requirement",
        ),
        ("[dependency-groups]\na=[{x=1}]\n[tool.fctui.pip]\ngroups=['a']", "not a list"),
    ],
)
def test_wrong_pyproject(tmp_path: Path, text: str, message: str) -> None:
    project = load_project(write(tmp_path, pyproject_toml=text))
    with pytest.raises(UsageError, match=message):
        pip_requirements(project)


def test_wrong_apt_setting_is_named_with_its_line(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, fctui_toml='[apt]\npackages = [\n  "LibGL",\n]\n'))
    with pytest.raises(UsageError, match=r"fctui.toml:3: 'LibGL' is not the name"):
        declared_packages(project, project.settings.apt)
