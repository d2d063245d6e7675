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
        parts = [f"{sign} {clean(sentence)}" if sign else clean(sentence)]
        parts += [clean(part) for part in (hint,) if part]
        self.said = "\n".join([*parts, keys])
        text = Text(parts[0], style="bold", justify="center")
        for part in parts[1:]:
            text.append(f"\n\n{part}", style="not bold")
        if keys:
            text.append(f"\n\n{keys}", style="dim not bold")
        self.update(text)
        self.set_class(sign == SIGNS.failed, "-failed")
