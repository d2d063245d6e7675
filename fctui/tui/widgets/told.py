"""One line that somebody else makes: a title, a row of views."""

from __future__ import annotations

from collections.abc import Callable

from fctui.tui.lines.line import Line
from fctui.tui.widgets.drawing import OneLine


class Told(OneLine):
    """Shows what `tell` gives, at every drawing anew."""

    def __init__(self, tell: Callable[[], Line], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._tell = tell

    def line(self, width: int) -> Line:  # noqa: ARG002 - these lines are short
        """The line of now."""
        return self._tell()
