"""Which directories of a repository are functions, and how far each of them is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.present.workspace import table
from fctui.workflow.workspace import Member, find_members, workspace_of

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12}}
Resources:
  Api: {Type: AWS::Serverless::Function, Properties: {CodeUri: api}}
  Gone: {Type: AWS::Serverless::Function, Properties: {CodeUri: gone}}
  Bare: {Type: AWS::Serverless::Function, Properties: {CodeUri: bare}}
"""


def make(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(root: Path) -> dict[str, Member]:
    members = find_members(root)
    return {member.directory.relative_to(root.resolve()).as_posix(): member for member in members}


def test_directories_with_dependency_files(tmp_path: Path) -> None:
    make(tmp_path, package_json="{}", f__a__requirements_txt="six", f__b__apt_txt="libgomp1")
    make(tmp_path, f__a__tests__requirements_txt="pytest")
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/package.json").write_text("{}")
    make(tmp_path, venv2__pyvenv_cfg="", venv2__requirements_txt="", _hidden__requirements_txt="x")
    members = found(tmp_path)
    assert set(members) == {"f/a", "f/b"}
    assert members["f/b"].managers == ("apt",)
    assert {member.state for member in members.values()} == {"new"}


def test_one_function_alone_is_a_workspace(tmp_path: Path) -> None:
    make(tmp_path, requirements_txt="six")
    assert set(found(tmp_path)) == {"."}


def test_settings_and_templates_say_which(tmp_path: Path) -> None:
    make(tmp_path, template_yaml=TEMPLATE, api__requirements_txt="six", bare__index_py="")
    make(tmp_path, own__fctui_toml='target = "debian11"', other__requirements_txt="six")
    make(tmp_path, shared__pyproject_toml='[tool.fctui]\ntarget = "fc-python3.10"\n')
    members = found(tmp_path)
    assert set(members) == {"api", "own", "shared"}
    assert (members["api"].name, members["api"].target) == ("Api", "lambda-python3.12")
    assert members["shared"].target == "fc-python3.10"


def test_its_own_settings_win_over_the_template(tmp_path: Path) -> None:
    make(tmp_path, template_yaml=TEMPLATE, api__requirements_txt="six")
    make(tmp_path, api__fctui_toml='target = "debian11"')
    assert found(tmp_path)["api"].target == "debian11"
    make(tmp_path, api__fctui_toml='[pip]\nmethod = "user"\n')
    assert found(tmp_path)["api"].target == "lambda-python3.12"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("fctui_toml", "targt = 1", "unknown setting"),
        ("fctui_toml", 'target = "nowhere"', "no target named"),
        ("template_yml", "a: [", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_stays(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    make(tmp_path, **{f"bad__{name}": text, "good__fctui_toml": "", "good__apt_txt": "file"})
    members = found(tmp_path)
    assert said in members["bad"].problem
    assert members["bad"].state == "wrong"
    assert members["good"].state == "new"
    assert any(said in line for line in table(list(members.values()), tmp_path))


def test_states(tmp_path: Path) -> None:
    make(tmp_path, requirements_txt="six", fctui_toml="")
    manifest = (
        '{"format":1,"target":"debian12","method":"target","environment":{},"findings":[],'
        '"unknown":[],"files":[]}'
    )
    make(tmp_path, build__bundle___fctui__manifest_json=manifest)
    (member,) = find_members(tmp_path)
    assert (member.state, member.size) == ("built", len(manifest))
    stamp = (tmp_path / "build/bundle/.fctui/manifest.json").stat().st_mtime_ns
    os.utime(tmp_path / "requirements.txt", ns=(stamp + 10**9, stamp + 10**9))
    assert find_members(tmp_path)[0].state == "changed"
    os.utime(tmp_path / "requirements.txt", ns=(stamp, stamp))
    make(tmp_path, fctui_toml='target = "debian11"')
    assert find_members(tmp_path)[0].state == "changed"


def test_the_workspace_of_a_function(tmp_path: Path) -> None:
    make(tmp_path, template_yaml=TEMPLATE, api__v1__requirements_txt="six")
    assert workspace_of(tmp_path / "api/v1") == tmp_path.resolve()
    (tmp_path / "api/.git").mkdir()
    assert workspace_of(tmp_path / "api/v1") == tmp_path.resolve() / "api"


def test_no_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        find_members(tmp_path / "nowhere")
