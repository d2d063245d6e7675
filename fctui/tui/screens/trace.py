"""One file's way: its artifact, its place under each method, and who finds it there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.widget import Widget

from fctui.tui.lines.line import row
from fctui.tui.lines.trace import trace_lines
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.details import Details

if TYPE_CHECKING:
    from fctui.model.plan import PlannedFile
    from fctui.workflow.trace import Trace
    from fctui.workflow.workflow import Workflow


class TraceScreen(Dialog[None]):
    """Opens at once; the places follow."""

    KEYS_TEXT = f"{SIGNS.up}{SIGNS.down} scroll {SIGNS.dot} Esc leaves"

    def __init__(self, workflow: Workflow, file: PlannedFile) -> None:
        super().__init__(classes="trace")
        self.TITLE_TEXT = "The way of a file"
        self._workflow = workflow
        self._file = file
        self._trace: Trace | None = None

    def parts(self) -> list[Widget]:
        """The way."""
        return [Details(id="way")]

    def on_mount(self) -> None:
        """Say what is looked for, then look."""
        view = self.query_one(Details)
        view.show([row(self._file.path, "title"), row(f"looking {SIGNS.ellipsis}", "dim")])
        view.focus()
        self.run_worker(self._look(), group="trace", exit_on_error=False)

    async def _look(self) -> None:
        from fctui.workflow.trace import trace

        found = await asyncio.to_thread(trace, self._workflow, self._file)
        self.query_one(Details).show_from(
            lambda width, _, __: trace_lines(found, self._workflow.method, width), found.path
        )

    def on_details_left(self) -> None:
        """Leave."""
        self.dismiss(None)
