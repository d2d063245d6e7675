"""What would change, on the screen: the table, what is hostile in it, and the key that locks."""

from __future__ import annotations

import asyncio

from fctui.model.errors import TaskError
from fctui.model.outdated import Change, Comparison, Outdated
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow


def package(name: str, change: Change, locked: str, fits: str, newest: str) -> Outdated:
    return Outdated(
        manager="pip",
        id=name,
        name=name,
        change=change,
        locked=locked,
        fits=fits,
        newest=newest,
        size=2048,
        size_change=-1024 if change is Change.UPDATE else None,
    )


FOUND = Comparison(
    "fctui.lock",
    "debian12",
    (
        package("numpy", Change.UPDATE, "1.26.4", "2.2.6", "2.5.5"),
        package("fresh", Change.NEW, "", "1.0", "1.0"),
        package("[b]old\x1b[31m", Change.GONE, "0.9", "", ""),
        package("pandas", Change.HELD, "2.0", "2.0", "3.0"),
    ),
    5,
    ("requirements.txt",),
)


async def test_the_table_tells_what_would_change(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.comparison = FOUND
    for size in ((80, 24), (120, 40)):
        async with opened(*size) as screen:
            await screen.press("U")
            await screen.until_shown("1 to change, 1 new, 1 gone, 1 held back")
            assert "requirements.txt has changed since it was locked" in screen.text
            line = screen.line_with("pip numpy")
            assert line.split("│")[-2].split() == [
                *("~", "pip", "numpy", "1.26.4", "2.2.6", "2.5.5", "−1.0", "K"),
            ]
            assert "[b]old" in screen.text
            assert "\x1b" not in screen.text
            await screen.press("escape")
            assert "What would change" not in screen.text


async def test_it_opens_at_once_and_leaving_stops_it(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened(80, 24) as screen:
        workflow.gates["outdated"] = asyncio.Event()
        await screen.press("U")
        await screen.until_shown("asking the registries")
        await screen.press("escape")
        await screen.until(lambda: all(worker.is_finished for worker in screen.app.workers))
        assert screen.app.main.plan is not None


async def test_without_a_lock_it_says_so_and_w_writes_it(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened(80, 24) as screen:
        await screen.press("U")
        await screen.until_shown("There is no lock.")
        await screen.press("w")
        await screen.until_shown("3 packages in fctui.lock: all as new as it gets")
        assert workflow.asked.count("lock") == 1


async def test_a_failure_is_told(opened: Opening, workflow: FakeWorkflow) -> None:
    workflow.comparison = TaskError("The index does not answer.", hint="Check the network.")
    async with opened(80, 24) as screen:
        await screen.press("U")
        await screen.until_shown("The index does not answer.")
        assert "Check the network." in screen.text
