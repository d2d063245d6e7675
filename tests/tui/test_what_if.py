"""What-ifs on the screen: the limits move, and nothing is written before it is kept."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from fctui.explore.read import of_plan
from fctui.model.errors import ResolutionError
from fctui.workflow import what_if as trying
from fctui.workflow.what_if import Change, Relinking, Tried
from tests.tui.conftest import Opening
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow


class Trials:
    """Stands for the real tries: opencv is half as large then."""

    def __init__(self) -> None:
        self.asked: list[Change] = []
        self.gate: asyncio.Event | None = None

    async def what_if(self, workflow: FakeWorkflow, change: Change) -> Tried:
        """As the real one, without resolving."""
        self.asked.append(change)
        if self.gate is not None:
            await self.gate.wait()
        if "nonsense" in change.title:
            raise ResolutionError("There is no [nonsense].")
        plan = workflow.planned()
        files = tuple(
            structs.replace(file, size=file.size // 2) if file.owner == "opencv-python" else file
            for file in plan.files
        )
        plan = structs.replace(plan, files=files)
        return Tried(change, plan, of_plan(plan))


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> Trials:
    trials = Trials()
    monkeypatch.setattr(trying, "what_if", trials.what_if)
    return trials


async def on_opencv(screen: Driver) -> None:
    await screen.press("5", "s")
    await screen.until(lambda: "opencv-python" in screen.text)
    await screen.press("slash")
    await screen.type("owner:opencv-python")
    await screen.press("enter")
    await screen.until(lambda: screen.app.main.query_one("#bundle").selected_owner is not None)  # type: ignore[attr-defined]


async def test_a_sibling_is_tried_then_kept_and_undone(
    opened: Opening, workflow: FakeWorkflow, trials: Trials
) -> None:
    declared = (workflow.root / "requirements.txt").read_text(encoding="utf-8")
    async with opened() as screen:
        await on_opencv(screen)
        await screen.press("N")
        await screen.until_shown("opencv-python-headless instead of opencv-python")
        await screen.press("enter")
        await screen.until_shown("as if opencv-python-headless")
        assert "nothing is written yet" in screen.text
        assert "→" in screen.lines[2]
        assert (workflow.root / "requirements.txt").read_text(encoding="utf-8") == declared
        await screen.press("N")
        await screen.until_shown("write it to the project")
        await screen.press("enter")
        await screen.until(lambda: bool(workflow.made))
        written = (workflow.root / "requirements.txt").read_text(encoding="utf-8")
        assert "opencv-python-headless" in written
        await screen.press("u", "u")
        await screen.until(
            lambda: (workflow.root / "requirements.txt").read_text(encoding="utf-8") == declared
        )
    assert [change.title for change in trials.asked] == [
        "opencv-python-headless instead of opencv-python"
    ]


async def test_a_version_is_typed_and_forgotten(
    opened: Opening, workflow: FakeWorkflow, trials: Trials
) -> None:
    declared = (workflow.root / "requirements.txt").read_text(encoding="utf-8")
    async with opened(80, 24) as screen:
        await on_opencv(screen)
        line = screen.lines[2]
        await screen.press("N")
        await screen.until_shown("opencv-python==")
        await screen.type("4")
        await screen.press("enter")
        await screen.until(lambda: screen.lines[2] != line)
        assert [change.title for change in trials.asked] == ["opencv-python==4"]
        await screen.press("N")
        await screen.until_shown("the limits as they are")
        await screen.press("down", "enter")
        await screen.until(lambda: screen.lines[2] == line)
        assert (workflow.root / "requirements.txt").read_text(encoding="utf-8") == declared


async def test_another_name_is_offered_in_the_place_of_the_package(
    opened: Opening, trials: Trials
) -> None:
    async with opened() as screen:
        await on_opencv(screen)
        await screen.press("N")
        await screen.until_shown("opencv-python==")
        await screen.press("ctrl+u")
        await screen.type("slim==1")
        await screen.until_shown("slim==1 instead of opencv-python")
        await screen.press("down", "enter")
        await screen.until_shown("as if slim==1")
    assert [change.title for change in trials.asked] == ["slim==1"]


async def test_a_method_that_is_kept_is_a_setting(
    opened: Opening, workflow: FakeWorkflow, trials: Trials
) -> None:
    async with opened() as screen:
        await screen.press("5", "N")
        await screen.type("")
        await screen.until_shown("method user")
        await screen.press("down", "enter")
        await screen.until_shown("as if method user")
        await screen.press("N")
        await screen.until_shown("write it to the project")
        await screen.press("enter")
        await screen.until(lambda: "method user" in screen.lines[0])
        assert 'method = "user"' in (workflow.root / "fctui.toml").read_text(encoding="utf-8")
    assert [change.title for change in trials.asked] == ["method user"]


async def test_rpath_is_tried_and_kept(
    opened: Opening, workflow: FakeWorkflow, trials: Trials
) -> None:
    async with opened() as screen:
        await screen.press("5", "N")
        await screen.until_shown("rpath: libraries lead to each other")
        await screen.press("down", "down", "down", "enter")
        await screen.until_shown("as if rpath")
        await screen.press("N")
        await screen.until_shown("write it to the project")
        await screen.press("enter")
        settings = workflow.root / "fctui.toml"
        await screen.until(lambda: settings.exists() and "rpath = true" in settings.read_text())
    assert trials.asked == [Relinking(on=True)]


async def test_what_cannot_be_had_says_so_and_a_try_can_be_stopped(
    opened: Opening, trials: Trials
) -> None:
    async with opened() as screen:
        await screen.press("5", "N")
        await screen.type("nonsense")
        await screen.press("enter")
        await screen.until_shown("There is no [nonsense].")
        assert not screen.app.main.busy
        trials.gate = asyncio.Event()
        await screen.press("N")
        await screen.type("other")
        await screen.press("enter")
        await screen.until_shown("==other")
        await screen.press("N")
        await screen.until_shown("Something is being tried already")
        await screen.press("c")
        await screen.until(lambda: not screen.app.main.busy)
        assert "as if" not in screen.text


async def test_it_says_where_what_ifs_are(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("1", "N")
        await screen.until_shown("The files are in the bundle pane")
