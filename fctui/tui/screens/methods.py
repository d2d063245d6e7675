"""The four pip methods side by side: figures, what works, every file, and what moves where."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from fctui.explore.read import of_plan
from fctui.explore.selection import Selection
from fctui.model.errors import FctuiError
from fctui.model.plan import Plan
from fctui.project.settings import METHODS
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.methods import about_lines, movement_lines, title_line, views_line
from fctui.tui.outline.explored import Directories, Inside
from fctui.tui.screens.install_option import InstallOptionScreen
from fctui.tui.screens.set_method import SetMethodScreen
from fctui.tui.screens.trace import TraceScreen
from fctui.tui.signs import SIGNS
from fctui.tui.styles import style_sheet
from fctui.tui.widgets.details import Details
from fctui.tui.widgets.drawing import LINE_CLASSES
from fctui.tui.widgets.explorer_view import ExplorerView
from fctui.tui.widgets.key_bar import KeyBar
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.method_table import MethodTable
from fctui.tui.widgets.told import Told

if TYPE_CHECKING:
    from fctui.project.edit import Edit
    from fctui.workflow.methods import MethodReport
    from fctui.workflow.workflow import Workflow

VIEWS = ("about", "files", "moves")
"""What can be seen of a method."""

_WIDE = 110  # cells, as on the main screen


class MethodChoice(NamedTuple):
    """The method to use, and the change of the settings that makes it stay, if that is wanted."""

    method: str
    edit: Edit | None


class MethodsScreen(Screen[MethodChoice | None]):
    """Opens at once; each method's figures come as they are known."""

    COMPONENT_CLASSES: ClassVar[set[str]] = LINE_CLASSES
    CSS_PATH = str(style_sheet("methods"))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012 - Textual types it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "view", id="view", tooltip="About it, its files, what moves"),
        Binding("shift+tab", "turn(-1)", "view back", show=False, id="view-back"),
        Binding("v", "against", "against", id="against", tooltip="Compare with another method"),
        Binding("o", "directories", "directories", id="directories", tooltip="Of install-option"),
        Binding("f", "trace", "trace", id="trace-file", tooltip="Where a file comes from and goes"),
        Binding("e", "expand_all", "all", id="expand", tooltip="Open everything, or close it"),
        Binding(
            "escape,m", "leave", "back", key_display="Esc", id="leave", tooltip="Change nothing"
        ),
    ]

    def __init__(self, workflow: Workflow, write: Callable[[Edit], bool]) -> None:
        super().__init__(classes="-about")
        self.workflow = workflow
        self.reports: dict[str, MethodReport] = {}
        self.view = "about"
        self._write = write
        self._other = ""

    def compose(self) -> ComposeResult:
        """Title, table, what is seen of the row, keys."""
        yield Told(self._title, id="methods-title")
        yield MethodTable(id="methods-table")
        yield Told(self._views, id="methods-views")
        with Horizontal(id="methods-body"):
            yield Details(id="about")
            yield ExplorerView(id="files")
            yield Details(id="moves")
        yield KeyBar(self.why_not, id="methods-keys")

    def on_mount(self) -> None:
        """Show the names, then ask."""
        self.table.show_reports({}, self.workflow.method)
        self.table.move_to(METHODS.index(self.workflow.method))
        self.table.focus()
        self.compare(self.workflow)

    @property
    def table(self) -> MethodTable:
        """The methods."""
        return self.query_one(MethodTable)

    @property
    def method(self) -> str:
        """The method under the cursor."""
        return self.table.cursor_key

    @property
    def other(self) -> str:
        """The method that it is compared with: that in force, or the first of the others."""
        candidates = [self._other, self.workflow.method, *METHODS]
        return next(id_ for id_ in candidates if id_ and id_ != self.method)

    def compare(self, workflow: Workflow) -> None:
        """Ask for the reports, for the first time or since the settings are others now."""
        self.workflow = workflow
        self.run_worker(self._fill(), group="methods", exclusive=True, exit_on_error=False)

    async def _fill(self) -> None:
        from fctui.workflow.methods import compare_each, recommended

        workflow, reports = self.workflow, dict[str, "MethodReport"]()
        try:
            async for report in compare_each(workflow):
                reports[report.id] = report
                self._take_reports({**self.reports, **reports})
        except FctuiError as error:
            text = f"{error.message}\n{error.hint}".strip()
            self.notify(text, title=f"{SIGNS.failed} failed", severity="error", markup=False)
            return
        self._take_reports({report.id: report for report in recommended([*reports.values()])})

    def why_not(self, action: str) -> str:
        """Why a key cannot be used now; "" where it can."""
        name = action.partition("(")[0]
        if name in {"choose", "trace"} and self.method not in self.reports:
            return "This method is still being looked at."
        if name == "trace" and self.traceable is None:
            return "Choose a file first: Tab shows the files."
        if name == "expand_all" and self.view == "about":
            return "There is nothing to open here: Tab shows the files."
        return ""

    @property
    def traceable(self) -> str | None:
        """The path of the file under the cursor, under the method of its view."""
        if self.view == "files":
            row = self.query_one("#files", ExplorerView).current
            is_file = row is not None and isinstance(row.item, Inside) and row.item.at is not None
            return row.key if row and is_file else None
        line = self.query_one("#moves", Details).current if self.view == "moves" else None
        return line.key if line and line.key and not line.fold else None

    def action_take(self) -> None:
        """Ask whether it is for this session or for the project."""
        if not self._may("choose"):
            return
        method = self.method
        screen = SetMethodScreen(self.workflow, method)

        def answered(choice: tuple[str, Edit | None] | None) -> None:
            if choice is not None:
                self.dismiss(MethodChoice(method, choice[1]))

        self.app.push_screen(screen, answered)

    def action_turn(self, step: int) -> None:
        """Show another view of the method, and give it the keys."""
        here = VIEWS.index(self.view) + step
        if (
            self.table.has_focus
            and self.view == "about"
            and step > 0
            and not self.has_class("-wide")
        ):
            here = VIEWS.index("files")
        self._see(VIEWS[here % len(VIEWS)])

    def action_against(self) -> None:
        """Compare with the next of the other methods."""
        others = [id_ for id_ in METHODS if id_ != self.method]
        at = others.index(self.other) if self.other in others else -1
        self._other = others[(at + 1) % len(others)]
        self._see("moves")

    def action_directories(self) -> None:
        """Name the directories of install-option."""

        def answered(edit: Edit | None) -> None:
            if edit is not None and self._write(edit):
                self.table.move_to(METHODS.index("install-option"))

        self.app.push_screen(InstallOptionScreen(self.workflow), answered)

    def action_trace(self) -> None:
        """Trace the file under the cursor."""
        path = self.traceable
        if not self._may("trace") or path is None:
            return
        for id_ in (self.method, self.other):
            report = self.reports.get(id_)
            file = next((f for f in report.listing if f.path == path), None) if report else None
            if file is not None:
                self.app.push_screen(TraceScreen(self.workflow.with_method(id_), file))
                return

    def action_expand_all(self) -> None:
        """Open everything in view, or close it."""
        if self._may("expand_all"):
            view = self.query_one(f"#{self.view}")
            if isinstance(view, ExplorerView | Details):
                view.toggle_all()

    def action_leave(self) -> None:
        """First back to the table, then back to the main screen."""
        if self.table.has_focus:
            self.dismiss(None)
        else:
            self.table.focus()

    def on_details_left(self, event: Details.Left) -> None:
        """Back to the table."""
        event.stop()
        self.table.focus()

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Show what the row is about."""
        if event.view is self.table:
            self._show()
        self.query_one(KeyBar).refresh()

    def on_line_view_chosen(self, event: LineView.Chosen) -> None:
        """Enter on a method chooses it, on a file traces it."""
        if event.view is self.table:
            self.action_take()
        elif self.traceable is not None:
            self.action_trace()
        elif isinstance(event.view, ExplorerView):
            event.view.action_turn()

    def _title(self) -> Line:
        workflow = self.workflow
        return title_line(workflow.project.name, workflow.target)

    def _views(self) -> Line:
        return views_line(self.method, self.other, self.view)

    def _may(self, action: str) -> bool:
        reason = self.why_not(action)
        if reason:
            self.notify(reason, severity="warning", markup=False, timeout=4)
        return not reason

    def _see(self, view: str) -> None:
        self.view = view
        for name in VIEWS:
            self.set_class(name == view, f"-{name}")
        self._show()
        self.query_one(f"#{view}", LineView).focus(scroll_visible=False)

    def _take_reports(self, reports: dict[str, MethodReport]) -> None:
        changed = self.reports.get(self.method) is not reports.get(self.method)
        self.reports = reports
        self.table.show_reports(reports, self.workflow.method)
        if changed or self.other in reports:
            self._show()

    def _show(self) -> None:
        """Show what is in sight of the method under the cursor."""
        report, other = self.reports.get(self.method), self.reports.get(self.other)
        about, moves = self.query_one("#about", Details), self.query_one("#moves", Details)
        waiting = [Line((Span(f"Being looked at {SIGNS.ellipsis}", "dim"),))]
        about.show_from(
            lambda width, _, __: about_lines(report, width) if report else waiting, self.method
        )
        if report is not None:
            self.query_one("#files", ExplorerView).show(_directories(report))
        if self.view == "moves":
            from fctui.workflow.methods import movements

            found = movements(report, other) if report and other else ()
            moves.show_from(
                lambda width, folded, _: (
                    movement_lines(report, other, found, width, folded)
                    if report and other
                    else waiting
                ),
                (self.method, self.other),
            )
        for widget in self.query(Told):
            widget.refresh()


def _directories(report: MethodReport) -> Directories:
    """The files of a report as directories."""
    catalog = of_plan(Plan(target="", method=report.id, files=report.listing))
    return Directories(Selection(catalog), None, "name", {})
