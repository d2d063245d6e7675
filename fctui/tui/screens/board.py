"""The main screen's widgets: where they stand, and what they are told to show."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from fctui.model.plan import Plan, PlannedFile
from fctui.tui.lines.title import Heading, Stage, Tab
from fctui.tui.log_book import LogBook
from fctui.tui.screens.keys import MANAGERS, PANES
from fctui.tui.signs import SIGNS
from fctui.tui.styles import style_sheet
from fctui.tui.widgets.bundle_pane import BundlePane
from fctui.tui.widgets.checks_pane import ChecksPane
from fctui.tui.widgets.dependency_pane import DependencyPane
from fctui.tui.widgets.details import Details
from fctui.tui.widgets.drawing import LINE_CLASSES
from fctui.tui.widgets.filter_bar import FilterBar
from fctui.tui.widgets.key_bar import KeyBar
from fctui.tui.widgets.log_line import LogLine
from fctui.tui.widgets.log_panel import LogPanel
from fctui.tui.widgets.pane import Pane
from fctui.tui.widgets.pane_tabs import PaneTabs
from fctui.tui.widgets.task_strip import TaskStrip
from fctui.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from fctui.workflow.workflow import Workflow

_WIDE = 110
# Cells: from here on tree and details stand side by side, each with room for its columns.


class Board(Screen[None]):
    """Title, tabs, panes, details, filter, tasks, log, keys."""

    COMPONENT_CLASSES: ClassVar[set[str]] = LINE_CLASSES
    CSS_PATH = str(style_sheet("main"))
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012 - Textual types it so

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(id="main")
        self.workflow = workflow
        self.book = LogBook()
        self.busy: set[str] = set()  # managers at work, and "" for the bundle
        self.plan: Plan | None = None
        self.complete = False  # whether the plan has all managers in it
        self._details_wanted = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield TitleBar(id="title")
        yield PaneTabs(id="tabs")
        with Horizontal(id="body"):
            with ContentSwitcher(initial=self.first_pane, id="panes"):
                for name in MANAGERS:
                    yield DependencyPane(name, self.files_of)
                yield BundlePane("bundle")
                yield ChecksPane("checks")
            yield Details(id="details")
        yield FilterBar("/ ", "a part of a name, >5M, <100k", self.look_for, id="filter")
        yield TaskStrip(id="tasks")
        yield LogLine(self.book, id="log-line")
        yield LogPanel(self.book, id="log")
        yield KeyBar(self.why_not, id="keys")

    @property
    def first_pane(self) -> str:
        """The first pane that has something declared."""
        return self.workflow.managers[0] if self.workflow.managers else "pip"

    @property
    def pane(self) -> Pane:
        """The pane in view."""
        return self.query_one(f"#{self.query_one('#panes', ContentSwitcher).current}", Pane)

    @property
    def dependency_pane(self) -> DependencyPane | None:
        """The pane in view, where it is a package manager's."""
        pane = self.pane
        return pane if isinstance(pane, DependencyPane) else None

    @property
    def details(self) -> Details:
        """The details."""
        return self.query_one("#details", Details)

    @property
    def log_panel(self) -> LogPanel:
        """The log, open or not."""
        return self.query_one("#log", LogPanel)

    @property
    def filter_bar(self) -> FilterBar:
        """The line to type a filter into."""
        return self.query_one("#filter", FilterBar)

    @property
    def file_under_cursor(self) -> PlannedFile | None:
        """The file that the cursor is on: in the details of a package, or in the bundle's pane."""
        pane, manager = self.pane, self.dependency_pane
        if manager is not None and self.details.has_focus:
            line = self.details.current
            if line is None or not line.key or line.fold:
                return None
            files, _ = self.files_of(manager.pane, manager.selected)
            return next((file for file in files or () if file.path == line.key), None)
        if not isinstance(pane, BundlePane) or pane.explored is None or self.plan is None:
            return None
        path, files = pane.explored.path_of(pane.item()), self.plan.files
        at = bisect_left(files, path, key=lambda file: file.path)
        return files[at] if at < len(files) and files[at].path == path else None

    def manager_pane(self, manager: str) -> DependencyPane:
        """The pane of a manager."""
        return self.query_one(f"#{manager}", DependencyPane)

    def why_not(self, action: str) -> str:
        """Why an action cannot be done now; "" where it can."""
        raise NotImplementedError

    def look_for(self, query: str) -> None:
        """Filter what has the keys."""
        raise NotImplementedError

    def files_of(self, manager: str, id_: str) -> tuple[tuple[PlannedFile, ...] | None, str]:
        """The files of a package and where they were built, or why they are not known."""
        listing = self.workflow.listings.get(manager)
        if listing is not None and id_ in listing.contents:
            return self.workflow.package_files(manager, id_), listing.contents[id_].built
        if listing is not None and id_ in listing.unknown:
            return None, listing.unknown[id_]
        if manager in self.busy or "" in self.busy:
            return None, f"being listed {SIGNS.ellipsis}"
        return None, "not listed yet; r asks for them"

    def open_pane(self, name: str) -> None:
        """Show a pane, with the filter that it was left with."""
        self.query_one("#panes", ContentSwitcher).current = name
        self.query_one("#body").remove_class("-details")
        self.filter_bar.restore(self.pane.filtered_by)
        self.focus_pane()
        self.show_state()
        self.show_details()

    def focus_pane(self) -> None:
        """Give the keys to the list in view."""
        if self.pane.has_class("-ready"):
            self.pane.view.focus(scroll_visible=False)
        else:
            self.set_focus(None)

    def show_details(self) -> None:
        """Show what the cursor is on, once for all moves that wait."""
        if not self._details_wanted:
            self._details_wanted = True
            self.call_later(self._show_details)

    def _show_details(self) -> None:
        self._details_wanted = False
        pane = self.pane
        row = pane.view.cursor_key
        self.details.show_from(pane.details, (pane.pane, row))
        self.query_one("#keys").refresh()

    def show_state(self) -> None:
        """Show title, tabs and keys as things stand."""
        workflow = self.workflow
        if self.plan is not None:
            total = self.plan.totals.size
            # Nothing is found in what is not there: then that is no good news.
            findings = self.query_one(ChecksPane).total or (0 if self.complete else None)
        else:
            total = sum(sum(workflow.sizes(manager).values()) for manager in workflow.managers)
            findings = self.query_one(ChecksPane).total or None
        zipped = self.query_one(BundlePane).zipped if self.plan is not None else None
        heading = Heading(
            project=workflow.project.name,
            target=workflow.target,
            method=workflow.method,
            bytes=total,
            complete=self.plan is not None and self.complete,
            findings=findings,
            zipped=zipped.used if zipped else None,
            zipped_exactly=zipped is not None and zipped.exact,
            offline=workflow.context.offline,
        )
        self.query_one(TitleBar).show(heading)
        self.query_one(PaneTabs).show(
            [self._tab(i, name) for i, name in enumerate(PANES, 1)], self.pane.pane
        )
        self.query_one("#keys").refresh()

    def _tab(self, number: int, name: str) -> Tab:
        pane = self.query_one(f"#{name}", Pane)
        stage = pane.stage
        if name in self.busy and stage is not Stage.READY:
            stage = Stage.LOADING
        return Tab(str(number), name, stage, pane.total, warn=name == "checks" and bool(pane.total))
