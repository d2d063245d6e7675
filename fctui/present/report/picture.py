"""The treemap of a report: rectangles in the units of an SVG, two levels deep."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fctui.explore.catalog import Catalog
from fctui.explore.groups import grouped, members
from fctui.explore.selection import Node, Selection
from fctui.explore.treemap import TALL, Tile, tiles
from fctui.present.explore import owner_name
from fctui.present.size import human

WIDTH, HEIGHT = 960, 540
"""The picture in its own units; it scales with the page."""

_CELL = 3
# Units that a cell is wide; TALL times as high. What has less than six cells is in the rest.

_ROWS = int(HEIGHT / (_CELL * TALL))
_COLUMNS = WIDTH // _CELL

_LETTER = 6.6
# Units that a letter of the captions is wide, at most.

_INSIDE = (14, 5)
# Cells that a tile has at least for its files to be drawn in it.

_NEARLY_ALL = 0.9
# Of a directory: a frame around that would say nothing.

_CAPTION = 3
# Rows of cells that the caption takes of a tile.


class Box(Struct, frozen=True):
    """A rectangle: `caption` fits into it, `title` is shown where one points at it, `kind` is its
    manager for the colour, or "rest" or "inner".
    """

    x: float
    y: float
    width: float
    height: float
    caption: str
    below: str
    title: str
    kind: str


def boxes(catalog: Catalog) -> list[Box]:
    """The packages by their bytes, and in the larger ones their directories and files."""
    whole = Selection(catalog)
    groups = grouped(whole, "owner")
    drawn: list[Box] = []
    for tile in tiles([group.size for group in groups], _COLUMNS, _ROWS):
        if tile.item < 0:
            count = len(groups) - sum(box.kind != "inner" for box in drawn)
            drawn.append(_box(tile, f"{count:,} more", "rest", lines=2))
            continue
        group = groups[tile.item]
        opened = tile.width >= _INSIDE[0] and tile.height >= _INSIDE[1] + _CAPTION
        name = owner_name((group.manager, group.name))
        drawn.append(_box(tile, name, group.manager or "other", lines=1 if opened else 2))
        if opened:
            drawn += _inner(members(whole, "owner", group.number), tile)
    return drawn


def _inner(selection: Selection, tile: Tile) -> list[Box]:
    """What lies in one package, from the first directory that is not nearly all one other."""
    nodes = _opened(selection)
    found = tiles(
        [node.size for node in nodes],
        tile.width - 2,
        tile.height - _CAPTION - 1,
        x=tile.x + 1,
        y=tile.y + _CAPTION,
    )
    return [_box(each, nodes[each.item].name, "inner", lines=1) for each in found if each.item >= 0]


def _opened(selection: Selection) -> Sequence[Node]:
    node = selection.whole
    while True:
        nodes = selection.children(node, "size")
        first = nodes[0]
        if not first.is_directory or first.size < _NEARLY_ALL * node.size:
            return nodes
        node = first


def _box(tile: Tile, name: str, kind: str, *, lines: int) -> Box:
    high = _CELL * TALL
    width, height = tile.width * _CELL, tile.height * high
    size = human(tile.size)
    room = int((width - 8) / _LETTER)
    caption = below = ""
    if height >= 3 * high - 1 and room >= 3:
        caption = name if len(name) <= room else f"{name[: room - 1]}…"
        if len(caption) + 1 + len(size) <= room:
            caption = f"{caption} {size}"
        elif lines > 1 and height >= 6 * high and len(size) <= room:
            below = size
    return Box(
        x=tile.x * _CELL,
        y=tile.y * high,
        width=width,
        height=height,
        caption=caption,
        below=below,
        title=f"{name} {size}",
        kind=kind,
    )
