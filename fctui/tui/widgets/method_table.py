"""The table of the pip methods: a row for each, whatever is known of it by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fctui.project.settings import METHODS
from fctui.tui.lines.line import Line
from fctui.tui.lines.methods import heading_line, method_rows
from fctui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from fctui.workflow.methods import MethodReport


class MethodTable(LineView):
    """Rows in the order of the settings; the cursor stays where it is as figures arrive."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "choose",
            "use",
            key_display="Enter",
            id="use-method",
            tooltip="Use this method",
        ),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.reports: dict[str, MethodReport] = {}
        self._current = ""

    def show_reports(self, reports: dict[str, MethodReport], current: str) -> None:
        """Show the reports that are there; `current` is the method in force."""
        self.reports, self._current = reports, current
        self.resized()

    @property
    def count(self) -> int:
        """How many methods there are."""
        return len(METHODS)

    @property
    def cursor_key(self) -> str:
        """The method under the cursor."""
        return METHODS[self.cursor]

    @property
    def header_height(self) -> int:
        """The headings."""
        return 1

    def header(self, width: int) -> Line:
        """The headings."""
        return heading_line(width)

    def line_at(self, index: int, width: int) -> Line:
        """One method."""
        return list(method_rows(self.reports, self._current, width))[index]
