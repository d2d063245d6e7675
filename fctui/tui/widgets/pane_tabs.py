"""The second line: the panes by number, and how many things are in each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message

from fctui.tui.lines.line import Line
from fctui.tui.lines.title import Tab, tabs_line
from fctui.tui.widgets.drawing import OneLine


class PaneTabs(OneLine):
    """Shows tabs; a click chooses one."""

    class Clicked(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.tabs: Sequence[Tab] = ()
        self.active = ""

    def show(self, tabs: Sequence[Tab], active: str) -> None:
        """Show other tabs."""
        self.tabs, self.active = tabs, active
        self.refresh()

    def line(self, width: int) -> Line:  # noqa: ARG002 - it is short
        """The tabs."""
        return tabs_line(self.tabs, self.active)

    def on_click(self, event: events.Click) -> None:
        """Find the tab that was clicked."""
        right = 0
        for tab in self.tabs:
            right += cell_len(tabs_line([tab], "").plain)
            if event.x < right:
                self.post_message(self.Clicked(tab.name))
                return
