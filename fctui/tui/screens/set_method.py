"""Asking for how long a method is meant: for this session, or for the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fctui.model.errors import FctuiError
from fctui.tui.lines.diff import diff_lines
from fctui.tui.lines.line import Line, row
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.project.edit import Edit
    from fctui.workflow.workflow import Workflow


class SetMethodScreen(Dialog[tuple[str, "Edit | None"]]):
    """Answers (method, change of the settings or None)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,y", "session", "Use", id="session", priority=True, tooltip="Until fctui ends"
        ),
        Binding("w", "write", "Write", id="write", tooltip="Write it to the settings as well"),
    ]

    def __init__(self, workflow: Workflow, method: str) -> None:
        super().__init__(classes="confirm")
        self.TITLE_TEXT = f"Method {method}"
        self._method = method
        self._edit: Edit | None = None
        self._lines: list[Line] = []
        if method == workflow.method:
            self._lines.append(row(f"{method} is in force already."))
        else:
            self._lines.append(row(f"The plan is made anew with {method}; b builds it."))
        self._lines += [Line(), row("w writes it to the settings as well:", "dim")]
        self._prepare(workflow)
        w = f" {SIGNS.dot} w writes it too" if self._edit else ""
        self.KEYS_TEXT = f"Enter uses it until fctui ends{w} {SIGNS.dot} Esc changes nothing"

    def _prepare(self, workflow: Workflow) -> None:
        from fctui.project.edit_settings import set_method

        try:
            edit = set_method(workflow.project, self._method)
        except FctuiError as error:
            self._lines[-1:] = [row(error.message, "warn"), row(error.hint, "dim")]
            return
        if edit.before == edit.after:
            self._lines[-1:] = [row(f"The settings in {edit.path.name} say so too.", "dim")]
            return
        self._edit = edit
        self._lines += diff_lines(edit)

    def parts(self) -> list[Widget]:
        """What would change."""
        return [LinesView(cursor=False)]

    def on_mount(self) -> None:
        """Show it."""
        view = self.query_one(LinesView)
        view.styles.height = min(len(self._lines), 14)
        view.show(self._lines)
        view.focus()

    def action_session(self) -> None:
        """Use it, write nothing."""
        self.dismiss((self._method, None))

    def action_write(self) -> None:
        """Use it, and write it."""
        if self._edit is not None:
            self.dismiss((self._method, self._edit))
