"""Choosing what is left out: rules with what they save, and the limits as they would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec import structs
from textual.binding import Binding, BindingType
from textual.widget import Widget

from fctui.model.errors import FctuiError
from fctui.pruning.rules import DEFAULT, choice
from fctui.tui.lines.line import Line, Span, row
from fctui.tui.lines.prune import COLUMNS, rule_line
from fctui.tui.screens.dialog import Dialog
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.budget_bar import BudgetBar
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from fctui.explore.budget import Gauge
    from fctui.project.edit import Edit
    from fctui.workflow.prunable import Prunable, Row, Saved
    from fctui.workflow.workflow import Workflow

_HIGHEST = 16  # lines: with all around them they fit into 24


class PruneScreen(Dialog["Edit"]):
    """Enter switches a rule, w answers with the change of the settings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Switch", id="turn-rule", tooltip="Switch this rule"),
        Binding("d", "default", "Default", id="default-rules", tooltip="What breaks nothing"),
        Binding("w", "write", "Write", id="write-rules", tooltip="Write it to the settings"),
    ]
    TITLE_TEXT = "What is left out of the bundle"

    def __init__(self, workflow: Workflow, gauges: Callable[[], Sequence[Gauge]]) -> None:
        super().__init__(classes="prune")
        bundle = workflow.settings.bundle
        self._workflow = workflow
        self._gauges = gauges
        self._chosen = choice(bundle.prune, bundle.keep)
        self._before: Saved | None = None
        self._found: Prunable | None = None
        self._rows: Sequence[Row] = ()

    def parts(self) -> list[Widget]:
        """The limits and the rules."""
        return [BudgetBar(), LinesView()]

    def on_mount(self) -> None:
        """Find out what the rules are about."""
        view = self.query_one(LinesView)
        view.styles.height = 2
        view.show([row("The packages are fetched and read: rules go by what is in them.", "dim")])
        view.focus()
        self.run_worker(self._find(), group="prunable", exit_on_error=False)

    def on_line_view_chosen(self) -> None:
        """Enter and a second click switch as well."""
        self.action_turn()

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Say what the rule under the cursor is for."""
        if self._found is None:
            return
        key = event.view.cursor_key
        said = next((each.reason for each in self._rows if each.rule == key), "")
        dot = SIGNS.dot
        keys = f"Enter switches {dot} d the default {dot} w writes it {dot} Esc leaves"
        self.say_keys(f"{said}\n{keys}")

    def action_turn(self) -> None:
        """Switch the rule under the cursor."""
        key = self.query_one(LinesView).cursor_key
        if self._found is not None and key:
            self._chosen = self._found.turned(key, self._chosen)
            self._show()

    def action_default(self) -> None:
        """What is on by default, and what the settings keep."""
        default = choice(DEFAULT, ())
        self._chosen = structs.replace(default, keep=self._chosen.keep, globs=self._chosen.globs)
        self._show()

    def action_write(self) -> None:
        """Answer with the change."""
        from fctui.project.edit_settings import set_prune
        from fctui.pruning.rules import words

        if self._found is None:
            return
        try:
            edit: Edit = set_prune(self._workflow.project, *words(self._chosen))
        except FctuiError as error:
            self.say_keys(f"{error.message}\n{error.hint}")
            return
        if edit.before == edit.after:
            self.say_keys("The settings say so already.\nEsc leaves")
            return
        self.dismiss(edit)

    async def _find(self) -> None:
        try:
            self._found = await self._workflow.prunable()
        except FctuiError as error:
            view = self.query_one(LinesView)
            view.show([row(error.message, "warn"), row(error.hint, "dim")])
            return
        self._before = self._found.saved(self._workflow.chosen)
        self._show()

    def _show(self) -> None:
        found, before = self._found, self._before
        if found is None or before is None:
            return
        rows = self._rows = found.rows(self._chosen)
        now = found.saved(self._chosen)
        view = self.query_one(LinesView)
        lines = [Line((Span(COLUMNS, "heading"),)), *map(rule_line, rows)]
        view.styles.height = min(len(lines), _HIGHEST)
        view.show(lines)
        self.query_one(BudgetBar).show([(g, _then(g, before, now)) for g in self._gauges()])
        view.post_message(LineView.Moved(view))


def _then(gauge: Gauge, before: Saved, now: Saved) -> Gauge:
    """A limit as it would be used."""
    if gauge.name == "unzipped":
        return structs.replace(gauge, used=max(0, gauge.used + before.size - now.size))
    if gauge.name.startswith("zip"):
        used = max(0, gauge.used + before.zipped - now.zipped)
        return structs.replace(gauge, used=used, exact=False)
    return gauge
