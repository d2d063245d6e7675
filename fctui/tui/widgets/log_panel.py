"""The log, when asked for: follows its end, is searched and saved."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from fctui.tui.lines.line import Line, Span
from fctui.tui.log_book import LogBook
from fctui.tui.widgets.filter_bar import FilterBar
from fctui.tui.widgets.line_view import LineView

_STEP = 16  # cells that a long line is moved by


class LogView(LineView):
    """The lines of a log book. It follows the end while the cursor is on the last line."""

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.book = book
        self.shift = 0
        self._dropped = 0

    @property
    def count(self) -> int:
        """How many lines are kept."""
        return len(self.book)

    @property
    def cursor_key(self) -> str:
        """The number of the line under the cursor."""
        return str(self.cursor + self.book.dropped)

    @property
    def follows(self) -> bool:
        """Whether the newest line is to stay in sight."""
        return self.cursor >= self.count - 1 and self.scroll_y >= self.max_scroll_y - 1

    def line_at(self, index: int, width: int) -> Line:  # noqa: ARG002 - cut where it ends
        """One line, moved to the left where the reader has moved it."""
        tag, *rest = self.book.entries[index].line().left
        return Line((tag, *(Span(span.text[self.shift :], span.style) for span in rest)))

    def grown(self, *, followed: bool) -> None:
        """Lines were added, and perhaps old ones dropped."""
        dropped, self._dropped = self.book.dropped - self._dropped, self.book.dropped
        top = round(self.scroll_y)
        self.resized()
        if followed:
            self.move_to(self.count - 1)
        elif dropped:
            self.cursor = max(0, self.cursor - dropped)
            self.scroll_to(y=max(0, top - dropped), animate=False, immediate=True, force=True)

    def move_sideways(self, steps: int) -> None:
        """Show the ends of long lines."""
        self.shift = max(0, self.shift + steps * _STEP)
        self.refresh()


class LogPanel(Vertical):
    """Half of the screen: the log and the line to search it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash,ctrl+f",
            "search",
            "search",
            key_display="/",
            id="log-search",
            tooltip="Search the log",
        ),
        Binding("n", "next(1)", "next", id="log-next", tooltip="The next line that has it"),
        Binding(
            "N", "next(-1)", "previous", id="log-previous", tooltip="The line before that has it"
        ),
        Binding("s", "save", "save", id="log-save", tooltip="Write the whole log to a file"),
        Binding(
            "left",
            "sideways(-1)",
            "Left",
            show=False,
            id="log-left",
            tooltip="The start of long lines",
        ),
        Binding(
            "right",
            "sideways(1)",
            "Right",
            show=False,
            id="log-right",
            tooltip="The end of long lines",
        ),
        Binding(
            "end,G,f", "follow", "Follow", show=False, id="log-follow", tooltip="Follow the end"
        ),
        Binding(
            "escape", "leave", "close", key_display="Esc", id="log-close", tooltip="Close the log"
        ),
    ]

    class Left(Message):
        """The log is to be closed."""

    class SaveRequested(Message):
        """The log is to be written to a file."""

    def __init__(self, book: LogBook, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.book = book

    def compose(self) -> ComposeResult:
        """The lines and the search."""
        yield LogView(self.book)
        yield FilterBar("search ", "text in the log", self.look_for, id="log-filter")

    @property
    def view(self) -> LogView:
        """The lines."""
        return self.query_one(LogView)

    @property
    def bar(self) -> FilterBar:
        """The line to search with."""
        return self.query_one(FilterBar)

    def action_search(self) -> None:
        """Type what to search for."""
        self.bar.open()

    def action_next(self, step: int) -> None:
        """Go to the next line that has it, and round the end."""
        found = self._found()
        if not found:
            return
        here = self.view.cursor
        if step > 0:
            index = next((i for i in found if i > here), found[0])
        else:
            index = next((i for i in reversed(found) if i < here), found[-1])
        self.view.move_to(index)
        self.bar.say(f"{found.index(index) + 1} of {len(found)}")

    def action_save(self) -> None:
        """Ask for a file."""
        self.post_message(self.SaveRequested())

    def action_sideways(self, steps: int) -> None:
        """Move long lines."""
        self.view.move_sideways(steps)

    def action_follow(self) -> None:
        """Go to the end, and stay there."""
        self.view.move_to(self.view.count - 1)

    def action_leave(self) -> None:
        """Close the log, or first the search."""
        if self.view.highlight:
            self.bar.action_clear()
        else:
            self.post_message(self.Left())

    def look_for(self, query: str) -> None:
        """Stand on the last line that has it: what failed is nearer to the end."""
        self.view.highlight = query
        found = self._found()
        if found:
            self.view.move_to(found[-1])
        self.view.refresh()
        self.bar.say(f"{len(found)} of {len(found)}" if found else "not in the log")

    def on_filter_bar_moved(self, event: FilterBar.Moved) -> None:
        """Move while typing."""
        event.stop()
        self.action_next(1 if event.step > 0 else -1)

    def on_filter_bar_closed(self, event: FilterBar.Closed) -> None:
        """Give the keys back to the lines."""
        event.stop()
        self.view.focus()

    def _found(self) -> list[int]:
        wanted = self.view.highlight.casefold()
        if not wanted:
            return []
        return [i for i, entry in enumerate(self.book.entries) if wanted in entry.text.casefold()]
