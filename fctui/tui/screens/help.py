"""All keys, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.binding import Binding
from textual.widget import Widget

from fctui.tui.lines.line import Line, Span, row
from fctui.tui.screens.dialog import Dialog
from fctui.tui.screens.keys import KEYS
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.details import Details
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView
from fctui.tui.widgets.log_panel import LogPanel
from fctui.tui.widgets.tree_view import TreeView
from fctui.tui.widgets.treemap_view import TreemapView

_KEY_NAMES = {
    "slash": "/", "question_mark": "?", "asterisk": "*", "escape": "Esc", "space": "Space",
    "enter": "Enter", "up": SIGNS.up, "down": SIGNS.down, "pageup": "PgUp", "pagedown": "PgDn",
    "left": "Left", "right": "Right", "home": "Home", "end": "End", "tab": "Tab",
    "shift+tab": "Shift+Tab", "ctrl+f": "^f", "ctrl+p": "^p", "backspace": "Backspace",
}  # fmt: skip


class HelpScreen(Dialog[None]):
    """Keys by where they work. What cannot be done now is dimmed, with the reason."""

    TITLE_TEXT = "Keys"

    def __init__(self, why_not: Callable[[str], str]) -> None:
        super().__init__(classes="help")
        self._why_not = why_not

    def parts(self) -> list[Widget]:
        """The list."""
        return [LinesView(cursor=False)]

    def on_mount(self) -> None:
        """Fill it."""
        palette = Binding(
            "ctrl+p", "app.command_palette", "commands", tooltip="Every command by name"
        )
        lines = [
            row("everywhere", "heading"),
            *self._lines([*KEYS, palette]),
            *_section("lists", [*_bindings(LineView), *_bindings(TreeView)]),
            *_section("map of the bundle", _bindings(TreemapView)),
            *_section("details", _bindings(Details)),
            *_section("log", _bindings(LogPanel)),
        ]
        view = self.query_one(LinesView)
        view.show(lines)
        view.focus()

    def _lines(self, bindings: Iterable[Binding]) -> Iterable[Line]:
        for binding in bindings:
            yield from _line(binding, self._why_not(binding.action))


def _section(title: str, bindings: Iterable[Binding]) -> Iterable[Line]:
    yield Line()
    yield row(title, "heading")
    for binding in bindings:
        yield from _line(binding)


def _bindings(widget: type[Widget]) -> Iterable[Binding]:
    return [binding for binding in widget.BINDINGS if isinstance(binding, Binding)]


def _line(binding: Binding, why_not: str = "") -> Iterable[Line]:
    keys = " ".join(_KEY_NAMES.get(key, key) for key in binding.key.split(","))
    style = "off" if why_not else "text"
    yield Line((Span(f"  {keys:<12} ", "off" if why_not else "key"), Span(binding.tooltip, style)))
    if why_not:
        yield row(f"{'':<15}not now: {why_not}", "off")
