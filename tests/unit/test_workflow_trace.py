"""A file's way forwards and backwards, on a project of our own wheels."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.present.trace import found_line, trace_lines
from fctui.workflow.trace import Trace, dotted, trace
from fctui.workflow.which import Finder, finder_of
from fctui.workflow.workflow import Workflow
from tests.support.wheelhouse import environment, make_project, make_wheel

SITE = "lib/python3.11/site-packages"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheels = tmp_path / "wheels"
    files = {
        "odd/__init__.py": b"",
        "odd/words.txt": b"words\n",
        "odd/deep/core.cpython-311-x86_64-linux-gnu.so": b"so",
        "odd-1.pth": b"odd\n",
        "Odd.Name-1.0.data/data/share/odd/table.txt": b"t",
    }
    make_wheel(wheels, "Odd.Name", files=files, scripts=("odd = odd:main",))
    for number in ("one", "two"):
        make_wheel(wheels, f"space-{number}", files={f"space/{number}.py": b""})
    for name, value in environment(wheels, tmp_path / "store").items():
        if name.startswith(("PIP_", "FCTUI_")):
            monkeypatch.setenv(name, value)
    for name in [name for name in os.environ if name.startswith("UV_")]:
        monkeypatch.delenv(name)
    return make_project(tmp_path / "project", "Odd.Name\nspace-one\nspace-two\n")


async def opened(project: Path, method: str = "target") -> tuple[Workflow, Finder]:
    workflow = Workflow.open(project, method=method)
    return workflow, finder_of(workflow, await workflow.plan())


async def traced(project: Path, asked: str, method: str = "target") -> Trace:
    workflow, finder = await opened(project, method)
    return trace(workflow, finder.find(asked)[0].file)


async def test_a_module_is_traced_through_all_four_methods(project: Path) -> None:
    told = await traced(project, "odd")
    assert (told.package, told.member, told.module) == ("odd-name", "odd/__init__.py", "odd")
    places = {place.method: place for place in told.places}
    assert {id_: place.path for id_, place in places.items()} == {
        "target": "odd/__init__.py",
        "user": f"{SITE}/odd/__init__.py",
        "virtualenv": f"{SITE}/odd/__init__.py",
        "install-option": f"{SITE}/odd/__init__.py",
    }
    assert places["target"].entry == "/code"
    assert "preset" in places["target"].found
    assert places["user"].entry == f"/code/{SITE}"
    assert "if PYTHONPATH has /code/lib" in places["user"].found
    assert told.places[0].method == "target"
    assert any("odd/__init__.py" in line for line in trace_lines(told))


async def test_the_method_in_force_comes_first(project: Path) -> None:
    told = await traced(project, f"{SITE}/odd/deep/core.cpython-311-x86_64-linux-gnu.so", "user")
    assert told.places[0].method == "user"
    assert told.module == "odd.deep.core"
    assert told.path.startswith(SITE)


@pytest.mark.parametrize(
    ("asked", "method", "said"),
    [
        ("odd-1.pth", "target", "not read: /code is no site directory"),
        ("odd-1.pth", "user", "PYTHONUSERBASE=/code"),
        ("share/odd/table.txt", "target", "sys.prefix is that of the target's own Python"),
        ("share/odd/table.txt", "virtualenv", "below sys.prefix"),
        ("bin/odd", "target", "by its path, or by name if PATH has /code/bin"),
        ("odd/words.txt", "target", "with its package"),
        ("METADATA", "target", "by importlib.metadata"),
        ("index.py", "target", "in /code, by the preset PYTHONPATH"),
    ],
)
async def test_how_each_kind_is_found(project: Path, asked: str, method: str, said: str) -> None:
    told = await traced(project, asked, method)
    assert said in told.places[0].found


async def test_a_launcher_comes_from_no_member(project: Path) -> None:
    told = await traced(project, "/code/bin/odd")
    assert (told.member, told.origin) == ("", "written by the installer")
    assert {place.path for place in told.places} == {"bin/odd"}


async def test_a_namespace_is_brought_by_all_its_distributions(project: Path) -> None:
    _, finder = await opened(project)
    found = [answer for answer in finder.find("space") if answer.whole and answer.manager == "pip"]
    assert {(f.what, f.package) for f in found} == {
        ("namespace", "space-one"),
        ("namespace", "space-two"),
    }
    assert [f.package for f in finder.find("space.two") if f.whole] == ["space-two"]


async def test_names_paths_and_directories_are_understood(project: Path) -> None:
    _, finder = await opened(project)
    assert finder.find("Odd_Name")[0].what == "distribution"
    assert finder.find("odd/deep")[0].what == "directory"
    assert finder.find("nothing.of.this") == ()
    assert finder.find("odd.attribute")[0].name == "odd"
    beginning = finder.find("od")
    assert beginning[0].name == "odd"
    assert not beginning[0].whole
    assert finder.find("  ") == ()
    assert finder.near("ood") == ["odd"]
    assert found_line(finder.find("odd")[0]).startswith("import odd  odd-name (pip)  ")


def test_import_names_follow_from_paths() -> None:
    assert dotted("a/b.py") == "a.b"
    assert dotted("a/__init__.py") == "a"
    assert dotted("a/b.abi3.so") == "a.b"
    assert dotted("a-b/c.py") == ""
    assert dotted("a/b.txt") == ""
