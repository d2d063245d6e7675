"""Resolving against an index on the loopback interface, with both engines."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.interface import Context
from fctui.managers.pip.manager import Pip
from fctui.model.errors import FctuiError, ResolutionError, TaskError
from fctui.model.package import Resolution
from fctui.model.plan import Generated
from fctui.model.target import Target
from fctui.project.settings import PipSettings
from fctui.sandbox.confine import available
from fctui.tasks.events import CommandShown, LogLines, TaskFinished
from tests.support.index import Index, serving
from tests.support.pip_project import events_of, make_context, make_target
from tests.support.wheels import Wheel, make_sdist, unpack_sdist

needs_sandbox = pytest.mark.skipif(not available(), reason="no bubblewrap here")


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tester's own pip and uv are not asked."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as served:
        yield served


class Project:
    """A project on a loopback index."""

    def __init__(self, tmp_path: Path, index: Index) -> None:
        self.root = tmp_path / "project"
        self.root.mkdir()
        self.store = tmp_path / "store"
        self.index = index

    def context(
        self,
        *requirements: str,
        target: Target | None = None,
        pip: PipSettings | None = None,
        refresh: bool = False,
        offline: bool = False,
        index_url: str = "",
    ) -> Context:
        lines = [f"-i {index_url or self.index.simple}", *requirements]
        return make_context(
            self.root,
            self.store,
            lines,
            target=target,
            pip=pip,
            refresh=refresh,
            offline=offline,
        )

    async def resolve(self, *requirements: str, **options: object) -> Resolution:
        return await Pip().resolve(self.context(*requirements, **options))  # type: ignore[arg-type]


@pytest.fixture
def project(tmp_path: Path, index: Index) -> Project:
    return Project(tmp_path, index)


def versions(resolution: Resolution) -> dict[str, str]:
    return {package.id: package.version for package in resolution.packages.values()}


@pytest.mark.parametrize("resolver", ["uv", "pip"])
async def test_graph_extras_and_the_targets_markers(
    project: Project, index: Index, resolver: str
) -> None:
    index.add(
        Wheel("Top-Level", requires=["Middle[fast]>=1", "old ; python_version < '3.9'"]),
        Wheel("middle", requires=["leaf", "speed ; extra == 'fast'"], extras=["fast"]),
        Wheel("leaf"),
        Wheel("leaf", "2.0", requires_python=">=3.10"),
        Wheel("speed", requires=["windows ; sys_platform == 'win32'"]),
        Wheel("old"),
        Wheel("windows"),
        Wheel("never"),
    )
    settings = PipSettings(resolver=resolver)  # type: ignore[arg-type]
    lines = ("top_level", "never ; python_version < '3'")
    found = await project.resolve(*lines, pip=settings, target=make_target("3.8.18"))
    assert versions(found) == {
        "top-level": "1.0",
        "middle": "1.0",
        "leaf": "1.0",
        "speed": "1.0",
        "old": "1.0",
    }
    assert found.packages["top-level"].requires == ("middle", "old")
    assert found.packages["middle"].requires == ("leaf", "speed")
    assert [(root.id, root.requirement, root.line) for root in found.roots] == [
        ("top-level", "top_level", 2)
    ]
    leaf = found.packages["leaf"].artifact
    assert leaf is not None
    data = index.files["leaf-1.0-py3-none-any.whl"]
    assert leaf.url == f"{index.url}/files/leaf-1.0-py3-none-any.whl"
    assert leaf.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    newer = await project.resolve(*lines, pip=settings, target=make_target("3.13.0"))
    assert versions(newer) == {
        "top-level": "1.0",
        "middle": "1.0",
        "leaf": "2.0",
        "speed": "1.0",
    }


@pytest.mark.parametrize("html", [False, True])
async def test_an_older_version_where_the_glibc_is_too_old(
    project: Project, index: Index, html: bool
) -> None:
    index.html = html
    for version, glibc in (("1.0", 17), ("1.1", 27), ("1.2", 28), ("1.3", 34)):
        index.add(Wheel("native", version, f"cp311-cp311-manylinux_2_{glibc}_x86_64"))
    index.add_file("native-1.2.tar.gz", make_sdist("native", "1.2"))
    found = await project.resolve("native", target=make_target(glibc=(2, 27)))
    package = found.packages["native"]
    assert package.version == "1.1"
    assert package.note == "1.3 was not taken: its wheels need glibc 2.34, the target has 2.27"
    assert not package.needs_build
    newest = await project.resolve("native", target=make_target(glibc=(2, 34)))
    assert newest.packages["native"].version == "1.3"
    assert newest.packages["native"].note == ""


async def test_no_version_with_a_glibc_old_enough(project: Project, index: Index) -> None:
    index.add(Wheel("native", "1.3", "cp311-cp311-manylinux_2_34_x86_64"))
    with pytest.raises(ResolutionError, match=r"native 1\.3: its wheels need glibc 2\.34"):
        await project.resolve("native", target=make_target(glibc=(2, 27)))


@needs_sandbox
async def test_the_newest_is_built_where_no_older_wheel_will_do(
    project: Project, index: Index
) -> None:
    index.add(Wheel("native", "1.3", "cp311-cp311-manylinux_2_34_x86_64"))
    index.add_file("native-1.3.tar.gz", make_sdist("native", "1.3"))
    found = await project.resolve("native", target=make_target(glibc=(2, 27)))
    package = found.packages["native"]
    assert package.needs_build
    assert package.note == ("has to be built: its wheels need glibc 2.34, the target has 2.27")


@needs_sandbox
@pytest.mark.parametrize("resolver", ["uv", "pip"])
async def test_an_sdists_metadata_is_made_in_the_sandbox(
    project: Project, index: Index, tmp_path: Path, resolver: str
) -> None:
    index.add(Wheel("leaf"))
    trace = tmp_path / "trace"
    hooks = (
        "def on_metadata():\n"
        f"    try:\n        open({str(trace)!r}, 'w').close()\n"
        "    except OSError:\n        pass\n"
        "def on_build():\n    pass\n"
    )
    index.add_file("source-1.0.tar.gz", make_sdist("source", requires=["leaf"], hooks=hooks))
    settings = PipSettings(resolver=resolver)  # type: ignore[arg-type]
    found = await project.resolve("source", pip=settings)
    assert versions(found) == {"source": "1.0", "leaf": "1.0"}
    assert found.packages["source"].needs_build
    assert found.packages["source"].requires == ("leaf",)
    assert not trace.exists()


async def test_no_sdist_is_touched_where_the_settings_say_never(
    project: Project, index: Index
) -> None:
    index.add_file("source-1.0.tar.gz", make_sdist("source"))
    with pytest.raises(ResolutionError) as raised:
        await project.resolve("source", pip=PipSettings(sdists="never"))
    assert 'sdists = "never"' in raised.value.hint


async def test_builds_on_the_host_where_the_settings_say_so(
    project: Project, index: Index, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    hooks = f"def on_metadata(): open({str(trace)!r}, 'w').close()\ndef on_build(): pass\n"
    index.add_file("source-1.0.tar.gz", make_sdist("source", hooks=hooks))
    found = await project.resolve("source", pip=PipSettings(sdists="host"))
    assert found.packages["source"].needs_build
    assert trace.exists()


@pytest.mark.parametrize("resolver", ["uv", "pip"])
async def test_what_cannot_be_resolved(project: Project, index: Index, resolver: str) -> None:
    settings = PipSettings(resolver=resolver, sdists="never")  # type: ignore[arg-type]
    index.add(Wheel("one"), Wheel("one", "2.0"))
    with pytest.raises(ResolutionError, match="nowhere"):
        await project.resolve("nowhere", pip=settings)
    with pytest.raises(ResolutionError, match="one"):
        await project.resolve("one<2", "one>=2", pip=settings)


@pytest.mark.parametrize("resolver", ["uv", "pip"])
async def test_a_conflict_names_the_lines_and_no_setting_of_the_resolver(
    project: Project, index: Index, resolver: str
) -> None:
    settings = PipSettings(resolver=resolver)  # type: ignore[arg-type]
    index.add(Wheel("one"), Wheel("one", "2.0"), Wheel("other"))
    with pytest.raises(ResolutionError) as raised:
        await project.resolve("other", "one<2", "one>=2", pip=settings)
    error = raised.value
    assert "one<2 (requirements.txt:3), one>=2 (requirements.txt:4)" in error.hint
    assert "other" not in error.hint.partition("\n")[0]
    assert "tool.uv" not in error.message
    assert "markers" not in error.message


async def test_an_index_that_is_not_there(project: Project) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    url = f"http://user:secret@127.0.0.1:{port}/simple"
    context = project.context("one", index_url=url)
    with pytest.raises(TaskError) as raised:
        await Pip().resolve(context)
    assert f"http://127.0.0.1:{port}/simple" in raised.value.hint
    assert "secret" not in raised.value.message + raised.value.hint


async def test_credentials_reach_the_index_and_no_event(project: Project, index: Index) -> None:
    index.credentials = ("user", "s3cret")
    index.add(Wheel("one", requires=["two"]), Wheel("two"))
    url = index.simple.replace("http://", "http://user:s3cret@")
    context = project.context("one", index_url=url)
    found = await Pip().resolve(context)
    assert set(found.packages) == {"one", "two"}
    listing = await Pip().contents(context, found)
    assert set(listing.contents) == {"one", "two"}
    fetched = await Pip().fetch(context, found)
    assert set(fetched.contents) == {"one", "two"}
    told = [str(e) for e in events_of(context)]
    assert any("uv" in text for text in told)
    assert not any("s3cret" in text for text in told)
    assert "s3cret" not in str(found)
    with pytest.raises(FctuiError):
        await project.resolve("one", refresh=True)


async def test_a_second_run_asks_nothing(project: Project, index: Index) -> None:
    index.add(Wheel("one"))
    first = await project.resolve("one")
    asked = len(index.requests)
    assert await project.resolve("one") == first
    assert len(index.requests) == asked
    index.add(Wheel("one", "2.0"))
    assert versions(await project.resolve("one", offline=True)) == {"one": "1.0"}
    assert versions(await project.resolve("one", refresh=True)) == {"one": "2.0"}
    assert versions(await project.resolve("one>=1")) == {"one": "2.0"}


async def test_an_old_memory_is_asked_again(
    project: Project, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(Wheel("one"))
    await project.resolve("one")
    asked = len(index.requests)
    monkeypatch.setattr("fctui.managers.pip.resolve.FRESH", -1.0)
    await project.resolve("one")
    assert len(index.requests) > asked


async def test_hashes_of_requirements_decide_the_file(project: Project, index: Index) -> None:
    index.add(Wheel("one"), Wheel("one", tag="py3-none-manylinux_2_17_x86_64"))
    pure = hashlib.sha256(index.files["one-1.0-py3-none-any.whl"]).hexdigest()
    found = await project.resolve(f"one==1.0 --hash=sha256:{pure}")
    artifact = found.packages["one"].artifact
    assert artifact is not None
    assert artifact.filename == "one-1.0-py3-none-any.whl"
    with pytest.raises(TaskError, match="has a hash that the requirements name"):
        await project.resolve(f"one==1.0 --hash=sha256:{'0' * 64}")
    index.add(Wheel("needy", requires=["one"]))
    needy = hashlib.sha256(index.files["needy-1.0-py3-none-any.whl"]).hexdigest()
    with pytest.raises(ResolutionError, match="one has no hash"):
        await project.resolve(f"needy==1.0 --hash=sha256:{needy}")


async def test_constraints_and_a_find_links_that_is_not_there(
    project: Project, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(Wheel("one"), Wheel("one", "2.0", requires=["local"]))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    local = Wheel("local", "3.0")
    (wheels / local.filename).write_bytes(local.build())
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path}/nowhere {wheels}")
    assert versions(await project.resolve("one")) == {"one": "2.0", "local": "3.0"}
    (project.root / "limits.txt").write_text("one<2\n", encoding="utf-8")
    assert versions(await project.resolve("-c limits.txt", "one")) == {"one": "1.0"}


async def test_files_and_directories_of_this_machine(project: Project, index: Index) -> None:
    index.add(Wheel("leaf"))
    local = Wheel("local", requires=["leaf"])
    (project.root / local.filename).write_bytes(local.build())
    context = project.context(f"./{local.filename}")
    found = await Pip().resolve(context)
    assert versions(found) == {"local": "1.0", "leaf": "1.0"}
    listing = await Pip().contents(context, found)
    layout = Pip().layout(context, found, listing, "target")
    paths = {file.path for file in layout.files}
    assert "local-1.0.dist-info/direct_url.json" in paths
    assert "leaf-1.0.dist-info/direct_url.json" not in paths


async def test_an_unsound_proposal_of_names_cannot_escape(project: Project, index: Index) -> None:
    """What stands in a requirement is data: neither TOML nor an option of uv."""
    with pytest.raises(FctuiError) as raised:
        await project.resolve('one ; python_version > "3" and "\\u001b" == ""')
    assert "\x1b" not in raised.value.message


@pytest.mark.parametrize("sdists", ["host", pytest.param("sandbox", marks=needs_sandbox)])
async def test_a_repository(project: Project, index: Index, tmp_path: Path, sdists: str) -> None:
    index.add(Wheel("leaf"))
    repository = tmp_path / "repository"
    repository.mkdir()
    data = make_sdist("kept", requires=["leaf"])
    unpack_sdist(data, repository)
    git = ["git", "-C", str(repository), "-c", "user.name=n", "-c", "user.email=n@example.invalid"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True)  # noqa: ASYNC221 - nothing else runs
    url = f"git+{repository.as_uri()}#subdirectory=kept-1.0"
    context = project.context(f"kept @ {url}", pip=PipSettings(sdists=sdists))  # type: ignore[arg-type]
    found = await Pip().resolve(context)
    assert versions(found) == {"kept": "1.0", "leaf": "1.0"}
    fetched = await Pip().fetch(context, found)
    assert fetched.unknown == {}
    files = Pip().layout(context, found, fetched, "target").files
    direct = next(f.source for f in files if f.path.endswith("direct_url.json"))
    assert isinstance(direct, Generated)
    told = json.loads(direct.data)
    assert told["url"] == repository.as_uri()
    assert told["vcs_info"]["vcs"] == "git"
    assert len(told["vcs_info"]["commit_id"]) == 40


async def test_cancelled_it_leaves_nothing(project: Project, index: Index) -> None:
    index.delay = 5
    context = project.context("one")
    running = asyncio.create_task(Pip().resolve(context))
    while not index.requests:  # noqa: ASYNC110 - filled by another thread
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    index.delay = 0
    assert list((project.store / "tmp").glob("*/*")) == []
    assert [e.state for e in events_of(context) if isinstance(e, TaskFinished)] == ["cancelled"]
    index.add(Wheel("one"))
    assert versions(await project.resolve("one")) == {"one": "1.0"}


async def test_every_task_ends_and_shows_its_command(project: Project, index: Index) -> None:
    index.add(Wheel("one"))
    context = project.context("one")
    await Pip().resolve(context)
    events = events_of(context)
    shown = [e.line for e in events if isinstance(e, CommandShown)]
    assert any(" lock " in line for line in shown)
    assert [e.state for e in events if isinstance(e, TaskFinished)] == ["done"]
    assert [e for e in events if isinstance(e, LogLines)]
