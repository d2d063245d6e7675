"""Adding a requirement: search as one types, see the change of the file, then write it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import get_current_worker

from fctui.model.errors import FctuiError
from fctui.tui.lines.diff import diff_lines
from fctui.tui.lines.line import Line, Span, row
from fctui.tui.screens.dialog import STEPS, Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.project.edit import Edit

Search = Callable[[str], Sequence[tuple[str, str, str]]]
MakeEdit = Callable[[str], "Edit"]

_PAUSE = 0.12  # seconds without a key, before a search begins
_SHOWN = 200
_EXAMPLES = {
    "pip": "a requirement: requests>=2, name[extra], name @ URL",
    "apt": "a part of a package's name or summary: libgl",
    "npm": "a package: sharp, express@^4",
    "maven": "a coordinate: group:artifact:version",
}


class AddScreen(Dialog["Edit"]):
    """What is typed is the requirement, unless a found package is stood on."""

    KEYS_TEXT = (
        f"{SIGNS.up}{SIGNS.down} choose {SIGNS.dot} Enter writes it "
        f"{SIGNS.dot} Esc leaves the file as it is"
    )

    def __init__(self, manager: str, search: Search | None, make_edit: MakeEdit) -> None:
        super().__init__(classes="add")
        self.TITLE_TEXT = f"Add to {manager}"
        self._manager = manager
        self._search = search
        self._make_edit = make_edit
        self._edit: Edit | None = None

    def parts(self) -> list[Widget]:
        """Input, what was found, what would change."""
        view = LinesView(id="found")
        view.display = self._search is not None
        placeholder = _EXAMPLES.get(self._manager, "a requirement")
        change = LinesView(id="change", cursor=False)
        change.can_focus = view.can_focus = False
        return [Input(placeholder=placeholder, compact=True), view, change]

    def on_mount(self) -> None:
        """Say what to do."""
        self.query_one("#change", LinesView).show([row("Nothing is written before Enter.", "dim")])
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search, and show what would change."""
        query = event.value.strip()
        if self._search is not None:
            self.run_worker(self._find(query), group="search", exclusive=True, exit_on_error=False)
        self._preview()

    def on_key(self, event: events.Key) -> None:
        """The list moves while one types."""
        step = STEPS.get(event.key)
        if step is not None:
            event.stop()
            self.query_one("#found", LinesView).action_move(step)
            self._preview()

    def on_line_view_moved(self) -> None:
        """Show what would change for the package under the cursor."""
        self._preview()

    def on_line_view_chosen(self) -> None:
        """A click chooses."""
        self.on_input_submitted()

    def on_input_submitted(self) -> None:
        """Hand back the change that is shown."""
        self._preview()
        if self._edit is not None:
            self.dismiss(self._edit)

    @property
    def requirement(self) -> str:
        """What would be added."""
        line = self.query_one("#found", LinesView).current if self._search else None
        return line.key if line and line.key else self.query_one(Input).value.strip()

    async def _find(self, query: str) -> None:
        view = self.query_one("#found", LinesView)
        if not query or self._search is None:
            view.show((), top=True)
            return
        await asyncio.sleep(_PAUSE)
        view.show([row(f"searching {SIGNS.ellipsis}", "dim")], top=True)
        try:
            found = await asyncio.to_thread(self._search, query)
        except FctuiError as error:
            view.show([row(error.message, "bad"), row(error.hint, "dim")], top=True)
            return
        if get_current_worker().is_cancelled:
            return
        view.highlight = query
        lines = [_found(*package) for package in found[:_SHOWN]]
        if not lines:
            lines = [row(f"No package has {query} in its name or summary.", "dim")]
        view.show(lines, top=True)
        self._preview()

    def _preview(self) -> None:
        view, requirement = self.query_one("#change", LinesView), self.requirement
        self._edit = None
        if not requirement:
            view.show([row("Nothing is written before Enter.", "dim")])
            return
        try:
            self._edit = self._make_edit(requirement)
        except FctuiError as error:
            view.show([row(error.message, "warn"), row(error.hint, "dim")], top=True)
            return
        view.show(list(diff_lines(self._edit)), top=True)


def _found(name: str, version: str, summary: str) -> Line:
    left = (Span(f" {name} ", "name"), Span(f"{version}  ", "dim"), Span(summary, "text"))
    return Line(left, key=name)
