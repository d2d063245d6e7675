"""The keys that filter, ask, build, stop and log."""

from __future__ import annotations

import asyncio

import pytest

from fctui.model.errors import TaskError
from fctui.tui.screens.keys import KEYS
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow


async def test_filter_keeps_ancestors_and_moves_while_typing(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("slash", *"cry")
        assert "oss2" in screen.text
        assert "aliyun-python-sdk-core" in screen.text
        assert "pandas" not in screen.text
        assert "2 of 22" in screen.text
        assert screen.cursor == "pycryptodome"
        await screen.press("down", "down", "down")
        assert screen.cursor == "cryptography"
        await screen.press("enter", "up")
        assert screen.cursor == "aliyun-python-sdk-core"
        assert "pandas" not in screen.text
        await screen.press("escape")
        assert "pandas" in screen.text


async def test_filter_by_size_and_with_nothing_found(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("slash", "greater_than_sign", *"20m")
        assert "3 of 22" in screen.text
        assert "pillow" not in screen.text
        await screen.press("escape", "slash", *"nothing-has-this")
        assert "0 of 22" in screen.text
        await screen.press("escape")
        assert "pillow" in screen.text


async def test_each_pane_keeps_its_own_filter(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("slash", *"numpy", "enter", "2")
        assert "numpy" not in screen.lines[-4]
        await screen.press("1")
        assert "/ numpy" in screen.text
        assert "pillow" not in screen.text


async def test_filter_of_details_keeps_files(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("right", "down", "enter", "slash", *"part_07")
        assert "numpy/core/part_07.py" in screen.text
        assert "numpy/core/part_08.py" not in screen.text
        await screen.press("escape")
        assert "◆ 2 .so" in screen.text


async def test_build_shows_command_progress_and_result(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    workflow.gates["build"] = asyncio.Event()
    async with opened() as screen:
        await screen.press("b")
        await screen.until_shown("120 of 240 files")
        assert "c stops" in screen.text
        await screen.press("b")
        await screen.until_shown("A build is running: c stops it.")
        assert "$ ln store/… build/bundle/…" in screen.text
        await screen.press("l")
        await screen.until_shown("link 59")
        workflow.gates["build"].set()
        await screen.until_shown("build/bundle")
        await screen.press("l", "5")
        await screen.until_shown("✔ built in 0.3 s")
        assert workflow.asked.count("build") == 1


async def test_cancel_stops_the_build_and_it_can_be_built_again(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    workflow.gates["build"] = asyncio.Event()
    async with opened() as screen:
        await screen.press("c")
        await screen.until_shown("Nothing is running.")
        await screen.press("b")
        await screen.until_shown("120 of 240 files")
        await screen.press("x")
        await screen.until_shown("Stopped. The old bundle")
        assert workflow.cancelled == ["build"]
        assert "cancelled" in screen.text
        workflow.gates["build"].set()
        await screen.press("b", "5")
        await screen.until_shown("✔ built in 0.3 s")


async def test_cancel_of_a_resolution_says_how_to_go_on(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    workflow.gates["resolve apt"] = asyncio.Event()
    async with opened(settle=False) as screen:
        await screen.until_shown("1 pip 22")
        await screen.press("2", "c")
        await screen.until_shown("Stopped before the packages were resolved.")
        assert "r starts again" in screen.text
        workflow.gates["resolve apt"].set()
        await screen.press("r")
        await screen.until_shown("libgl1")


async def test_a_failed_build_says_what_to_do(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.errors["build"] = TaskError("The disk is full [/x].", hint="Free some space.")
    async with opened() as screen:
        await screen.press("b")
        await screen.until_shown("The disk is full [/x].")
        assert "Free some space." in screen.text
        assert "opencv-python" in screen.text


async def test_an_unforeseen_error_is_told_and_the_screen_lives(
    opened: Opening, workflow: FakeWorkflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("one over zero")

    async with opened() as screen:
        monkeypatch.setattr(workflow, "build", broken)
        await screen.press("b")
        await screen.until_shown("This should not have happened")
        await screen.press("down")
        assert screen.cursor == "pandas"


async def test_refresh_asks_this_manager_only(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        workflow.asked.clear()
        await screen.press("2", "r")
        await screen.until(lambda: not screen.app.main.busy)
        assert workflow.asked[:2] == ["refresh", "resolve apt"]
        assert set(workflow.asked) == {"refresh", "resolve apt"}
        await screen.press("1", "B")
        await screen.until(lambda: "resolve pip" in workflow.asked)


async def test_add_to_apt_searches_shows_the_change_and_writes(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        before = (workflow.root / "apt.txt").read_text()
        await screen.press("2", "a")
        await screen.type("libglu")
        await screen.until_shown("Mesa OpenGL utility library")
        await screen.until_shown("+ libglu1-mesa")
        assert (workflow.root / "apt.txt").read_text() == before
        await screen.press("enter")
        await screen.until_shown("u undoes it")
        assert (workflow.root / "apt.txt").read_text() == before + "libglu1-mesa\n"
        assert "resolve apt" in workflow.asked
        await screen.press("u")
        await screen.until_shown("Undone: ")
        assert (workflow.root / "apt.txt").read_text() == before


async def test_add_leaves_the_file_on_escape_and_says_what_is_wrong(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        before = (workflow.root / "requirements.txt").read_text()
        await screen.press("a")
        await screen.type("requests>=2")
        assert "+ requests>=2" in screen.text
        await screen.press("escape")
        assert (workflow.root / "requirements.txt").read_text() == before
        await screen.press("a")
        await screen.type("=>")
        await screen.press("enter")
        assert "Add to pip" in screen.text
        assert (workflow.root / "requirements.txt").read_text() == before


async def test_remove_shows_the_line_and_the_saving(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await screen.press("down", "d")
        await screen.until_shown("Remove pandas")
        assert "- pandas" in screen.text
        assert "It saves 41.2 M, with 2 packages that only it brings." in screen.text
        await screen.press("escape")
        assert "pandas" in (workflow.root / "requirements.txt").read_text()
        await screen.press("d", "enter")
        await screen.until_shown("1 pip 19")
        text = (workflow.root / "requirements.txt").read_text()
        assert "pandas" not in text
        assert text.startswith("# what the handler imports\n")
        await screen.press("u")
        await screen.until_shown("1 pip 22")
        assert "pandas" in (workflow.root / "requirements.txt").read_text()


async def test_what_is_not_declared_cannot_be_removed(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("right", "down", "d")
        await screen.until_shown("numpy is not declared")
        assert "opencv-python, pandas brought it" in screen.text.replace("\n", " ")
        await screen.press("u")
        await screen.until_shown("Nothing was changed that could be undone.")


async def test_target_is_chosen_and_everything_resolved_for_it(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await screen.press("t")
        await screen.until_shown("fc-custom.debian10")
        await screen.type("java8")
        assert "it has no Python, and pip packages are declared" in screen.text
        await screen.press("enter")
        assert "type to filter" in screen.text
        await screen.press(*["backspace"] * 5)
        await screen.type("debian11")
        workflow.asked.clear()
        workflow.gates["resolve npm"] = asyncio.Event()
        await screen.press("enter")
        await screen.until_shown("thumbnail → debian11")
        assert "5 bundle …  6 checks …" in screen.lines[1]
        workflow.gates["resolve npm"].set()
        await screen.until(lambda: screen.app.main.plan is not None)
        assert sorted(workflow.asked) == ["resolve apt", "resolve npm", "resolve pip"]
        assert screen.app.main.plan is not None
        assert screen.app.main.plan.target == "debian11"


async def test_log_is_searched_saved_and_closed(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        assert "l log" in screen.text
        await screen.press("l")
        assert "$ uv lock --python 3.11 --no-config" in screen.text
        await screen.press("ctrl+f", *"reading", "enter")
        panel = screen.app.main.log_panel
        last = panel.view.cursor
        assert "3 of 3" in screen.text
        await screen.press("N")
        assert panel.view.cursor < last
        await screen.press("n")
        assert panel.view.cursor == last
        await screen.press("s")
        await screen.until_shown("The log is saved")
        saved = list((workflow.root.parent / "state" / "fctui" / "logs").iterdir())
        assert "$ uv lock" in saved[0].read_text()
        await screen.press("escape", "escape")
        assert screen.app.main.focused is screen.app.main.pane.view


async def test_log_follows_unless_scrolled_up(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        await screen.press("l")
        view = screen.app.main.log_panel.view
        async with workflow.tasks.open("pip", "much") as task:
            task.log(*(f"line {number}" for number in range(100)))
        await screen.until_shown("much: done")
        await screen.press("pageup")
        here, count = view.cursor, view.count
        async with workflow.tasks.open("pip", "more") as task:
            task.log(*(f"line {number}" for number in range(100)))
        await screen.until(lambda: view.count > count + 100)
        assert view.cursor == here
        assert "more: done" not in screen.text
        await screen.press("end")
        assert "more: done" in screen.text


async def test_help_has_every_key_and_the_reasons(opened: Opening) -> None:
    async with opened(120, 80) as screen:
        await screen.press("question_mark")
        for key in KEYS:
            assert key.tooltip in screen.text
        assert "not now: Nothing is running." in screen.text
        await screen.press("escape")
        assert "opencv-python" in screen.text


async def test_palette_runs_an_action(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("ctrl+p")
        await screen.type("invert")
        await screen.until_shown("Turn the tree around")
        await screen.pilot.pause(0.3)
        await screen.press("enter")
        await screen.until_shown("package, and who needs it")


async def test_quit_cancels_and_waits(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.gates["build"] = asyncio.Event()
    async with opened() as screen:
        await screen.press("b")
        await screen.until_shown("120 of 240 files")
        await screen.press("q")
        await screen.until(lambda: screen.app.return_code == 0 and not screen.app.is_running)
    assert workflow.cancelled == ["build"]


def test_all_bindings_have_ids_and_tooltips() -> None:
    from textual.binding import Binding

    from fctui.tui.app import FctuiApp
    from fctui.tui.screens import add, choose, confirm, help, main  # noqa: A004 - its name
    from fctui.tui.widgets import details, filter_bar, line_view, log_panel, outline_view

    owners = [
        FctuiApp, main.MainScreen, add.AddScreen, choose.ChooseScreen, confirm.ConfirmScreen,
        help.HelpScreen, details.Details, filter_bar.FilterBar, line_view.LineView,
        log_panel.LogPanel, outline_view.OutlineView,
    ]  # fmt: skip
    seen = []
    for owner in owners:
        for binding in vars(owner).get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            assert binding.id
            assert binding.tooltip
            seen.append(binding.id)
    assert len(seen) == len(set(seen))
