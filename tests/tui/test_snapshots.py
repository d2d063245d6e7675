"""What the screen looks like, pixel for pixel: `pytest --snapshot-update` after a wanted change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fctui.model.errors import ResolutionError
from fctui.tui.widgets.bundle_pane import BundlePane
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow, make_app, make_project
from tests.tui.test_hostile import hostile

SMALL, LARGE = (80, 24), (120, 40)
Compare = Callable[..., bool]


@pytest.fixture
def looks(
    tmp_path: Path, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., bool]:
    """`looks(size, *keys)` compares the screen after these keys with the one kept."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _: None)  # it would blink

    def compare(
        size: tuple[int, int],
        *keys: str,
        prepare: Callable[[FakeWorkflow], None] = lambda _: None,
        until: str = "",
    ) -> bool:
        workflow = FakeWorkflow(make_project(tmp_path))
        prepare(workflow)
        app = make_app(tmp_path, workflow)
        app.animation_level = "none"

        async def act(pilot: Pilot[int]) -> None:
            driver = Driver(app, pilot, workflow)
            if not until:
                await driver.until(lambda: app.main.plan is not None)
            if "m" in keys or "f" in keys or "F" in keys:
                await driver.until(lambda: app.main.plan is not None)
            await driver.press(*keys)
            if until:
                await driver.until_shown(until)
            pane = app.main.query_one(BundlePane)  # the title tells the zip's size once it is known
            await driver.until(lambda: app.main.plan is None or pane.zipped is not None)
            if app.main.plan is not None:  # a thread finds out what it takes in a zip
                await driver.until(lambda: app.main.query_one(BundlePane).zipped is not None)

        before: Callable[[Pilot[int]], Awaitable[None]] = act
        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


def test_tree_small(looks: Compare) -> None:
    assert looks(SMALL, "e", "down")


def test_tree_large(looks: Compare) -> None:
    assert looks(LARGE, "e", "down")


def test_details_small(looks: Compare) -> None:
    assert looks(SMALL, "right", "down", "enter", "e")


def test_filter_small(looks: Compare) -> None:
    assert looks(SMALL, "slash", *"cry")


def test_inverted_apt_large(looks: Compare) -> None:
    assert looks(LARGE, "2", "e", "down", "down", "i")


def test_npm_by_size_large(looks: Compare) -> None:
    assert looks(LARGE, "3", "e", "o")


def test_bundle_large(looks: Compare) -> None:
    assert looks(LARGE, "5", "G", "right")


def test_map_small(looks: Compare) -> None:
    assert looks(SMALL, "5", "w", "right")


def test_map_large(looks: Compare) -> None:
    assert looks(LARGE, "5", "w", "enter")


def test_packages_of_the_bundle_large(looks: Compare) -> None:
    assert looks(LARGE, "5", "s", "down", "n")


def test_checks_small(looks: Compare) -> None:
    assert looks(SMALL, "6", "enter")


def test_log_small(looks: Compare) -> None:
    assert looks(SMALL, "l", "slash", *"uv", "enter")


def test_apt_search_large(looks: Compare) -> None:
    assert looks(LARGE, "2", "a", *"libglu", until="+ libglu1-mesa")


def test_target_chooser_small(looks: Compare) -> None:
    assert looks(SMALL, "t", *"debian12")


def test_remove_large(looks: Compare) -> None:
    assert looks(LARGE, "down", "d")


def test_methods_small(looks: Compare) -> None:
    assert looks(SMALL, "m", "down", until="or PYTHONUSERBASE=/code")


def test_methods_large(looks: Compare) -> None:
    assert looks(LARGE, "m", "down", "v", until="user → virtualenv")


def test_trace_small(looks: Compare) -> None:
    assert looks(SMALL, "right", "down", "enter", "e", "end", "f", until="if PYTHONPATH has")


def test_which_large(looks: Compare) -> None:
    assert looks(LARGE, "F", *"numpy.c", until="if PYTHONPATH has")


def test_loading_small(looks: Compare) -> None:
    def hold(workflow: FakeWorkflow) -> None:
        workflow.gates = {f"resolve {m}": asyncio.Event() for m in ("pip", "apt", "npm")}

    assert looks(SMALL, prepare=hold, until="$ npm install")


def test_failed_large(looks: Compare) -> None:
    def fail(workflow: FakeWorkflow) -> None:
        workflow.errors["apt"] = ResolutionError(
            "apt has no package named libgl[/1].", hint="a searches what there is."
        )

    assert looks(LARGE, "2", prepare=fail, until="libgl[/1]")


def test_hostile_large(looks: Compare) -> None:
    def swap(workflow: FakeWorkflow) -> None:
        workflow.extra["pip"] = hostile()

    assert looks(LARGE, "down", "down", prepare=swap)
