"""How a widget draws lines: styles come from the style sheet, and text is never parsed."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from fctui.tui.lines.line import Line, draw

STYLES = (
    "text", "dim", "strong", "title", "heading", "label", "name", "declared", "used", "size",
    "library", "accent", "good", "warn", "bad", "match", "command", "tag", "added", "removed",
    "key", "off", "tab", "bar",
)  # fmt: skip
"""The styles that spans may have: `line--<name>` in the style sheet."""

LINE_CLASSES = {f"line--{name}" for name in (*STYLES, "cursor", "focus")}
"""Component classes for a screen. Textual works them out for each widget that has them, at every
change of focus: a screen's many lines share its own.
"""

_DIMMED = frozenset({"dim", "label", "tag", "off"})
_WITH_BACKGROUND = frozenset({"match", "cursor", "focus", "tab"})


class Drawing(Widget):
    """A widget that draws `Line`s, on a screen that has the `LINE_CLASSES`."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.highlight = ""
        self._drawn: dict[str, Style] = {}
        self._own: Style | None = None

    def notify_style_update(self) -> None:
        """Forget the styles of the theme before."""
        self._drawn.clear()
        self._own = None
        super().notify_style_update()

    def strip_of(self, line: Line, width: int, *, cursor: bool = False) -> Strip:
        """A line in exactly `width` cells."""
        if not cursor:
            strip = draw(line, width, self.span_style, self.highlight)
            if self._own is None:
                self._own = self.rich_style  # worked out anew each time that it is asked for
            return strip.apply_style(self._own)
        strip = draw(line, width, self._cursor_style, self.highlight)
        on_cursor = self.span_style("focus" if self.has_focus else "cursor")
        # Of sixteen colours not all can be read on the cursor's: there it has one of its own.
        over = Style(color=on_cursor.color) if self.app.native_ansi_color else None
        return Strip(Segment.apply_style(strip, on_cursor, over), width)

    def _cursor_style(self, name: str) -> Style:
        """On the cursor's line nothing is dimmed: it could not be read there."""
        return self.span_style("text" if name in _DIMMED else name)

    def span_style(self, name: str) -> Style:
        """The style of a span, without a background where the line's own is to be seen."""
        if name not in self._drawn:
            full = self.screen.get_component_rich_style(f"line--{name}")
            if name not in _WITH_BACKGROUND:
                full = Style(
                    color=full.color, bold=full.bold, dim=full.dim, italic=full.italic,
                    underline=full.underline, reverse=full.reverse, strike=full.strike,
                )  # fmt: skip
            self._drawn[name] = full
        return self._drawn[name]


class OneLine(Drawing):
    """A widget of one line, made anew for each width."""

    def line(self, width: int) -> Line:  # noqa: ARG002 - for subclasses
        """What it shows in `width` cells."""
        return Line()

    def render_line(self, y: int) -> Strip:
        """Draw it (Textual's Line API)."""
        width = self.size.width
        return self.strip_of(self.line(width), width) if y == 0 else Strip.blank(width)
