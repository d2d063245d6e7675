"""Packing from the screen, and asking about known vulnerabilities."""

from __future__ import annotations

import asyncio

import pytest

from fctui.model.errors import UsageError
from fctui.model.finding import Finding, Kind
from tests.tui.conftest import Opening
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow


async def built(screen: Driver) -> None:
    await screen.press("5", "b")
    await screen.until(lambda: "check" in screen.workflow.asked)
    await screen.until(lambda: not screen.app.main.busy)


async def test_what_was_packed_stands_in_the_details(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await built(screen)
        await screen.press("z")
        await screen.until_shown("everything in one zip")
        assert "layers smallest" in screen.text
        await screen.press("enter")
        await screen.until_shown("sha256")
        assert "pack" in workflow.asked
        assert "41.2 M" in screen.text
        assert "abababab" in screen.text
        assert "bundle.zip" in screen.text
        assert "bundle-layer-1.zip" not in screen.text
        await screen.press("b")  # another bundle: what was packed is of the old one
        await screen.until(lambda: workflow.asked.count("build") == 2)
        await screen.until(lambda: "sha256" not in screen.text)


async def test_layers_are_chosen_by_typing(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened(80, 24) as screen:
        await built(screen)
        await screen.press("z")
        await screen.type("layers smallest")
        await screen.press("enter")
        await screen.until(lambda: "pack layers smallest" in workflow.asked)
        await screen.until_shown("bundle.zip and 1 layer")


async def test_packing_shows_how_far_it_is_and_can_be_stopped(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await built(screen)
        workflow.gates["pack"] = asyncio.Event()
        await screen.press("z", "enter")
        await screen.until_shown("50.0 M of 90.0 M")
        await screen.press("z")
        await screen.until_shown("It is being packed already")
        await screen.press("c")
        await screen.until_shown("No archive was written.")
        assert not screen.app.main.busy
        assert "sha256" not in screen.text


async def test_a_build_waits_for_no_pack(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        await built(screen)
        workflow.gates["pack"] = asyncio.Event()
        await screen.press("z", "enter")
        await screen.until(lambda: "pack" in screen.app.main.busy)
        await screen.press("b")
        await screen.until(lambda: workflow.asked.count("check") == 2)
        assert "pack" not in screen.app.main.busy


async def test_without_a_bundle_there_is_nothing_to_pack(opened: Opening) -> None:
    async with opened() as screen:
        await screen.press("z")
        await screen.until_shown("There is no bundle for this target yet")


async def test_what_is_too_large_is_said(opened: Opening, workflow: FakeWorkflow) -> None:
    message = "bundle.zip has 600 bytes; the target accepts 500."
    workflow.too_large = (Finding(kind=Kind.OVER_BUDGET, subject="bundle.zip", message=message),)
    async with opened() as screen:
        await built(screen)
        await screen.press("z", "enter")
        await screen.until_shown("sha256")
        assert "the target accepts 500" in screen.text


async def test_a_failed_pack_says_why(
    opened: Opening, workflow: FakeWorkflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(**_: bool) -> None:
        raise UsageError("One file is not as it was built: numpy/[x].py", hint="Build again.")

    monkeypatch.setattr(workflow, "pack", refused)
    async with opened() as screen:
        await built(screen)
        await screen.press("z", "enter")
        await screen.until_shown("numpy/[x].py")
        assert not screen.app.main.busy


async def test_vulnerabilities_join_the_checks_when_asked_for(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        assert "audit" not in workflow.asked
        await screen.press("A")
        await screen.until_shown("pillow 9.0.0 CVE-1")
        assert screen.app.main.pane.pane == "checks"
        assert "1 known vulnerability in 9 packages" in screen.text
        assert "not told  npm: 1 package" in screen.text
        await screen.press("slash")
        await screen.type("CVE")
        await screen.press("enter")
        await screen.until_shown("Reads [too] much")
        assert "requirements.txt:4 → pillow" in screen.text
        assert "9.0.1" in screen.text
        await screen.press("p")
        await screen.until(lambda: screen.app.main.pane.pane == "pip")


async def test_another_project_file_makes_the_audit_an_old_one(
    opened: Opening, workflow: FakeWorkflow
) -> None:
    async with opened() as screen:
        await screen.press("A")
        await screen.until_shown("pillow 9.0.0 CVE-1")
        await screen.press("1", "home", "d")
        await screen.until_shown("Remove ")
        await screen.press("enter")
        await screen.until(lambda: bool(workflow.made))
        await screen.press("6")
        await screen.until(lambda: "CVE-1" not in screen.text)
