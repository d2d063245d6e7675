"""The main screen: what its keys do."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from fctui.tui import messages
from fctui.tui.lines.title import Stage
from fctui.tui.screens.asking import Asking
from fctui.tui.screens.help import HelpScreen
from fctui.tui.screens.keys import KEYS, PANES
from fctui.tui.widgets.details import Details
from fctui.tui.widgets.filter_bar import FilterBar
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.log_line import LogLine
from fctui.tui.widgets.log_panel import LogPanel
from fctui.tui.widgets.pane import Pane
from fctui.tui.widgets.pane_tabs import PaneTabs


class MainScreen(Asking):
    """Turns keys into what is shown, and into messages to the App."""

    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)
    filters_details = False

    @property
    def _filtered(self) -> Pane | Details:
        return self.details if self.filters_details else self.pane

    def action_pane(self, name: str) -> None:
        """Show a pane."""
        self.open_pane(name)

    def action_step_pane(self, step: int) -> None:
        """Show the next pane that has something, or the one before."""
        names = [name for name in PANES if self.query_one(f"#{name}").stage is not Stage.UNDECLARED]  # type: ignore[attr-defined]
        here = PANES.index(self.pane.pane)
        names.sort(key=lambda name: ((PANES.index(name) - here) * step - 1) % len(PANES))
        if names:
            self.open_pane(names[0])

    def action_build(self) -> None:
        """Ask for the bundle."""
        if self.may("build"):
            self.post_message(messages.BuildRequested())

    def action_cancel(self) -> None:
        """Stop what runs here; where nothing does, everything."""
        if self.may("cancel"):
            name = self.pane.pane
            here = name if name in self.busy and "" not in self.busy else ""
            self.post_message(messages.CancelRequested(here))

    def action_refresh(self) -> None:
        """Ask the registries of the manager in view again; judge the bundle again."""
        if not self.may("refresh"):
            return
        if self.pane.pane == "checks":
            self.post_message(messages.CheckRequested())
        else:
            self.post_message(messages.RefreshRequested(self.pane.pane))

    def action_expand_all(self) -> None:
        """Open everything in the list that has the keys, or close it."""
        if self.details.has_focus:
            self.details.toggle_all()
        elif self.may("expand_all"):
            self.pane.toggle_all()

    def action_order(self) -> None:
        """Order by size, or as declared."""
        if self.may("order"):
            self.pane.toggle_order()

    def action_invert(self) -> None:
        """Turn the tree around."""
        if self.may("invert") and self.dependency_pane is not None:
            self.dependency_pane.invert()
            self.show_details()

    def action_filter(self) -> None:
        """Type a filter: for the details where they have the keys, else for the list."""
        if self.may("filter"):
            self.filters_details = self.details.has_focus
            self.filter_bar.restore(self._filtered.filtered_by)
            self.filter_bar.open()

    def action_back(self) -> None:
        """Clear the filter."""
        if self.pane.filtered_by:
            self.filters_details = False
            self.filter_bar.action_clear()

    def action_log(self) -> None:
        """Show the log, or hide it."""
        opened = not self.log_panel.has_class("-open")
        self.log_panel.set_class(opened, "-open")
        self.query_one(LogLine).display = not opened
        if opened:
            self.log_panel.view.grown(followed=True)
            self.log_panel.view.focus()
        else:
            self.focus_pane()

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen(self.why_not))

    def on_pane_tabs_clicked(self, event: PaneTabs.Clicked) -> None:
        """A tab is its number."""
        self.open_pane(event.name)

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Details follow the cursor."""
        if event.view is self.pane.view:
            self.show_details()

    def on_line_view_chosen(self, event: LineView.Chosen) -> None:
        """Enter goes to the details; in a narrow terminal they take the list's place."""
        if event.view is self.pane.view:
            self.query_one("#body").add_class("-details")
            self.details.focus()

    def on_details_left(self, event: Details.Left) -> None:
        """Back to the list; first the filter of the details goes."""
        event.stop()
        if self.details.filtered_by:
            self.filters_details = True
            self.filter_bar.action_clear()
            return
        self.query_one("#body").remove_class("-details")
        self.focus_pane()

    def on_log_panel_left(self, event: LogPanel.Left) -> None:
        """Close the log."""
        event.stop()
        self.action_log()

    def look_for(self, query: str) -> None:
        """Filter as one types: the details where they had the keys, else the list."""
        self.filter_bar.say(self._filtered.filter(query))
        if not self.filters_details:
            self.show_details()  # last: what comes before it is painted in one frame

    def on_filter_bar_moved(self, event: FilterBar.Moved) -> None:
        """Move in the list while typing."""
        view = self.details if self.filters_details else self.pane.view
        view.action_move(event.step)

    def on_filter_bar_closed(self, event: FilterBar.Closed) -> None:  # noqa: ARG002 - there is one
        """Give the keys back."""
        if self.filters_details:
            self.details.focus()
        else:
            self.focus_pane()
