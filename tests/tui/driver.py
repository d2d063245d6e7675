"""Driving the screen as a user does: press keys, read what is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from fctui.tui.app import FctuiApp
from tests.tui.fake import FakeWorkflow


class Driver:
    """A pilot that reads lines."""

    def __init__(self, app: FctuiApp, pilot: Pilot[int], workflow: FakeWorkflow) -> None:
        self.app = app
        self.pilot = pilot
        self.workflow = workflow

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "/": "slash", ">": "greater_than_sign", "-": "minus"}
        await self.press(*(names.get(character, character) for character in text))

    async def until(self, met: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"this did not happen:\n{self.text}"
            await self.pilot.pause()
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def until_shown(self, text: str) -> None:
        """Wait until a text is on the screen."""
        await self.until(lambda: text in self.text)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    def line_with(self, text: str) -> str:
        """The first line that has a text."""
        found = [line for line in self.lines if text in line]
        assert found, f"{text!r} is not in\n{self.text}"
        return found[0]

    @property
    def cursor(self) -> str:
        """What the cursor of the pane in view is on."""
        return self.app.main.pane.view.cursor_key
