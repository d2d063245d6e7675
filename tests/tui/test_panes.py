"""The panes: what each shows while empty, loading, failed, ready; trees and details."""

from __future__ import annotations

import asyncio

from fctui.model.errors import ResolutionError, TaskError
from fctui.tui.widgets.checks_pane import ChecksPane
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow


async def test_first_paint_comes_before_any_answer(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.gates = {f"resolve {m}": asyncio.Event() for m in ("pip", "apt", "npm")}
    async with opened(settle=False) as screen:
        await screen.until_shown("Resolving the pip packages for Debian 12")
        assert "thumbnail" in screen.lines[0]
        assert "debian12 · x86_64 · Python 3.11" in screen.lines[0]
        assert "c stops it" in screen.text
        workflow.gates["resolve npm"].set()
        await screen.until_shown("3 npm 71")
        assert "Resolving the pip packages" in screen.text


async def test_failure_in_one_pane_leaves_the_others(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    message, hint = "apt cannot reach the mirror [/b].", "Check the network."
    workflow.errors["apt"] = ResolutionError(message, hint=hint)
    async with opened() as screen:
        assert "opencv-python" in screen.text
        assert "2 apt ✖" in screen.lines[1]
        await screen.press("2")
        assert message in screen.text
        assert hint in screen.text
        assert "r tries again" in screen.text
        del workflow.errors["apt"]
        await screen.press("r")
        await screen.until_shown("libgl1")
        assert "2 apt 45" in screen.lines[1]
        await screen.press("5")
        await screen.until(lambda: "without apt" not in screen.text)


async def test_plan_without_a_failed_manager_says_so(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    workflow.errors["npm"] = TaskError("The registry does not answer.")
    async with opened() as screen:
        await screen.press("5")
        assert "without npm" in screen.text


async def test_a_plan_that_is_known_in_part_is_not_told_to_be_in_order(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("6")
        checks = screen.app.main.query_one(ChecksPane)
        checks.show_plan((), ("apt", "npm"))
        await screen.until_shown("Nothing is wrong with what is known of the plan.")
        assert "It is without apt, npm so far." in screen.text
        checks.show_plan(())
        await screen.until_shown("Nothing is wrong with the plan.")


async def test_without_any_listing_there_is_no_plan(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    said = "packages cannot be resolved:\n  cause: first [/x]\n  cause: second"
    workflow.errors = {m: ResolutionError(f"{m} {said}") for m in ("pip", "apt", "npm")}
    async with opened(80, 24, settle=False) as screen:
        await screen.until(lambda: len(workflow.failures) == 3 and not screen.app.main.busy)
        assert "  cause: first [/x]" in screen.text
        await screen.press("5")
        assert "There is no plan" in screen.text
        assert "✔" not in screen.lines[0]


async def test_what_is_not_declared_is_dimmed_and_says_how(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    (workflow.root / "package.json").unlink()
    workflow.__init__(workflow.root)  # type: ignore[misc]  # read it again
    async with opened() as screen:
        assert "3 npm –" in screen.lines[1]
        await screen.press("3")
        assert "thumbnail declares no npm packages." in screen.text
        assert "package.json" in screen.text
        await screen.press("r")
        await screen.until_shown("The project declares no npm packages.")


async def test_an_empty_project_has_a_sentence_for_everything(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    for name in ("package.json", "apt.txt", "requirements.txt"):
        (workflow.root / name).unlink()
    workflow.__init__(workflow.root)  # type: ignore[misc]  # read it again
    async with opened(settle=False) as screen:
        await screen.until_shown("thumbnail declares no pip packages.")
        await screen.press("b")
        await screen.until_shown("Nothing is declared that could be built.")
        await screen.press("5")
        assert "There is nothing to bundle yet" in screen.text


async def test_tree_opens_closes_and_moves(opened: Opening) -> None:
    async with opened() as screen:
        assert "numpy 2.4.6" not in screen.text
        await screen.press("right")
        line = screen.line_with("  numpy 2.4.6")
        assert "×2" in line
        assert line.index("21.9 M") < line.rindex("21.9 M")
        await screen.press("right")
        assert screen.cursor == "numpy"
        await screen.press("left")
        assert screen.cursor == "opencv-python"
        await screen.press("left")
        assert "numpy 2.4.6" not in screen.text
        await screen.press("G")
        assert screen.cursor == "pymysql"
        await screen.press("g", "j", "j", "k")
        assert screen.cursor == "pandas"


async def test_expand_all_marks_what_repeats_and_closes_again(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("e")
        numpy = [line for line in screen.lines if "  numpy 2.4.6" in line]
        assert len(numpy) == 2
        assert "21.9 M" in numpy[0]
        assert "″" in numpy[1]
        assert "pycparser" in screen.text
        await screen.press("asterisk")
        assert "pycparser" not in screen.text


async def test_sizes_with_everything_under_it(opened: Opening) -> None:
    async with opened() as screen:
        line = screen.line_with("▸ opencv-python")
        assert "92.1 M" in line
        assert "114.0 M" in line


async def test_invert_shows_who_needs_the_package(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("right", "down", "i")
        assert screen.cursor == "numpy"
        rows = screen.app.main.manager_pane("pip").outline_view.outline
        assert rows is not None
        below = [row.key for row in rows.rows if row.path[:1] == ("numpy",)]
        assert below == ["numpy", "opencv-python", "pandas"]
        await screen.press("i")
        assert screen.cursor == "numpy"


async def test_order_by_size(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("2", "right", "o")
        assert "↓ by size" in screen.text
        outline = screen.app.main.manager_pane("apt").outline_view.outline
        assert outline is not None
        weights = [outline.forest.weight(row.key) for row in outline.rows if row.depth == 1]
        assert weights == sorted(weights, reverse=True)


async def test_cursor_stays_when_numbers_arrive(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.gates["contents pip"] = asyncio.Event()
    async with opened(settle=False) as screen:
        await screen.until_shown("opencv-python")
        await screen.press("e", "j", "j", "j", "j", "j")
        before, key = screen.app.main.pane.view.cursor, screen.cursor
        workflow.gates["contents pip"].set()
        await screen.until(lambda: "pip" in workflow.listings)
        await screen.until(lambda: screen.app.main.plan is not None)
        assert screen.cursor == key
        assert screen.app.main.pane.view.cursor == before


async def test_details_tell_why_cost_and_place(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("right", "down")
        assert "Fundamental package for array computing" in screen.text
        assert "2 packages need it; without all of them it" in screen.text
        assert "46 files · 21.9 M · ◆ 2 .so" in screen.text
        await screen.press("enter", "e")
        assert "◆ numpy/_native.cpython-311" in screen.text
        assert "numpy/core/part_07.py" in screen.text
        await screen.press("escape", "down")
        assert "saves 41.2 M, with 2 packages that only it" in screen.text
        assert "declared in requirements.txt:3" in screen.text


async def test_a_group_of_files_opens_and_closes(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        await screen.press("right", "down", "enter", "G", "enter")
        assert "▾ metadata" in screen.text
        assert "numpy-2.4.6.dist-info/METADATA" in screen.text
        await screen.press("enter")
        assert "▸ metadata" in screen.text


async def test_an_sdist_says_why_it_has_no_files(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("slash", *"crcmod", "enter")
        assert screen.cursor == "crcmod"
        assert "sdist" in screen.line_with("crcmod 1.7")
        assert "It has to be built first" in screen.text


async def test_narrow_terminal_shows_details_on_enter(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        assert "artifact" not in screen.text
        await screen.press("enter")
        assert "artifact" in screen.text
        assert "pandas" not in screen.text
        await screen.press("escape")
        assert "pandas" in screen.text
        assert "artifact" not in screen.text


async def test_panes_by_number_and_tab(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("2")
        assert screen.cursor == "libgl1"
        await screen.press("tab")
        assert screen.cursor == "node_modules/express"
        await screen.press("tab")
        assert screen.app.main.pane.pane == "bundle"
        await screen.press("tab", "tab")
        assert screen.app.main.pane.pane == "pip"
        await screen.press("shift+tab")
        assert screen.app.main.pane.pane == "checks"
        await screen.press("4")
        assert "declares no maven packages." in screen.text


async def test_bundle_pane_has_files_totals_and_savings(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("5")
        plan = screen.app.main.plan
        assert plan is not None
        assert f"{plan.totals.size:,} bytes" in screen.text
        assert "documentation" in screen.text
        assert "LD_LIBRARY_PATH=" in screen.text
        await screen.press("slash", *"libGL", "enter")
        assert "a link to ../usr/lib/x86_64-linux-" in screen.text


async def test_checks_pane_lists_findings_and_remedies(opened: Opening) -> None:
    async with opened() as screen:
        assert "⚠ 2" in screen.lines[0]
        await screen.press("6")
        assert "✖ libgthread-2.0.so.0" in screen.text
        assert "libglib2.0-0" in screen.text
        await screen.press("down")
        assert "worth knowing" in screen.text


async def test_gauge_is_in_view_at_both_widths(opened: Opening) -> None:
    for width, height in ((80, 24), (120, 40)):
        async with opened(width, height) as screen:
            assert "127 / 500 MB" in screen.lines[0]  # of the zip, which is what is limited
            assert "█" in screen.lines[0]
