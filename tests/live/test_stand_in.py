"""Root file systems of real suites, made in both ways, and what a kill leaves of one."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from fctui.managers.apt import stand_in as room
from fctui.managers.apt.mmdebstrap import unusable
from fctui.managers.apt.stand_in import StandIn, stand_in
from fctui.managers.apt.suite import root_of
from fctui.model.errors import FctuiError
from fctui.native.survey import survey_root
from fctui.sandbox.rooted import RootedSandbox, unavailable
from fctui.store.store import Store, default_store
from fctui.workflow.workflow import Workflow
from tests.support.recorder import Recorder

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]


def opened(tmp_path: Path, store: Store | None = None) -> Workflow:
    return Workflow.open(tmp_path, target="debian12", reporter=Recorder(), store=store)


def says(workflow: Workflow, made: StandIn, tmp_path: Path, code: str) -> str:
    """What the root's own Python prints."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    sandbox = RootedSandbox("root", made.root, tools, "/code", {"PATH": "/usr/bin"})

    async def ask() -> str:
        async with workflow.tasks.open("", "ask") as task:
            argv = ("/usr/bin/python3", "-c", code)
            return (await sandbox.run(argv, tools, task, lambda *_: None)).stdout.decode().strip()

    return asyncio.run(ask())


@pytest.mark.skipif(shutil.which("mmdebstrap") is None, reason="mmdebstrap is not here")
def test_both_ways_lead_to_the_same_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = opened(tmp_path)
    by_mmdebstrap = asyncio.run(stand_in(workflow.context))
    before = set(survey_root(by_mmdebstrap.root, "x86_64-linux-gnu").elves)
    monkeypatch.setattr(room, "unusable", lambda: "it is not to be used")
    monkeypatch.setattr(room, "_FORMAT", -1)
    assembled = asyncio.run(stand_in(opened(tmp_path).context))
    after = set(survey_root(assembled.root, "x86_64-linux-gnu").elves)
    assert (by_mmdebstrap.how, assembled.how) == ("made by mmdebstrap", "put together from debs")
    assert by_mmdebstrap.packages == assembled.packages
    assert before == after
    assert len(after) > 50
    for made in (by_mmdebstrap, assembled):
        asked = "import ssl, sqlite3, ctypes.util, pwd; print(ctypes.util.find_library('ssl'), "
        asked += "pwd.getpwuid(65534).pw_name)"
        assert says(workflow, made, tmp_path, asked) == "libssl.so.3 nobody"
        assert not any(
            os.lstat(os.path.join(top, name)).st_mode & 0o6000
            for top, _, names in os.walk(made.root)
            for name in names
        )


@pytest.mark.skipif(bool(unusable()), reason=unusable() or "mmdebstrap can be used")
def test_where_mmdebstrap_fails_the_root_is_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_FORMAT", -2)
    monkeypatch.setattr("fctui.managers.apt.mmdebstrap.CAPABILITIES", ())
    workflow = opened(tmp_path)
    made = asyncio.run(stand_in(workflow.context))
    assert made.how == "put together from debs"
    assert isinstance(workflow.tasks.reporter, Recorder)
    assert any("bwrap failed" in line for line in workflow.tasks.reporter.lines)
    shutil.rmtree(made.root.parent)


def test_it_is_made_once(tmp_path: Path) -> None:
    first = asyncio.run(stand_in(opened(tmp_path).context))
    again = opened(tmp_path)
    assert asyncio.run(stand_in(again.context)) == first
    assert isinstance(again.tasks.reporter, Recorder)
    assert not again.tasks.reporter.titles


def test_cancelled_it_leaves_nothing(tmp_path: Path) -> None:
    store = Store(default_store().root)
    workflow = opened(tmp_path, store)
    place = room._place(workflow.context, root_of(workflow.context, ()), ("hello",))

    async def cancelled() -> None:
        work = asyncio.ensure_future(stand_in(workflow.context, ("hello",)))
        told = workflow.tasks.reporter
        assert isinstance(told, Recorder)
        # A recorder has no event to wait for.
        while not any("mmdebstrap" in c for c in told.commands) and not work.done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.0)
        work.cancel()
        with pytest.raises((asyncio.CancelledError, FctuiError)):
            await work

    if not unusable():
        asyncio.run(cancelled())
        assert not place.exists()
        store.workspace.close()
        assert "mmdebstrap" not in Path("/proc/mounts").read_text()
        own = bytes(store.root / "tmp" / f"{os.getpid()}-")
        lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
        assert not any(b"mmdebstrap" in line and own in line for line in lines)
