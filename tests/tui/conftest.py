"""A screen that looks the same everywhere: one theme, no animation, no host's locale."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from fctui.tui.widgets.bundle_pane import BundlePane
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow, make_app, make_project

Opening = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", "tokyo-night")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FCTUI_ASCII", raising=False)


@pytest.fixture
def workflow(tmp_path: Path) -> FakeWorkflow:
    """The example."""
    return FakeWorkflow(make_project(tmp_path))


@pytest.fixture
def opened(tmp_path: Path, workflow: FakeWorkflow) -> Opening:
    """Open the screen in a size: use it in an `async with`."""

    @asynccontextmanager
    async def opening(
        width: int = 120, height: int = 40, *, settle: bool = True
    ) -> AsyncIterator[Driver]:
        app = make_app(tmp_path, workflow)
        app.animation_level = "none"
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            driver = Driver(app, pilot, workflow)
            if settle:
                await driver.until(lambda: app.main.plan is not None)
                await driver.until(lambda: app.main.query_one(BundlePane).zipped is not None)
            yield driver

    return opening
