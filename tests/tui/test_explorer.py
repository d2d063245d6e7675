"""The bundle pane: trees, sums, map, lists, what-ifs, and a bundle that is there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.tui.exploration import View
from fctui.tui.widgets.bundle_pane import BundlePane
from fctui.tui.widgets.explorer_view import ExplorerView
from fctui.tui.widgets.treemap_view import TreemapView
from tests.support.catalogs import make_bundle, origin
from tests.tui.conftest import Opening
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow


def pane_of(screen: Driver) -> BundlePane:
    return screen.app.main.query_one(BundlePane)


async def weighed(screen: Driver) -> BundlePane:
    """The pane, once all is known."""
    pane = pane_of(screen)
    await screen.press("5")
    await screen.until(lambda: pane.explored is not None and pane.explored.weighed is not None)
    return pane


async def test_sums_by_everything_are_the_whole(opened: Opening) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        assert pane.explored is not None
        view = pane.query_one(ExplorerView)
        for heading in ("package", "manager", "category", "type", "file"):
            await screen.press("s")
            assert screen.lines[3].split()[0] == heading
            assert view.rows is not None
            assert sum(row.size for row in view.rows.rows) == pane.explored.catalog.size


async def test_orders_by_name_size_and_count(opened: Opening) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        rows = pane.query_one(ExplorerView).rows
        assert rows is not None
        await screen.press("o")
        assert "by size" in screen.lines[3]
        sizes = [row.size for row in rows.rows]
        assert sizes == sorted(sizes, reverse=True)
        await screen.press("o")
        assert "by count" in screen.lines[3]
        assert "node_modules/" in screen.lines[4]
        await screen.press("o")
        assert " by " not in screen.lines[3]


async def test_a_package_says_what_it_costs(opened: Opening) -> None:
    async with opened() as screen:
        await weighed(screen)
        await screen.press("s", "slash", *"owner", "colon", *"express", "enter")
        line = screen.line_with("express  npm")
        assert "75.0 K" in line
        assert "2.1 M" in line
        assert "go with it" in screen.text
        assert "package.json:2 → express" in screen.text


async def test_moving_while_filtered(opened: Opening) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        await screen.press("slash", *"cryptography.py")
        assert screen.cursor == ""
        await screen.press(*["backspace"] * 3)
        assert "5 of 354" in screen.text
        assert screen.cursor.startswith("cryptography")
        await screen.press("down")
        assert screen.cursor.startswith("cryptography")
        await screen.press("enter")
        assert pane.view.has_focus
        await screen.press("escape")
        assert "node_modules/" in screen.text


async def test_filters_by_size_and_kind(opened: Opening) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        await screen.press("slash", *"type", "colon", *"so", "space", "greater_than_sign", *"30M")
        assert pane.explored is not None
        chosen = pane.explored.selection
        assert len(chosen) > 0
        assert all(pane.explored.catalog.libraries[at] for at in chosen.chosen)
        assert all(pane.explored.catalog.sizes[at] > 30e6 for at in chosen.chosen)


async def test_the_map_is_walked_through(opened: Opening) -> None:
    async with opened(100, 30) as screen:
        pane = await weighed(screen)
        await screen.press("w")
        view = pane.query_one(TreemapView)
        assert view.has_focus
        assert "everything" in screen.text
        assert view.current is not None
        assert view.current.path == "usr/"
        assert sum(tile.size for tile in view._tiles) == pane.explored.catalog.size  # type: ignore[union-attr]
        await screen.press("right")
        assert view.current.path != "usr/"
        await screen.press("left", "enter")
        assert view.node is not None
        assert view.node.path == "usr/"
        await screen.press("enter", "enter")
        assert view.node.path.count("/") == 3
        await screen.press("backspace")
        assert view.cursor_key.startswith("usr/")
        await screen.press("backspace", "backspace", "backspace", "backspace")
        assert view.node.path == ""
        await screen.press("slash", *"numpy", "enter")
        assert view.selection is not None
        assert view.node.size == view.selection.size
        assert view.node.size < pane.explored.catalog.size  # type: ignore[union-attr]


async def test_a_file_of_the_map_has_details(opened: Opening) -> None:
    async with opened(80, 24) as screen:
        pane = await weighed(screen)
        await screen.press("slash", *"handler.py", "enter", "w", "enter")
        assert screen.app.main.details.has_focus
        assert "handler.py" in screen.text
        assert "return 'ok'" in screen.text
        await screen.press("escape")
        assert pane.query_one(TreemapView).has_focus


async def test_largest_and_twice(opened: Opening) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        await screen.press("w", "w")
        rows = pane.query_one(ExplorerView).rows
        assert rows is not None
        assert "largest files" in screen.lines[3]
        sizes = [row.size for row in rows.rows]
        assert sizes == sorted(sizes, reverse=True)
        assert len(sizes) == pane.total
        await screen.press("w")
        await screen.until(lambda: pane.explored is not None and pane.explored.twins is not None)
        assert "more than once" in screen.lines[3]
        await screen.press("w")  # there is no bundle to compare with
        assert "▸ aliyun" in screen.text


async def test_what_ifs_move_the_gauges_and_nothing_else(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        pane = await weighed(screen)
        before = screen.lines[2]
        await screen.press("slash", *"libLLVM15", "enter")
        await screen.press("n")
        assert "without libllvm15" in screen.text
        assert "→" in screen.lines[2]
        assert pane.explored is not None
        assert ("apt", "libllvm15") in pane.explored.gone
        await screen.press("n", "escape")
        assert screen.lines[2] == before
        assert "build" not in workflow.asked


async def test_what_if_of_several_packages_says_what_to_do(opened: Opening) -> None:
    async with opened() as screen:
        await weighed(screen)
        await screen.press("G", "n")
        await screen.press("g")
        await screen.press("slash", *"node_modules", "slash", "enter", "g", "n")
        assert "s sums by package" in screen.text


async def test_keys_of_the_pane_say_where_they_work(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("w")
        await screen.until_shown("in the bundle pane: 5")


def stand(workflow: FakeWorkflow, files: dict[str, bytes | str]) -> Path:
    return make_bundle(workflow.output, files, [origin("numpy", declared="requirements.txt:2")])


async def test_a_bundle_is_there_before_anything_is_resolved(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    import asyncio

    stand(workflow, {"numpy/a.py": b"print(1)\n", "six/b.py": b"2"})
    workflow.gates = {f"resolve {m}": asyncio.Event() for m in ("pip", "apt", "npm")}
    async with opened(settle=False) as screen:
        await screen.until_shown("5 bundle 3")
        await screen.press("5", "e")
        await screen.until_shown("stands at")
        await screen.press("slash", *"a.py", "enter")
        assert "print(1)" in screen.text


async def test_a_bundle_that_was_edited_says_so(opened: Opening, workflow: FakeWorkflow) -> None:
    place = stand(workflow, {"numpy/a.py": b"print(1)\n", "six/b.py": b"2"})
    (place / "added.py").write_bytes(b"x" * 700)
    (place / "six/b.py").unlink()
    async with opened(120, 40) as screen:
        pane = pane_of(screen)
        await screen.press("5")
        await screen.until(lambda: pane.standing is not None)
        await screen.until_shown("edited since it was built")
        assert "+ added.py" in screen.text
        assert "- six/b.py" in screen.text
        assert "1 file added" in screen.text


async def test_the_plan_is_compared_with_the_bundle_that_stands(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    stand(workflow, {"numpy/a.py": b"print(1)\n", "old/gone.py": b"2" * 5000})
    async with opened() as screen:
        pane = await weighed(screen)
        await screen.until(lambda: pane.standing is not None)
        await screen.press("w", "w", "w", "w")
        assert pane.explored is not None
        assert pane.explored.view is View.CHANGES
        await screen.until_shown("since the bundle before")
        await screen.press("slash", *"gone")
        await screen.until_shown("-5.0 K")
        await screen.press("enter", "b")
        await screen.until_shown("Built")


async def test_a_damaged_bundle_is_no_bundle(opened: Opening, workflow: FakeWorkflow) -> None:
    place = stand(workflow, {"a/b": b"1"})
    (place / ".fctui" / "manifest.json").write_text("{")
    async with opened() as screen:
        pane = await weighed(screen)
        assert pane.standing is None


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 6)])
async def test_small_screens(opened: Opening, size: tuple[int, int]) -> None:
    async with opened(*size) as screen:
        pane = await weighed(screen)
        for _ in range(5):
            await screen.press("w", "down", "right", "o", "s", "n", "enter", "escape")
        assert pane.explored is not None
