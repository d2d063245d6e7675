"""What a pane says where it has nothing to list: a sentence, and the next key."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Static

from fctui.tui.lines.line import clean
from fctui.tui.signs import SIGNS


class Notice(Static):
    """A sign, a sentence, what to do next. The text is plain, whatever is in it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self.said = ""

    def say(self, sentence: str, hint: str = "", keys: str = "", *, sign: str = "") -> None:
        """Show it. `keys` are named last: they are what to press next."""
        lines = [clean(line) for line in sentence.splitlines()] or [""]
        lines[0] = f"{sign} {lines[0]}" if sign else lines[0]
        text = Text(lines[0], style="bold")
        for line in lines[1:]:  # what a tool said, in its own lines
            text.append(f"\n{line}", style="not bold")
        for part in hint.splitlines():
            text.append(f"\n\n{clean(part)}", style="not bold")
        if keys:
            text.append(f"\n\n{keys}", style="dim not bold")
        text.justify = "left" if len(lines) > 1 else "center"
        self.said = text.plain
        self.update(text)
        self.set_class(sign == SIGNS.failed, "-failed")
        self.set_class(len(lines) > 1, "-long")
