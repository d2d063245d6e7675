"""The comparison of the methods, the trace of a file, and the search for who brings it."""

from __future__ import annotations

import asyncio
import tomllib

import pytest

from fctui.model.errors import TaskError
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow

SITE = "lib/python3.11/site-packages"


async def test_the_four_stand_side_by_side(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        for method in ("install-option", "target", "user", "virtualenv"):
            assert "193.9 M" in screen.line_with(f" {method}")
        assert "PYTHONPATH" in screen.line_with(" user")
        assert "✔ target ★" in screen.text
        assert "2.4 K" in screen.line_with("virtualenv")
        assert "by the preset PYTHONPATH" in screen.text
        await screen.press("down")
        await screen.until_shown("or PYTHONUSERBASE=/code")
        await screen.press("escape")
        assert "5 bundle" in screen.text


async def test_it_opens_at_once_and_fills_in(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened(80, 24) as screen:
        workflow.gates["contents pip"] = asyncio.Event()  # virtualenv's own are asked for
        await screen.press("m")
        await screen.until(lambda: "…" not in screen.line_with(" user"))
        assert "…" in screen.line_with(" virtualenv")
        assert "★" not in screen.text
        await screen.press("down", "down", "enter")
        await screen.until_shown("This method is still being looked at.")
        workflow.gates["contents pip"].set()
        await screen.until_shown("★")
        assert "…" not in screen.line_with(" virtualenv")


async def test_leaving_stops_the_comparison_and_not_the_plan(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        workflow.gates["contents pip"] = asyncio.Event()
        await screen.press("m")
        await screen.until(lambda: "…" not in screen.line_with(" user"))
        assert screen.app._working() == []
        await screen.press("escape")
        await screen.until(lambda: all(w.is_finished for w in screen.app.workers))
        assert screen.app.main.plan is not None


async def test_a_failure_is_told_beside_what_is_known(
    opened: Opening, workflow: FakeWorkflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise TaskError("The seeds are gone [/x].", hint="Install virtualenv.")

    async with opened() as screen:
        monkeypatch.setattr(FakeWorkflow, "contents", broken)
        await screen.press("m")
        await screen.until_shown("The seeds are gone [/x].")
        assert "imports" not in screen.line_with(" virtualenv")
        await screen.press("down")
        await screen.until_shown("PYTHONUSERBASE=/code")


async def test_files_and_what_moves_where(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        await screen.press("tab")
        assert "certifi/" in screen.text
        await screen.press("tab")
        await screen.until_shown(f"./ → {SITE}/")
        assert "files move, 1 stay" in screen.line_with("target → install-option")
        await screen.press("v")
        await screen.until_shown("target → user")
        await screen.press("v")
        await screen.until_shown("only virtualenv has")
        await screen.press("escape", "down")
        await screen.until_shown("user → virtualenv")
        assert "0 files move" in screen.line_with("user → virtualenv")


async def test_choosing_is_for_the_session(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        workflow.asked.clear()
        await screen.press("down", "enter")
        await screen.until_shown('+ method = "user"')
        await screen.press("enter")
        await screen.until_shown("method user")
        await screen.until(lambda: screen.app.main.plan is not None)
        assert screen.app.main.plan is not None
        assert screen.app.main.plan.method == "user"
        assert workflow.asked == []
        assert not (workflow.root / "fctui.toml").exists()


async def test_choosing_is_written_where_that_is_wanted(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    settings = workflow.root / "fctui.toml"
    settings.write_text('# ours\n[pip]\nresolver = "uv"  # fast\n')
    async with opened() as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        await screen.press("down", "enter", "w")
        await screen.until_shown("u undoes it")
        await screen.until_shown("method user")
        assert settings.read_text() == '# ours\n[pip]\nresolver = "uv"  # fast\nmethod = "user"\n'
        await screen.press("u")
        await screen.until_shown("Undone: set pip.method to user")
        assert settings.read_text() == '# ours\n[pip]\nresolver = "uv"  # fast\n'
        await screen.until_shown("method target")


async def test_an_environment_is_listed_with_its_own_distributions(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        await screen.press("down", "down", "enter", "enter")
        await screen.until_shown("method virtualenv")
        await screen.until(lambda: "pip" in workflow.made[-1].listings)
        assert "resolve pip" not in workflow.asked[-1:]
        await screen.until(lambda: screen.app.main.plan is not None)


async def test_the_form_shows_what_follows_and_writes(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    settings = workflow.root / "fctui.toml"
    async with opened(80, 24) as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        await screen.press("o")
        await screen.until_shown("purelib, platlib → lib/python3.11/site-packages/")
        await screen.press("tab")
        await screen.type("python")
        await screen.until_shown("purelib, platlib → python/")
        await screen.press("down", "down", "down")
        await screen.type("../up")
        await screen.until_shown("does not lie in the bundle")
        await screen.press("enter")
        assert not settings.exists()
        await screen.press(*["backspace"] * 5)
        await screen.until_shown('+ lib = "python"')
        await screen.press("enter")
        await screen.until_shown("PYTHONPATH=/code/python:/code")
        assert tomllib.loads(settings.read_text()) == {"pip": {"install-option": {"lib": "python"}}}
        await screen.press("tab", "tab")
        await screen.until_shown("python/ → ./")
        await screen.press("escape", "escape", "u")
        await screen.until(lambda: not settings.exists())


async def test_m_waits_for_the_packages(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.gates["resolve pip"] = asyncio.Event()
    async with opened(settle=False) as screen:
        await screen.until(lambda: "pip" in screen.app.main.busy)
        await screen.press("m")
        await screen.until_shown("The pip packages are being resolved")
        workflow.gates["resolve pip"].set()
        await screen.until(lambda: screen.app.main.plan is not None)


async def test_a_file_of_the_details_is_traced(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        await screen.press("f")
        await screen.until_shown("Choose a file first")
        await screen.press("right", "down", "enter", "e", "end", "f")
        await screen.until_shown("importlib.metadata")
        assert f"{SITE}/numpy-2.4.6.dist-info/" in screen.text
        assert "numpy-2.4.6.whl: numpy-2.4.6.dist-info/METADATA" in screen.text
        assert "✔ target" in screen.text
        await screen.press("escape")
        assert "The way of a file" not in screen.text


async def test_a_file_of_the_bundle_is_traced(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("5", "end", "f")
        await screen.until_shown("a file of the project")
        assert "import           handler" in screen.text


async def test_a_file_of_a_method_is_traced_under_it(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("m")
        await screen.until_shown("★ fits")
        await screen.press("down", "tab", "e", "down", "f")
        await screen.until_shown("The way of a file")
        await screen.until_shown("✔ user")


async def test_the_search_leads_to_the_package(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        await screen.press("F")
        await screen.type("numpy.cor")
        await screen.until_shown("import       numpy.core")
        await screen.type("e")
        await screen.until_shown("numpy-2.4.6.whl: numpy/core.py")
        await screen.press("enter")
        await screen.until(lambda: screen.cursor == "numpy")
        await screen.press("F")
        await screen.type("libGL.so.1")
        await screen.until_shown("lib/libGL.so.1")
        await screen.press("enter")
        await screen.until(lambda: screen.app.main.pane.pane in {"apt", "bundle"})


async def test_the_search_says_what_nobody_brings(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("F")
        await screen.type("json")
        await screen.until_shown("It is a part of Python itself.")
        await screen.press(*["backspace"] * 4)
        await screen.type("[/x]")
        await screen.until_shown("No package brings [/x].")
        await screen.press("escape")
        assert screen.cursor == "opencv-python"
