"""Building sdists: confined, once, and taken only where the wheel fits the target."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.pip.fit import fits, glibc_of, host_glibc
from fctui.managers.pip.manager import Pip
from fctui.model.errors import TaskError
from fctui.model.target import Target
from fctui.project.settings import PipSettings
from fctui.sandbox.confine import available
from fctui.tasks.events import CommandShown
from tests.support.elves import elf_file
from tests.support.index import Index, serving
from tests.support.pip_project import events_of, make_context, make_target
from tests.support.wheels import Wheel, make_sdist, unpack_sdist

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"

needs_sandbox = pytest.mark.skipif(not available(), reason="no bubblewrap here")


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as served:
        yield served


class Build:
    """A project with one source distribution and one wheel."""

    def __init__(self, tmp_path: Path, index: Index, sdist: bytes) -> None:
        self.root = tmp_path / "project"
        self.root.mkdir()
        self.tmp_path = tmp_path
        self.index = index
        index.add_file("source-1.0.tar.gz", sdist)
        index.add(Wheel("beside"))

    def context(self, target: Target | None = None, *, sdists: str = "sandbox"):  # type: ignore[no-untyped-def]  # noqa: ANN201
        lines = [f"-i {self.index.simple}", "source", "beside"]
        pip = PipSettings(sdists=sdists)  # type: ignore[arg-type]
        target = target or make_target(HERE, host_glibc() or (2, 36))
        return make_context(self.root, self.tmp_path / "store", lines, target=target, pip=pip)


@needs_sandbox
async def test_built_once_and_away_from_the_host(tmp_path: Path, index: Index) -> None:
    trace = tmp_path / "trace"
    home = Path.home()
    hooks = (
        "def on_metadata(): pass\n"
        "def on_build():\n"
        f"    try:\n        open({str(trace)!r}, 'w').close()\n    except OSError:\n        pass\n"
        f"    assert not os.path.exists({str(tmp_path / 'secret')!r})\n"
        f"    assert 'SECRET_TOKEN' not in os.environ, {str(home)!r}\n"
    )
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    os.environ["SECRET_TOKEN"] = "x"
    try:
        build = Build(tmp_path, index, make_sdist("source", hooks=hooks))
        context = build.context()
        pip = Pip()
        resolution = await pip.resolve(context)
        before = await pip.contents(context, resolution)
        assert "source" in before.unknown
        assert "beside" in before.contents
        fetched = await pip.fetch(context, resolution)
    finally:
        del os.environ["SECRET_TOKEN"]
    assert fetched.unknown == {}
    assert not trace.exists()
    paths = {file.path for file in pip.layout(context, resolution, fetched, "target").files}
    assert {"source/__init__.py", "source-1.0.dist-info/RECORD", "beside/__init__.py"} <= paths
    for contents in fetched.contents.values():
        assert context.store.unpacked(contents.digest)
    again = build.context()
    known = await pip.contents(again, resolution)
    assert known.contents["source"].digest == fetched.contents["source"].digest
    await pip.fetch(again, resolution)
    assert not [e for e in events_of(again) if isinstance(e, CommandShown) and " build " in e.line]


@needs_sandbox
async def test_a_failed_build_is_a_value(tmp_path: Path, index: Index) -> None:
    hooks = (
        "def on_metadata(): pass\n"
        "def on_build(): raise RuntimeError('no \\x1b[31mcompiler\\x1b[0m here')\n"
    )
    build = Build(tmp_path, index, make_sdist("source", hooks=hooks))
    context = build.context()
    pip = Pip()
    resolution = await pip.resolve(context)
    fetched = await pip.fetch(context, resolution)
    assert set(fetched.contents) == {"beside"}
    assert "no compiler here" in fetched.unknown["source"]
    findings = pip.layout(context, resolution, fetched, "target").findings
    assert [(f.kind, f.subject) for f in findings] == [("unresolved", "source")]
    assert list((tmp_path / "store" / "tmp").glob("*/*")) == []


@needs_sandbox
async def test_machine_code_for_an_older_glibc_is_not_taken(tmp_path: Path, index: Index) -> None:
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    code = elf_file(needed=["libc.so.6"], requires={"libc.so.6": ["GLIBC_2.25"]})
    hooks = (
        "def on_metadata(): pass\n"
        "def on_build():\n    global _members\n    plain = _members()\n"
        f"    _members = lambda: plain | {{'source/_code.so': {code!r}}}\n"
    )
    sdist = make_sdist("source", tag=f"{tag}-{tag}-linux_x86_64", hooks=hooks)
    build = Build(tmp_path, index, sdist)
    pip = Pip()
    fitting = build.context()
    resolution = await pip.resolve(fitting)
    assert (await pip.fetch(fitting, resolution)).unknown == {}
    older = build.context(make_target(HERE, (2, 17)))
    resolution = await pip.resolve(older)
    unknown = (await pip.fetch(older, resolution)).unknown
    assert "needs glibc 2.25; the target has 2.17" in unknown["source"]


async def test_on_the_host_where_the_settings_say_so(tmp_path: Path, index: Index) -> None:
    trace = tmp_path / "trace"
    hooks = f"def on_metadata(): pass\ndef on_build(): open({str(trace)!r}, 'w').close()\n"
    context = Build(tmp_path, index, make_sdist("source", hooks=hooks)).context(sdists="host")
    fetched = await Pip().fetch(context, await Pip().resolve(context))
    assert fetched.unknown == {}
    assert trace.exists()


async def test_a_local_project_is_built_from_a_copy(tmp_path: Path, index: Index) -> None:
    context = Build(tmp_path, index, make_sdist("source")).context(sdists="host")
    root = context.project.root
    unpack_sdist(make_sdist("local"), root)
    local = root / "local-1.0"
    (local / "pyproject.toml").write_text(
        (local / "pyproject.toml").read_text(encoding="utf-8")
        + '[project]\nname = "local"\nversion = "1.0"\n',
        encoding="utf-8",
    )
    lines = [f"-i {index.simple}", "./local-1.0"]
    pip = PipSettings(sdists="host")
    target = make_target(HERE, host_glibc() or (2, 36))
    context = make_context(root, tmp_path / "store", lines, target=target, pip=pip)
    before = sorted(path.name for path in local.iterdir())
    resolution = await Pip().resolve(context)
    fetched = await Pip().fetch(context, resolution)
    assert fetched.unknown == {}
    files = Pip().layout(context, resolution, fetched, "target").files
    paths = {file.path for file in files}
    assert "local-1.0.dist-info/direct_url.json" in paths
    assert sorted(path.name for path in local.iterdir()) == before


async def test_a_wrong_hash_stops_the_fetch(tmp_path: Path, index: Index) -> None:
    context = Build(tmp_path, index, make_sdist("source")).context(sdists="host")
    index.wrong_hashes.add("beside-1.0-py3-none-any.whl")
    resolution = await Pip().resolve(context)
    with pytest.raises(TaskError, match="wrong sha256"):
        await Pip().fetch(context, resolution)


@pytest.mark.parametrize(
    ("filename", "native", "said"),
    [
        ("a-1-py3-none-any.whl", False, ""),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.whl", True, ""),
        ("a-1-cp311-cp311-manylinux_2_35_x86_64.whl", True, "it is not for Python 3.11"),
        ("a-1-cp310-cp310-linux_x86_64.whl", True, "it is not for Python 3.11"),
        ("a-1-cp311-cp311-linux_x86_64.whl", False, "it has machine code"),
    ],
)
def test_what_fits(filename: str, native: bool, said: str) -> None:
    found = fits(filename, make_target("3.11.2", (2, 31)), native=native, glibc=(2, 31))
    assert found.startswith(said)
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        (["GLIBC_2.2.5", "GLIBC_2.14"], (2, 14)),
        (["GLIBC_2.34"], (2, 34)),
        (["GLIBC_ABI_DT_RELR"], (2, 36)),
        ([], (2, 0)),
    ],
)
def test_a_wheel_built_on_a_newer_machine_fits_by_what_its_code_asks_for(
    tmp_path: Path, asked: list[str], needed: tuple[int, int]
) -> None:
    wheel = tmp_path / "a-1-cp311-cp311-linux_x86_64.whl"
    code = elf_file(needed=["libc.so.6"], requires={"libc.so.6": asked} if asked else {})
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a/__init__.py", "")
        archive.writestr("a/_a.so", code)
    assert glibc_of(wheel, (2, 36), (2, 28)) == needed
    problem = fits(wheel.name, make_target("3.11.2", (2, 28)), native=True, glibc=needed)
    assert bool(problem) == (needed > (2, 28))
    assert glibc_of(wheel, None, (2, 28)) is None  # musl
    assert [path.name for path in tmp_path.iterdir()] == [wheel.name]
