"""`.pth` files that lead out of the bundle, and requirements that pip would only point at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.managers.pip.manager import Pip
from fctui.managers.pip.path_files import leading_out
from fctui.managers.pip.scheme import scheme
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package
from fctui.project.settings import PipSettings, Settings
from tests.support.pip_project import make_context, make_target
from tests.support.wheels import Wheel, make_sdist, unpack_sdist


def found(tmp_path: Path, wheel: Wheel, method: str = "target") -> list[Finding]:
    archive = tmp_path / wheel.filename
    archive.write_bytes(wheel.build())
    into = tmp_path / "unpacked"
    into.mkdir()
    contents = unpack_wheel(archive, into, "sha256:00")
    package = Package(manager="pip", id=wheel.name, name=wheel.name, version=wheel.version)
    target = make_target()
    return list(leading_out(package, contents, scheme(method, target, Settings()), target))


@pytest.mark.parametrize(
    "line",
    ["/home/somebody/src", "../../src", "import __editable___one_finder; install()"],
)
def test_what_leads_out_is_told(tmp_path: Path, line: str) -> None:
    files = {"one.pth": f"# made\n{line}\n".encode()}
    (finding,) = found(tmp_path, Wheel("one", files=files))
    assert finding.kind is Kind.LEADS_OUT
    assert (finding.subject, finding.needed_by, finding.breaks) == ("one.pth", ("one",), True)
    assert "one.pth of one leads to" in finding.message


@pytest.mark.parametrize("line", ["", "# nothing", "vendored", "import sys; sys.x = 1", "/code/a"])
def test_what_stays_inside_is_not(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, Wheel("one", files={"one.pth": f"{line}\n".encode()})) == []


def test_where_it_leads_depends_on_where_it_lies(tmp_path: Path) -> None:
    wheel = Wheel("one", files={"one/__init__.py": b"", "one.pth": b"../../../vendored\n"})
    assert found(tmp_path, wheel, "user") == []
    for path in (tmp_path / "unpacked").rglob("*"):
        if path.is_file():
            path.unlink()
    other = tmp_path / "other"
    other.mkdir()
    (finding,) = found(other, wheel, "target")
    assert not finding.breaks  # it has modules of its own


def test_a_file_of_a_data_directory_counts_and_a_nested_one_does_not(tmp_path: Path) -> None:
    wheel = Wheel("one", files={"one/x.pth": b"/away\n"}, data={"purelib/y.pth": b"/away\n"})
    assert [finding.subject for finding in found(tmp_path, wheel)] == ["y.pth"]


async def test_an_editable_requirement_becomes_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    project = tmp_path / "project"
    project.mkdir()
    unpack_sdist(make_sdist("kept"), project)
    source = project / "kept-1.0"
    backend = source / "pyproject.toml"
    backend.write_text(backend.read_text() + '[project]\nname = "kept"\nversion = "1.0"\n')
    context = make_context(
        project,
        tmp_path / "store",
        ["--no-index", "-e ./kept-1.0"],
        pip=PipSettings(sdists="host"),
    )
    resolution = await Pip().resolve(context)
    assert "declared with -e" in resolution.packages["kept"].note
    listing = await Pip().fetch(context, resolution)
    layout = Pip().layout(context, resolution, listing, "target")
    assert layout.findings == ()
    paths = {file.path for file in layout.files}
    assert "kept/__init__.py" in paths
    assert not any(path.endswith((".pth", ".egg-link")) for path in paths)
