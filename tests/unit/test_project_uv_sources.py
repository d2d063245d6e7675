"""Where a project of uv takes packages from: not from the public index by chance."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fctui.managers.pip.manager import Pip
from fctui.managers.pip.uv_tool import find_uv
from fctui.model.errors import UsageError
from fctui.project.declared import pip_requirements
from fctui.project.project import load_project
from fctui.project.pyproject import pyproject_requirements
from fctui.project.settings import PipSettings
from tests.support.index import serving
from tests.support.pip_project import make_context
from tests.support.wheels import Wheel

HEAD = '[project]\nname = "fn"\nversion = "0"\ndependencies = {}\n[tool.uv.sources]\n'


def declared(
    place: Path, dependency: str, source: str, settings: PipSettings | None = None
) -> list[str]:
    file = place / "pyproject.toml"
    file.write_text(HEAD.format(f"['{dependency}']") + source, encoding="utf-8")
    return [each.text for each in pyproject_requirements(file, settings or PipSettings())]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{ path = "../shared", editable = true }', "thing @ ../shared"),
        ('{ path = "libs/thing.whl" }', "thing @ ./libs/thing.whl"),
        ('{ path = "/opt/thing" }', "thing @ /opt/thing"),
        ('{ url = "https://example.invalid/t.whl" }', "thing @ https://example.invalid/t.whl"),
        (
            '{ git = "https://example.invalid/t", tag = "v1", subdirectory = "py" }',
            "thing @ git+https://example.invalid/t@v1#subdirectory=py",
        ),
    ],
)
def test_a_source_is_a_place(tmp_path: Path, source: str, text: str) -> None:
    assert declared(tmp_path, "Thing>=1", f"thing = {source}") == [text]


def test_extras_and_markers_stay(tmp_path: Path) -> None:
    source = 'Thing = { path = "../t", marker = "python_version > \'3.8\'" }'
    found = declared(tmp_path, 'thing[b,a]>=1; sys_platform == "linux"', source)
    assert found == ["thing[a,b] @ ../t ; (sys_platform == \"linux\") and (python_version > '3.8')"]


def test_several_sources_and_what_they_are_limited_to(tmp_path: Path) -> None:
    source = (
        "thing = [\n"
        "  { path = './a', marker = \"sys_platform == 'linux'\" },\n"
        "  { path = './b', marker = \"sys_platform != 'linux'\" },\n"
        "  { path = './c', group = 'gpu' },\n"
        "]\n"
    )
    found = declared(tmp_path, "thing", source)
    assert [text.partition(" ;")[0] for text in found] == ["thing @ ./a", "thing @ ./b"]
    assert declared(tmp_path, "thing", "thing = { path = './c', group = 'gpu' }") == ["thing"]
    grouped = "thing = { path = './c', group = 'gpu' }\n[dependency-groups]\ngpu = []\n"
    assert declared(tmp_path, "thing", grouped, PipSettings(groups=("gpu",))) == ["thing @ ./c"]


def test_members_of_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = ['libs/*']\n")
    member = tmp_path / "libs" / "here"
    member.mkdir(parents=True)
    (member / "pyproject.toml").write_text("[project]\nname = 'Thing'\nversion = '0'\n")
    function = tmp_path / "fn"
    function.mkdir()
    found = declared(function, "thing", "thing = { workspace = true }")
    assert found == ["thing @ ../libs/here"]
    with pytest.raises(UsageError, match="has none of that name"):
        declared(function, "other", "other = { workspace = true }")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("thing = 1", "is not a table"),
        ("thing = { index = 'none' }", "names the index 'none', which is not there"),
        ("thing = {}", "no source that is known"),
        ("thing = { index = 'x' }\n[[tool.uv.index]]\nname = 'x'", "not a list of tables"),
    ],
)
def test_what_is_no_source_is_told(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        declared(tmp_path, "thing", source)


async def test_the_index_that_is_named_and_no_other(tmp_path: Path) -> None:
    """The public one has a newer version of the private package: that is the trap."""
    with serving() as public, serving() as private:
        public.add(Wheel("mine", "9.0"), Wheel("open", requires=["deep"]), Wheel("deep"))
        private.add(Wheel("mine", "1.0", requires=["open"]), Wheel("open", "9.0"))
        root = tmp_path / "fn"
        root.mkdir()
        (root / "pyproject.toml").write_text(
            HEAD.format("['mine']") + "mine = { index = 'own' }\n"
            f"[[tool.uv.index]]\nname = 'own'\nurl = '{private.simple}'\nexplicit = true\n"
            f"[[tool.uv.index]]\nurl = '{public.simple}'\ndefault = true\n"
        )
        assert pip_requirements(load_project(root)).options == (("--index-url", public.simple),)
        context = make_context(root, tmp_path / "store")
        found = await Pip().resolve(context)
        assert {p.id: p.version for p in found.packages.values()} == {
            "mine": "1.0",
            "open": "1.0",
            "deep": "1.0",
        }
        (statement,) = (s for s in Pip().statements(context) if "mine" in s.text)
        assert private.simple in statement.text
        with pytest.raises(UsageError, match="one index alone"):
            await Pip().resolve(
                make_context(root, tmp_path / "other", pip=PipSettings(resolver="pip"))
            )


def test_the_versions_of_uvs_lock(tmp_path: Path) -> None:
    """They stay as long as they answer for what is declared, and nothing newer is asked for."""
    with serving() as index:
        index.add(Wheel("one", requires=["two"]), Wheel("two"))
        root = tmp_path / "fn"
        root.mkdir()
        text = HEAD.replace("[tool.uv.sources]\n", f"[[tool.uv.index]]\nurl = '{index.simple}'\n")
        file = root / "pyproject.toml"
        file.write_text(text.format("['one']") + "default = true\n")
        argv = [find_uv(), "lock", "-q", "--no-cache", "--directory", str(root)]
        subprocess.run([*argv, "--python", sys.executable], check=True)
        index.add(Wheel("one", "2.0", requires=["two"]), Wheel("two", "2.0"))

        def versions(*, upgrade: bool = False) -> dict[str, str]:
            context = replace(make_context(root, tmp_path / "store"), upgrade=upgrade)
            found = asyncio.run(Pip().resolve(context))
            return {package.id: package.version for package in found.packages.values()}

        assert versions() == {"one": "1.0", "two": "1.0"}
        assert versions(upgrade=True) == {"one": "2.0", "two": "2.0"}
        file.write_text(file.read_text().replace("'one'", "'one>=2'"))
        assert versions() == {"one": "2.0", "two": "1.0"}
        (root / "uv.lock").unlink()
        assert versions() == {"one": "2.0", "two": "2.0"}
