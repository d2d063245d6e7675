"""The first line: what is bundled for what, how big it is, how much is wrong."""

from __future__ import annotations

from fctui.tui.lines.line import Line
from fctui.tui.lines.title import Heading, title_line
from fctui.tui.widgets.drawing import OneLine


class TitleBar(OneLine):
    """Shows a heading."""

    heading: Heading | None = None

    def show(self, heading: Heading) -> None:
        """Show another one."""
        self.heading = heading
        self.refresh()

    def line(self, width: int) -> Line:
        """The heading, as wide as there is room."""
        return title_line(self.heading, width) if self.heading else Line()
