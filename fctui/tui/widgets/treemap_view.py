"""The treemap: a directory's files as rectangles, to walk through with the arrow keys."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from fctui.explore.selection import Node, Selection
from fctui.explore.treemap import Tile, neighbour, tiles
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import size
from fctui.tui.lines.treemap import Cells, draw_tiles
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView


class TreemapView(LineView):
    """Shows one directory. Areas are bytes; what is too small to be seen is in the last tile.

    A view of lines like the others, so that panes and filters treat it alike: its lines are its
    tiles.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "across(1)", "Right", show=False, id="map-right", tooltip="To the right"),
        Binding("left", "across(-1)", "Left", show=False, id="map-left", tooltip="To the left"),
        Binding("backspace", "out", "Out", show=False, id="map-out", tooltip="Back out of it"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.selection: Selection | None = None
        self.node: Node | None = None
        self._children: list[Node] = []
        self._tiles: list[Tile] = []
        self._cells: Cells | None = None

    @property
    def count(self) -> int:
        """How many tiles there are."""
        return len(self._tiles)

    @property
    def current(self) -> Node | None:
        """What the chosen tile stands for; None for the rest."""
        tile = self._tiles[self.cursor] if self.cursor < len(self._tiles) else None
        return self._children[tile.item] if tile and tile.item >= 0 else None

    @property
    def cursor_key(self) -> str:
        """The path of the chosen tile."""
        return self.current.path if self.current else ""

    @property
    def header_height(self) -> int:
        """The line that says where one is."""
        return 1

    def show(self, selection: Selection) -> None:
        """Show a selection: the same directory as before, as far as there is still something."""
        path, chosen = self.node.path if self.node else "", self.cursor_key
        self.selection = selection
        node = selection.node(path)
        while node is None and path:
            path = path[: path.rfind("/", 0, -1) + 1]
            node = selection.node(path)
        self._enter(node or selection.whole, chosen)

    def action_across(self, step: int) -> None:
        """To the tile beside."""
        self._go(neighbour(self._tiles, self.cursor, step, 0) if self._tiles else 0)

    def action_move(self, step: int) -> None:
        """To the tile above or below."""
        self._go(neighbour(self._tiles, self.cursor, 0, step) if self._tiles else 0)

    def action_choose(self) -> None:
        """Go into a directory; a file's details are wanted."""
        node = self.current
        if node is not None and node.is_directory:
            self._enter(node, "")
        elif node is not None:
            super().action_choose()

    def action_out(self) -> None:
        """Go to the directory that this one lies in."""
        if self.node is None or self.selection is None or not self.node.path:
            return
        inner = self.node.path
        outer = self.selection.node(inner[: inner.rfind("/", 0, -1) + 1])
        self._enter(outer or self.selection.whole, inner)

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - asks the widget itself
        """Draw for the new size."""
        if self.selection is not None and self.node is not None:
            self._enter(self.node, self.cursor_key)

    def on_click(self, event: events.Click) -> None:
        """Choose the tile; go into it where it is chosen already."""
        event.stop()
        y = event.y - self.header_height
        for at, tile in enumerate(self._tiles):
            if tile.x <= event.x < tile.right and tile.y <= y < tile.bottom:
                if at == self.cursor:
                    self.action_choose()
                else:
                    self._go(at)
                return

    def resized(self, *, paint: bool = True) -> None:
        """Nothing scrolls: the map is as large as the view."""
        self.virtual_size = Size(0, 0)
        if paint:
            self.refresh()

    def header(self, width: int) -> Line | None:  # noqa: ARG002 - short enough
        """Where one is, and how to get out."""
        if self.node is None:
            return None
        out = f"  Backspace goes out {SIGNS.dot} Enter in" if self.node.path else "  Enter goes in"
        right = (Span(f"{self.node.files:,} files "), Span(f"{size(self.node.size)} ", "size"))
        return Line((Span(f" {self.node.path or 'everything'}", "title"), Span(out, "dim")), right)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the map (Textual's Line API)."""
        width = self.scrollable_content_region.width
        if y < self.header_height:
            line = self.header(width)
            return self.strip_of(line, width) if line else Strip.blank(width)
        row = y - self.header_height
        if self._cells is None or row >= len(self._cells.rows):
            return Strip.blank(width, self.rich_style)
        tile = self._tiles[self.cursor] if self.cursor < len(self._tiles) else None
        segments = []
        for text, style, owner in self._cells.row(row):
            over = self.span_style(style)
            if tile is not None and owner == self.cursor:
                over = self.span_style("focus" if self.has_focus else "cursor")
            segments.append(Segment(text, over))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _enter(self, node: Node, chosen: str) -> None:
        if self.selection is None:
            return
        region = self.scrollable_content_region
        width, height = region.width, region.height - self.header_height
        self.node = node
        self._children = self.selection.children(node, "size")
        self._tiles = tiles([child.size for child in self._children], width, height)
        self._cells = draw_tiles(self.selection, self._children, self._tiles, width, height)
        found = (
            at
            for at, tile in enumerate(self._tiles)
            if tile.item >= 0 and self._children[tile.item].path == chosen
        )
        self.cursor = next(found, 0)
        self.resized()
        self.post_message(self.Moved(self))

    def _go(self, at: int) -> None:
        if at != self.cursor:
            self.cursor = at
            self.refresh()
            self.post_message(self.Moved(self))
