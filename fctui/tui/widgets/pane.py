"""What all panes have in common: a list or a notice, a stage, and details of what is selected."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Container

from fctui.model.errors import FctuiError
from fctui.tui.lines.line import Line
from fctui.tui.lines.title import Stage
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.notice import Notice


class Pane(Container):
    """One of the panes 1 to 6. It shows its list once there is something in it, else a notice."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name, classes="pane")
        self.pane = name
        self.stage = Stage.LOADING
        self.filtered_by = ""

    def compose(self) -> ComposeResult:
        """A notice, and the list hidden."""
        yield Notice()
        yield self.make_view()

    def make_view(self) -> LineView:
        """The list of this kind of pane."""
        raise NotImplementedError

    @property
    def view(self) -> LineView:
        """The list."""
        return self.query_one(LineView)

    @property
    def total(self) -> int | None:
        """How many things there are; None while that is not known."""
        raise NotImplementedError

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:
        """The details of what is selected, for `width` cells."""
        raise NotImplementedError

    def filter(self, query: str) -> str:
        """Keep what matches; returns how much that is."""
        raise NotImplementedError

    @property
    def is_tree(self) -> bool:
        """Whether there is something to open and to order."""
        return False

    def toggle_all(self) -> None:
        """Open everything, or close it."""

    def toggle_order(self) -> None:
        """The next order."""

    def say(self, stage: Stage, sentence: str, hint: str = "", keys: str = "") -> None:
        """Show a notice instead of the list."""
        self.stage = stage
        sign = {Stage.FAILED: SIGNS.failed, Stage.STOPPED: SIGNS.stopped}.get(stage, "")
        self.query_one(Notice).say(sentence, hint, keys, sign=sign)
        self._show_list(shown=False)

    def fail(self, error: FctuiError, keys: str) -> None:
        """Show what failed and what to do next."""
        self.say(Stage.FAILED, error.message, error.hint, keys)

    def show_list(self) -> None:
        """Show the list instead of the notice."""
        self.stage = Stage.READY
        self._show_list(shown=True)

    def _show_list(self, *, shown: bool) -> None:
        focused = self.app.focused
        self.set_class(shown, "-ready")
        if shown and (focused is None or focused is self.view) and self.display:
            self.view.focus(scroll_visible=False)
