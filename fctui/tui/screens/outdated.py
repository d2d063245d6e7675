"""What would change if all were resolved afresh; and taking it, by writing the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fctui.model.errors import FctuiError, LockError
from fctui.tui.lines.line import Line, row
from fctui.tui.lines.outdated import comparison_lines
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.model.outdated import Comparison
    from fctui.workflow.workflow import Workflow


class OutdatedScreen(Dialog[None]):
    """Opens at once; the registries' answers follow. Only `w` changes anything."""

    TITLE_TEXT = "What would change"
    KEYS_TEXT = f" {SIGNS.dot} ".join(
        (f"{SIGNS.up}{SIGNS.down} scroll", "w writes the lock with the new versions", "Esc leaves")
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "write", "Write", id="write-lock", tooltip="fctui lock --upgrade"),
    ]

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(classes="outdated")
        self._workflow = workflow
        self._writing = False
        self._found: Comparison | None = None

    def parts(self) -> list[Widget]:
        """The table."""
        return [LinesView(id="changes")]

    def on_mount(self) -> None:
        """Say that it is being asked, then ask."""
        self.query_one(LinesView).focus()
        self._ask()

    def _ask(self) -> None:
        self._show([row(f"asking the registries {SIGNS.ellipsis}", "dim")])
        self.run_worker(self._compare(), group="outdated", exclusive=True, exit_on_error=False)

    async def _compare(self) -> None:
        try:
            found = await self._workflow.outdated()
        except FctuiError as error:
            style = "text" if isinstance(error, LockError) else "warn"
            self._show([row(error.message, style), row(error.hint, "dim")])
            return
        self._found = found
        self._lay_out()

    def on_resize(self) -> None:
        """Lay the table out for the new width."""
        if self._found is not None:
            self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        if self._found is not None:
            width = self.query_one(LinesView).scrollable_content_region.width
            self.query_one(LinesView).show(comparison_lines(self._found, width))

    def action_write(self) -> None:
        """Resolve afresh for all targets of the settings, and lock that."""
        if not self._writing:
            self._writing = True
            self._show([row(f"locking {SIGNS.ellipsis}", "dim")])
            self.run_worker(self._write(), group="outdated", exclusive=True, exit_on_error=False)

    async def _write(self) -> None:
        try:
            written = await self._workflow.lock()
        except FctuiError as error:
            self._show([row(error.message, "warn"), row(error.hint, "dim")])
            return
        finally:
            self._writing = False
        told = f"Wrote {', '.join(written)}." if written else "The lock was up to date."
        self.notify(told, title=f"{SIGNS.done} lock", markup=False)
        self._ask()

    def _show(self, lines: list[Line]) -> None:
        self._found = None
        self.query_one(LinesView).show(lines, top=True)
