"""Who brings it: type an import name or a path, and see the package and the file's way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from fctui.tui.lines.line import Line, row
from fctui.tui.lines.trace import found_line, key_of, trace_lines
from fctui.tui.screens.dialog import STEPS, Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.model.plan import Plan
    from fctui.workflow.which import Finder, Found
    from fctui.workflow.workflow import Workflow

_PAUSE = 0.05  # seconds without a move, before a file is traced


class WhichScreen(Dialog["Found"]):
    """Answers what was chosen, for the main screen to go to its package."""

    TITLE_TEXT = "Who brings it?"
    KEYS_TEXT = f" {SIGNS.dot} ".join(
        (f"{SIGNS.up}{SIGNS.down} choose", "Enter goes to the package", "Esc leaves")
    )

    def __init__(self, workflow: Workflow, plan: Plan | None) -> None:
        super().__init__(classes="which")
        self._workflow = workflow
        self._plan = plan
        self._finder: Finder | None = None
        self._answers: dict[str, Found] = {}

    def parts(self) -> list[Widget]:
        """Input, answers, the way of the one under the cursor."""
        found, way = LinesView(id="found"), LinesView(id="way", cursor=False)
        found.can_focus = way.can_focus = False
        example = "an import name or a path: yaml, google.cloud, libGL.so.1, bin/f2py"
        return [Input(placeholder=example, compact=True), found, way]

    def on_mount(self) -> None:
        """Read the files once."""
        self.query_one("#way", LinesView).show([row("Nothing is asked yet.", "dim")])
        self.query_one(Input).focus()
        self.run_worker(self._prepare(), group="finder", exit_on_error=False)

    async def _prepare(self) -> None:
        from fctui.workflow.which import finder_of

        self._finder = await asyncio.to_thread(finder_of, self._workflow, self._plan)
        self._ask()

    def on_input_changed(self) -> None:
        """Search as one types."""
        self._ask()

    def on_key(self, event: events.Key) -> None:
        """The list moves while one types."""
        step = STEPS.get(event.key)
        if step is not None:
            event.stop()
            self.query_one("#found", LinesView).action_move(step)

    def on_line_view_moved(self) -> None:
        """Trace what the cursor is on."""
        self._trace()

    def on_line_view_chosen(self) -> None:
        """A click chooses."""
        self.on_input_submitted()

    def on_input_submitted(self) -> None:
        """Go to the package of what the cursor is on."""
        chosen = self._answers.get(self.query_one("#found", LinesView).cursor_key)
        if chosen is not None:
            self.dismiss(chosen)

    def _ask(self) -> None:
        asked, view = self.query_one(Input).value.strip(), self.query_one("#found", LinesView)
        if self._finder is None:
            view.show([row(f"reading the files {SIGNS.ellipsis}", "dim")] if asked else ())
            return
        found = self._finder.find(asked)
        self._answers = {key_of(answer): answer for answer in found}
        view.highlight = asked
        view.show([found_line(answer) for answer in found], top=True)
        if asked and not found:
            view.show([row(f"No package brings {asked}.", "warn"), *self._hints(asked)], top=True)
        self._trace()

    def _hints(self, asked: str) -> list[Line]:
        import sys

        if asked.partition(".")[0] in sys.stdlib_module_names:
            return [row("It is a part of Python itself.", "dim")]
        near = self._finder.near(asked) if self._finder else []
        return [row(f"Did you mean {', '.join(near)}?", "dim")] if near else []

    def _trace(self) -> None:
        self.run_worker(self._show_way(), group="trace", exclusive=True, exit_on_error=False)

    async def _show_way(self) -> None:
        from fctui.workflow.trace import trace

        view = self.query_one("#way", LinesView)
        chosen = self._answers.get(self.query_one("#found", LinesView).cursor_key)
        if chosen is None:
            view.show((), top=True)
            return
        await asyncio.sleep(_PAUSE)
        told = await asyncio.to_thread(trace, self._workflow, chosen.file)
        width = view.scrollable_content_region.width
        view.show(trace_lines(told, self._workflow.method, width, brief=True), top=True)
