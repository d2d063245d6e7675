"""The last line: the keys that matter here. What cannot be done now is dimmed."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding
from textual.events import Click
from textual.screen import Screen
from textual.widgets import Input

from fctui.tui.lines.line import Line, Span
from fctui.tui.widgets.drawing import OneLine

_LAST = ("help", "quit")
# They stay where there is no room for all.


class KeyBar(OneLine):
    """Shows the bindings in force. `why_not` tells why one cannot be used now, or ""."""

    def __init__(self, why_not: Callable[[str], str], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._why_not = why_not
        self._shown: list[tuple[Binding, int]] = []

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def line(self, width: int) -> Line:
        """As many keys as there is room for, and help and quit always."""
        bindings = self._wanted()
        spans = {id(b): self._spans(b) for b in bindings}
        widths = {key: _width(found) for key, found in spans.items()}
        room = width - sum(widths[id(b)] for b in bindings if b.id in _LAST)
        shown = []
        for binding in bindings:
            if binding.id in _LAST:
                shown.append(binding)
            elif widths[id(binding)] <= room:
                room -= widths[id(binding)]
                shown.append(binding)
        self._shown = [(binding, widths[id(binding)]) for binding in shown]
        return Line(tuple(span for binding in shown for span in spans[id(binding)]))

    def on_click(self, event: Click) -> None:
        """A click on a key is the key."""
        right = 0
        for binding, width in self._shown:
            right += width
            if event.x < right:
                self.app.simulate_key(binding.key)
                return

    def _wanted(self) -> list[Binding]:
        found: dict[str, Binding] = {}
        typing = isinstance(self.screen.focused, Input)
        for active in self.screen.active_bindings.values():
            if typing and isinstance(active.node, Screen):
                continue  # letters are typed now
            if active.binding.show and active.binding.description and not active.binding.system:
                found.setdefault(active.binding.action, active.binding)
        return sorted(found.values(), key=lambda b: b.id in _LAST)

    def _spans(self, binding: Binding) -> list[Span]:
        key = self.app.get_key_display(binding)
        off = bool(self._why_not(binding.action.removeprefix("screen.")))
        return [
            Span(f" {key}", "off" if off else "key"),
            Span(f" {binding.description} ", "off" if off else "text"),
        ]


def _width(spans: list[Span]) -> int:
    return sum(len(span.text) for span in spans)
