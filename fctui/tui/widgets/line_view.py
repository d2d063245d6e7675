"""A scrolling view that draws only the lines in sight, with a cursor: as fast for 100,000 lines."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fctui.tui.lines.line import Line
from fctui.tui.widgets.drawing import Drawing


class LineView(Drawing, ScrollView, can_focus=True):
    """Shows `count` lines that a subclass makes one at a time.

    The first line stays in place where the subclass has a `header`. No text is ever parsed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="up", tooltip="One line up"),
        Binding("down,j", "move(1)", "Down", show=False, id="down", tooltip="One line down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="page-up", tooltip="A page up"),
        Binding(
            "pagedown", "page(1)", "Page down", show=False, id="page-down", tooltip="A page down"
        ),
        Binding("home,g", "jump(0)", "First", show=False, id="first", tooltip="The first line"),
        Binding("end,G", "jump(-1)", "Last", show=False, id="last", tooltip="The last line"),
        Binding("enter", "choose", "Show", show=False, id="choose", tooltip="Details of this line"),
    ]

    class Moved(Message):
        """The cursor went to another line, or another thing came to stand on its line."""

        def __init__(self, view: LineView) -> None:
            super().__init__()
            self.view = view

    class Chosen(Message):
        """Enter or a second click on the cursor's line."""

        def __init__(self, view: LineView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None, cursor: bool = True) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.cursor = 0
        self.has_cursor = cursor

    @property
    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    @property
    def cursor_key(self) -> str:
        """What the cursor's line stands for."""
        raise NotImplementedError

    def line_at(self, index: int, width: int) -> Line:
        """One line, for a view of `width` cells."""
        raise NotImplementedError

    def header(self, width: int) -> Line | None:  # noqa: ARG002 - for subclasses
        """The line that stays above the others, if there is one."""
        return None

    @property
    def lines_in_sight(self) -> int:
        """How many lines fit below the header."""
        return max(1, self.scrollable_content_region.height - self.header_height)

    @property
    def shows_cursor(self) -> bool:
        """Whether the cursor's line stands out."""
        return self.has_cursor

    def resized(self, *, paint: bool = True) -> None:
        """Tell the scroll bar how many lines there are, and keep the cursor among them. Without
        `paint` the lines are painted by who calls it.
        """
        size = Size(0, self.count + self.header_height)
        room = self.container_size.height
        if room and self.show_vertical_scrollbar == (size.height > room):
            # Nothing but the length of the bar changes: the screen need not be laid out anew.
            self.set_reactive(LineView.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
            if self.scroll_y > self.max_scroll_y:
                self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
        else:
            self.virtual_size = size
        self.cursor = max(0, min(self.cursor, self.count - 1))
        if paint:
            self.refresh()

    def move_to(self, index: int, *, offset: int | None = None) -> None:
        """Put the cursor on a line and bring it into sight; with `offset`, that many lines below
        the top of the view.
        """
        before, self.cursor = self.cursor, max(0, min(index, self.count - 1))
        top = round(self.scroll_y)
        if offset is not None:
            top = self.cursor - offset
        elif self.cursor < top:
            top = self.cursor
        elif self.cursor >= top + self.lines_in_sight:
            top = self.cursor - self.lines_in_sight + 1
        stood = round(self.scroll_y)
        self.scroll_to(y=max(0, top), animate=False, immediate=True, force=True)
        if round(self.scroll_y) == stood and offset is None:
            for line in {before, self.cursor}:  # nothing else looks different now
                y = line - stood + self.header_height
                self.refresh(Region(0, y, self.outer_size.width, 1))
        else:
            self.refresh()
        if before != self.cursor:
            self.post_message(self.Moved(self))

    def action_move(self, step: int) -> None:
        """Move the cursor, or, without one, the view."""
        if self.has_cursor:
            self.move_to(self.cursor + step)
        else:
            self.scroll_relative(y=step, animate=False, immediate=True, force=True)

    def action_page(self, pages: int) -> None:
        """Move by what is in sight."""
        self.action_move(pages * max(1, self.lines_in_sight - 1))

    def action_jump(self, index: int) -> None:
        """Move to a line from the start, or with -1 to the last one."""
        if self.has_cursor:
            self.move_to(index if index >= 0 else self.count - 1)
        else:
            self.scroll_to(
                y=index if index >= 0 else self.max_scroll_y,
                animate=False,
                immediate=True,
                force=True,
            )

    def action_choose(self) -> None:
        """Tell that the cursor's line is wanted."""
        if self.count:
            self.post_message(self.Chosen(self))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line; choose it where the cursor already is."""
        index = event.y - self.header_height + round(self.scroll_y)
        if not (self.has_cursor and 0 <= index < self.count) or event.y < self.header_height:
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self.move_to(index)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the view (Textual's Line API)."""
        width = self.scrollable_content_region.width
        header = self.header(width) if self.header_height else None
        if header is not None and y == 0:
            return self.strip_of(header, width)
        index = y - self.header_height + round(self.scroll_y)
        if not 0 <= index < self.count:
            return Strip.blank(width, self.rich_style)
        cursor = index == self.cursor and self.shows_cursor
        return self.strip_of(self.line_at(index, width), width, cursor=cursor)

    @property
    def header_height(self) -> int:
        """Lines of the header."""
        return 0
