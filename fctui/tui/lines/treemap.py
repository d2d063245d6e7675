"""A treemap as text: frames, names and sizes in a grid of cells.

Every tile has a frame at its left and its top, so that it can be told from its neighbours without
any colour; inside of it the largest things in it are drawn, fainter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from fctui.explore.selection import Node, Selection
from fctui.explore.treemap import Tile, nested
from fctui.tui.lines.line import clean, fit
from fctui.tui.lines.sizes import size
from fctui.tui.signs import SIGNS

_WIDE, _HIGH = 16, 4
# Cells from which on the inside of a tile is drawn as well.

_DEEP = 5
# Directories in each other: `usr/lib/x86_64-linux-gnu/` has nothing else in its first two.

_Cell = tuple[str, str, int]
# A character ("" for the second cell of a wide one), its style, the number of its tile.


class Cells:
    """A grid of characters."""

    def __init__(self, width: int, height: int) -> None:
        self.rows: list[list[_Cell]] = [[(" ", "text", -1)] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: str, tile: int) -> None:
        """Write some text; it has been cut to its room before."""
        row = self.rows[y]
        for character in text:
            wide = cell_len(character)
            if not wide or x + wide > len(row):
                continue
            row[x] = (character, style, tile)
            if wide == 2:
                row[x + 1] = ("", style, tile)
            x += wide

    def row(self, y: int) -> Iterator[_Cell]:
        """A row as runs of one style in one tile."""
        for (style, tile), run in groupby(self.rows[y], key=lambda cell: cell[1:]):
            yield "".join(cell[0] for cell in run), style, tile


def draw_tiles(
    selection: Selection, nodes: Sequence[Node], tiles: Sequence[Tile], width: int, height: int
) -> Cells:
    """The grid for the tiles of some nodes."""
    cells = Cells(width, max(0, height))
    whole = sum(tile.size for tile in tiles)
    for number, tile in enumerate(tiles):
        node = nodes[tile.item] if tile.item >= 0 else None
        _frame(cells, tile, number, "bar")
        name = node.name if node else _rest(len(nodes), tiles)
        style = "declared" if node and node.is_directory else "text" if node else "dim"
        _title(cells, tile, number, name, style)
        if node and node.is_directory and tile.width >= _WIDE and tile.height >= _HIGH:
            _inside(cells, selection, node, tile, number, _DEEP)
        elif tile.height > 1:
            share = f"{100 * tile.size / whole:.0f} %" if tile.size * 200 >= whole > 0 else ""
            _inner_line(cells, tile, number, 1, share)
    return cells


def _inside(
    cells: Cells, selection: Selection, node: Node, tile: Tile, number: int, deep: int
) -> None:
    inner = selection.children(node, "size")
    found = nested(
        tile, lambda: [each.size for each in inner], least_width=_WIDE, least_height=_HIGH
    )
    for each in found:
        _frame(cells, each, number, "off")
        name = inner[each.item].name if each.item >= 0 else SIGNS.ellipsis
        _title(cells, each, number, name, "dim")
        if each.item >= 0 and inner[each.item].is_directory and deep > 1:
            _inside(cells, selection, inner[each.item], each, number, deep - 1)


def _frame(cells: Cells, tile: Tile, number: int, style: str) -> None:
    corner, rule, guide = ("+", "-", "|") if SIGNS.rule == "-" else ("┌", "─", "│")
    cells.put(tile.x, tile.y, corner + rule * (tile.width - 1), style, number)
    for y in range(tile.y + 1, tile.bottom):
        cells.put(tile.x, y, guide + " " * (tile.width - 1), style, number)


def _title(cells: Cells, tile: Tile, number: int, name: str, style: str) -> None:
    """The name on the frame, and the size behind it where there is room for both."""
    room = tile.width - 1
    if room < 3:
        return
    text, bytes_ = clean(name), size(tile.size)
    both = cell_len(text) + 1 + len(bytes_)
    if both <= room:
        cells.put(tile.x + 1, tile.y, text, style, number)
        cells.put(tile.x + 2 + cell_len(text), tile.y, bytes_, "size", number)
        return
    cells.put(tile.x + 1, tile.y, fit(text, room), style, number)
    _inner_line(cells, tile, number, 1, bytes_)


def _inner_line(cells: Cells, tile: Tile, number: int, row: int, text: str) -> None:
    """A line below the name, where nothing stands yet."""
    room = tile.width - 2
    if row >= tile.height or len(text) > room:
        return
    if cells.rows[tile.y + row][tile.x + 1][0] != " ":
        row += 1
        if row >= tile.height:
            return
    cells.put(tile.x + 1, tile.y + row, set_cell_size(text, room), "dim", number)


def _rest(count: int, tiles: Sequence[Tile]) -> str:
    shown = sum(tile.item >= 0 for tile in tiles)
    return f"{count - shown:,} more" if count > shown else "nothing"
