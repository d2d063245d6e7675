"""The directories of the method install-option: a form, what follows from it, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from fctui.managers.pip.scheme import scheme
from fctui.model.errors import FctuiError
from fctui.project.settings import InstallOption
from fctui.tui.lines.diff import diff_lines
from fctui.tui.lines.line import Line, Span, row
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.project.edit import Edit
    from fctui.workflow.workflow import Workflow

_FIELDS = {
    "prefix": "all that is not named below goes under it",
    "lib": "purelib and platlib in one",
    "purelib": "pure Python",
    "platlib": "what has compiled parts",
    "scripts": "launchers and scripts",
    "headers": "C headers",
    "data": "data files",
}
# Each directory with what goes there: the article's names.


class InstallOptionScreen(Dialog["Edit"]):
    """Answers the change of the settings."""

    KEYS_TEXT = f"Tab next {SIGNS.dot} Enter writes it {SIGNS.dot} Esc leaves everything as it is"

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(classes="install-option")
        self.TITLE_TEXT = "Directories of install-option, in the bundle"
        self._workflow = workflow
        self._edit: Edit | None = None

    def parts(self) -> list[Widget]:
        """A line for each directory, then what follows."""
        given = self._workflow.settings.pip.install_option
        rows: list[Widget] = [
            _Field(name, about, getattr(given, name)) for name, about in _FIELDS.items()
        ]
        result = LinesView(id="result", cursor=False)
        result.can_focus = False
        return [*rows, result]

    def on_mount(self) -> None:
        """Stand in the first."""
        self.query(Input).first().focus()
        self._preview()

    def on_input_changed(self) -> None:
        """Show what follows."""
        self._preview()

    def on_key(self, event: events.Key) -> None:
        """Up and down go from line to line."""
        if event.key in {"up", "down"}:
            event.stop()
            (self.focus_next if event.key == "down" else self.focus_previous)(Input)

    def on_input_submitted(self) -> None:
        """Hand back the change that is shown."""
        self._preview()
        if self._edit is not None:
            self.dismiss(self._edit)

    @property
    def given(self) -> InstallOption:
        """What stands in the form."""
        values = {field.name: field.query_one(Input).value.strip() for field in self.query(_Field)}
        return InstallOption(**values)

    def _preview(self) -> None:
        from fctui.project.edit_settings import set_install_option

        view, workflow, self._edit = self.query_one("#result", LinesView), self._workflow, None
        try:
            edit = set_install_option(workflow.project, self.given)
            pip = structs.replace(workflow.settings.pip, install_option=self.given)
            settings = structs.replace(workflow.settings, pip=pip)
            where = scheme("install-option", workflow.target, settings)
        except FctuiError as error:
            view.show([row(error.message, "warn"), row(error.hint, "dim")], top=True)
            return
        lines: list[Line] = []
        kinds: dict[str, list[str]] = {}
        for kind in ("purelib", "platlib", "scripts", "headers", "data"):
            kinds.setdefault(getattr(where, kind), []).append(kind)
        for directory, names in kinds.items():
            spans = (Span(f"{', '.join(names)} "), Span(f"{SIGNS.arrow} ", "dim"))
            lines.append(Line((*spans, Span(f"{directory or '.'}/", "accent"))))
        if edit.before == edit.after or (edit.before is None and not edit.after):
            lines.append(row("Nothing to write: it stands so.", "dim"))
        else:
            self._edit = edit
            name, *changes = diff_lines(edit)
            lines += [name, *(line for line in changes if line.left[0].style != "dim")]
        view.show(lines, top=True)


class _Field(Horizontal):
    """A name, the input, and what goes there."""

    def __init__(self, name: str, about: str, value: str) -> None:
        super().__init__(name=name)
        self._about = about
        self._value = value

    @property
    def name(self) -> str:
        """The directory's name in the settings."""
        return self._name or ""

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield Static(self.name, markup=False, classes="label")
        yield Input(self._value, placeholder=self._about, compact=True)
