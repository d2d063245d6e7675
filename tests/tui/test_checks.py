"""The checks pane: from a missing library to its cure."""

from __future__ import annotations

from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow


async def test_a_finding_is_cured_and_the_bundle_built_again(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await screen.press("6", "b")
        await screen.until_shown("libxcb.so.1")
        assert "requirements.txt:2 → opencv-python" in screen.text
        assert "libxcb1" in screen.text
        assert "replaces opencv-python" in screen.text
        await screen.press("y")
        await screen.until_shown("+ libxcb1")
        assert "apt.txt" in screen.text
        await screen.press("enter")
        await screen.until(lambda: workflow.asked.count("check") == 2)
        await screen.until(lambda: "libxcb.so.1" not in screen.text)
        declared = (workflow.root / "apt.txt").read_text(encoding="utf-8")
        assert declared == "libgl1  # for opencv\nlibxcb1\n"
        assert workflow.asked.count("build") == 2
        await screen.press("u")
        await screen.until(lambda: "libxcb1" not in (workflow.root / "apt.txt").read_text())


async def test_leaving_the_question_changes_nothing(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened(80, 24) as screen:
        await screen.press("6", "b")
        await screen.until_shown("libxcb.so.1")
        await screen.press("Y")
        await screen.until_shown("+ libxcb1")
        await screen.press("escape")
        assert workflow.asked.count("build") == 1
        assert "libxcb1" not in (workflow.root / "apt.txt").read_text(encoding="utf-8")


async def test_from_a_finding_to_its_package(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("6", "b")
        await screen.until_shown("libxcb.so.1")
        await screen.press("p")
        await screen.until(lambda: screen.app.main.pane.pane == "pip")
        assert screen.app.main.dependency_pane is not None
        assert screen.app.main.dependency_pane.selected == "opencv-python"


async def test_keys_of_the_checks_say_why_not_elsewhere(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("y")
        await screen.until_shown("Findings are in the checks pane")


async def test_the_proof_is_a_table_that_fills(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("v")
        await screen.until_shown("There is no bundle for this target yet")
        await screen.press("6", "b")
        await screen.until_shown("libxcb.so.1")
        await screen.press("v")
        await screen.until_shown("1 failed")
        lines = [line for line in screen.lines if " module " in line]
        assert "magic" in lines[0], "what failed stands first"
        assert "failed to find libmagic [/x]." in screen.text
        await screen.press("slash")
        await screen.type("cv2")
        await screen.until(lambda: "magic" not in screen.text.split("verify")[1][:400])
