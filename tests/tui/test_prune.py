"""Switching what is left out, on the screen."""

from __future__ import annotations

from pathlib import Path

from fctui.tui.widgets.budget_bar import BudgetBar
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow


async def test_rules_are_switched_and_written_once_seen(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    settings = Path(workflow.root) / "fctui.toml"
    before = settings.read_bytes() if settings.exists() else None
    async with opened() as screen:
        await screen.press("5")
        await screen.until(lambda: bool(screen.app.main.bundle_pane.zipped))
        await screen.press("P")
        await screen.until_shown("What is left out of the bundle")
        await screen.until_shown("type-stubs")
        assert "✔" in screen.line_with("manuals")
        assert "✔" not in screen.line_with("tests")
        await screen.press("j", "enter")
        assert "✔" in screen.line_with("tests")
        ((now, then), *_) = [
            each
            for each in screen.app.screen.query_one(BudgetBar).gauges
            if each[0].name == "unzipped"
        ]
        assert then is not None
        assert now.used - then.used == 40_000_000
        assert "nobody runs them" in screen.text
        assert (settings.read_bytes() if settings.exists() else None) == before
        await screen.press("w")
        await screen.until_shown('prune = ["tests"]')
        assert (settings.read_bytes() if settings.exists() else None) == before
        await screen.press("y")
        await screen.until(lambda: settings.exists() and b"tests" in settings.read_bytes())


async def test_leaving_writes_nothing(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        await screen.press("P")
        await screen.until_shown("type-stubs")
        await screen.press("d")
        assert "✔" in screen.line_with("type-stubs")
        await screen.press("escape")
        assert "type-stubs" not in screen.text
        assert not workflow.made
