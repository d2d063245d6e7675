"""The details at the right, or, where there is no room, in the place of the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from fctui.tui.lines.line import Line, Span
from fctui.tui.widgets.lines_view import LinesView

Source = Callable[[int, Mapping[str, bool], str], list[Line]]
"""`details(width, folded, query)` of the pane in view."""


class Details(LinesView):
    """Lines that are made for the width at hand; groups of files open and close."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,left,backspace",
            "leave",
            "back",
            key_display="Esc",
            id="leave-details",
            tooltip="Back to the list",
        ),
        Binding("f", "screen.trace", "trace", id="trace-here", tooltip="The way of this file"),
        Binding(
            "space,right", "fold", "open", show=False, id="fold", tooltip="Open or close the group"
        ),
    ]

    class Left(Message):
        """The reader goes back to the list."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.folded: dict[str, bool] = {}
        self.filtered_by = ""
        self._source: Source | None = None
        self._about: object = None

    @property
    def shows_cursor(self) -> bool:
        """Only while it has the keys: else the tree's cursor is the one that counts."""
        return self.has_focus

    def line_at(self, index: int, width: int) -> Line:
        """One line, its numbers a cell away from the scroll bar."""
        line = super().line_at(index, width)
        return line._replace(right=(*line.right, Span(" "))) if line.right else line

    def show_from(self, source: Source, about: object) -> None:
        """Show what a pane tells; from the top where it is about another thing."""
        top = about != self._about
        self._source, self._about = source, about
        self.remake(top=top)

    def remake(self, *, top: bool = False) -> None:
        """Make the lines anew: the width, the folds or the facts have changed."""
        width = self.scrollable_content_region.width
        if self._source is not None and width > 0:
            self.show(self._source(width, self.folded, self.filtered_by), top=top)

    def filter(self, query: str) -> str:
        """Keep the files whose path has it."""
        self.filtered_by = self.highlight = query
        self.remake(top=True)
        return f"{sum(1 for line in self.lines if line.key and not line.fold):,} files"

    def toggle_all(self) -> None:
        """Open every group of files, or close all."""
        groups = {line.fold: index for index, line in enumerate(self.lines) if line.fold}
        opened = any(not self._is_open(index) for index in groups.values())
        self.folded.update(dict.fromkeys(groups, not opened))
        self.remake()

    def action_leave(self) -> None:
        """Go back."""
        self.post_message(self.Left())

    def action_fold(self) -> None:
        """Open or close the group under the cursor."""
        line = self.current
        if line is not None and line.fold:
            self.folded[line.fold] = self._is_open(self.cursor)
            self.remake()

    def action_choose(self) -> None:
        """Enter opens and closes as well."""
        self.action_fold()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - asks the widget itself
        """Make the lines for the new width."""
        self.remake()

    def _is_open(self, index: int) -> bool:
        """Whether lines of the group stand below its heading."""
        below = self.lines[index + 1] if index + 1 < len(self.lines) else None
        return below is not None and bool(below.key) and not below.fold
