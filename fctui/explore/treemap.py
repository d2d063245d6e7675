"""A treemap in the cells of a terminal: rectangles that fill the whole, as square as can be.

Squarified after Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000). Edges are rounded where
they stand, not widths: so the rectangles touch, and none overlaps another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

TALL = 2.0
# A cell is about twice as high as wide.

_LEAST = 6.0
# Cells: below that no name can be read; what is smaller goes into the rest.


class Tile(NamedTuple):
    """A rectangle in cells. `item` is the index of what it stands for, or -1 for the rest: all
    that is too small to be drawn, together. `size` in bytes.
    """

    item: int
    size: int
    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.height


def tiles(sizes: Sequence[int], width: int, height: int, *, x: int = 0, y: int = 0) -> list[Tile]:
    """Rectangles for these sizes, the largest first, which together are the whole of `width` by
    `height` cells; their sizes together are the sum of the sizes.
    """
    if width <= 0 or height <= 0:
        return []
    order = sorted((at for at, size in enumerate(sizes) if size > 0), key=lambda at: -sizes[at])
    if not order:
        return [Tile(-1, 0, x, y, width, height)]
    total = sum(sizes[at] for at in order)
    scale = width * height / total
    shown = [at for at in order if sizes[at] * scale >= _LEAST] or order[:1]
    while True:
        drawn = [(at, sizes[at]) for at in shown]
        rest = total - sum(size for _, size in drawn)
        if rest:
            drawn.append((-1, rest))
        found = _squarified(drawn, total, width, height, x, y)
        lost = {tile.item for tile in found if not (tile.width and tile.height)}
        if not lost:
            return found
        if lost == {-1}:
            beside = _beside(drawn, Tile(-1, total, x, y, width, height))
            if beside:
                return beside
            shown.pop()
        # Rounded away: its bytes are part of the rest then, or of what is left beside it.
        shown = [at for at in shown if at not in lost]
        if not shown:
            return [Tile(-1, total, x, y, width, height)]


def _beside(drawn: list[tuple[int, int]], whole: Tile) -> list[Tile]:
    """Those that are nearly all, and the rest in the narrowest tile that there is; none where
    the smallest of them is not larger than that, or one of them would have no room.
    """
    *others, (_, rest) = drawn
    size = whole.size - rest
    narrow = min(whole.width, whole.height) * whole.size / (whole.width * whole.height)
    if len(others) > 1 and others[-1][1] <= narrow:
        return []
    if whole.width > 1 and (whole.height <= whole.width or whole.height == 1):
        room = whole._replace(width=whole.width - 1)
        last = Tile(-1, rest, room.right, whole.y, 1, whole.height)
    elif whole.height > 1:
        room = whole._replace(height=whole.height - 1)
        last = Tile(-1, rest, whole.x, room.bottom, whole.width, 1)
    else:
        return [Tile(others[0][0], whole.size, *whole[2:])] if len(others) == 1 else []
    found = _squarified(others, size, room.width, room.height, room.x, room.y)
    return [*found, last] if all(tile.width and tile.height for tile in found) else []


def _squarified(
    drawn: list[tuple[int, int]], total: int, width: int, height: int, x: int, y: int
) -> list[Tile]:
    """The layout of sizes in falling order (the rest comes last, whatever its size)."""
    left, top, wide, high = 0.0, 0.0, float(width), height * TALL
    scale = wide * high / total
    found: list[Tile] = []
    at = 0
    while at < len(drawn):
        side = min(wide, high)
        upto, area, best = at, 0.0, float("inf")
        while upto < len(drawn):
            more = area + drawn[upto][1] * scale
            areas = [drawn[i][1] * scale for i in range(at, upto + 1)]
            worst = _worst(max(areas), min(areas), more, side)
            if upto > at and worst > best:
                break
            area, best, upto = more, worst, upto + 1
        last = upto == len(drawn)
        along = wide >= high  # a column at the left of what is left, else a row at its top
        thick = (wide if along else high) if last else area / side
        far = (left if along else top) + thick
        done = 0.0
        for item, size in drawn[at:upto]:
            start = done
            done += size * scale / thick if thick else 0.0
            if along:
                box = (left, top + start, far, top + done)
            else:
                box = (left + start, top, left + done, far)
            found.append(_snapped(item, size, box, x, y))
        if along:
            left, wide = far, wide - thick
        else:
            top, high = far, high - thick
        at = upto
    return found


def _worst(largest: float, smallest: float, area: float, side: float) -> float:
    """How far from a square the worst rectangle of a row is."""
    square = side * side / (area * area)
    return max(square * largest, 1 / (square * smallest)) if smallest else float("inf")


def _snapped(item: int, size: int, box: tuple[float, float, float, float], x: int, y: int) -> Tile:
    left, top, right, bottom = box
    x0, y0 = _cell(left), _cell(top / TALL)
    return Tile(item, size, x + x0, y + y0, _cell(right) - x0, _cell(bottom / TALL) - y0)


def _cell(edge: float) -> int:
    """The cell at an edge; the same edge computed in two ways must be the same cell."""
    return int(edge + 0.5 + 1e-6)


def neighbour(drawn: Sequence[Tile], here: int, across: int, down: int) -> int:
    """The tile beyond an edge, the one that shares most of it; `here` where there is none."""
    from_ = drawn[here]
    best, score = here, (0, 0)
    for at, tile in enumerate(drawn):
        if at == here:
            continue
        if across:
            beyond = tile.x >= from_.right if across > 0 else tile.right <= from_.x
            gap = tile.x - from_.right if across > 0 else from_.x - tile.right
            shared = min(tile.bottom, from_.bottom) - max(tile.y, from_.y)
        else:
            beyond = tile.y >= from_.bottom if down > 0 else tile.bottom <= from_.y
            gap = tile.y - from_.bottom if down > 0 else from_.y - tile.bottom
            shared = min(tile.right, from_.right) - max(tile.x, from_.x)
        if beyond and shared > 0 and (best == here or (-gap, shared) > score):
            best, score = at, (-gap, shared)
    return best


def nested(
    tile: Tile, sizes: Callable[[], Sequence[int]], *, least_width: int, least_height: int
) -> list[Tile]:
    """The tiles inside of one, below its first row and right of its first column; none where it
    is too small for that.
    """
    if tile.width < least_width or tile.height < least_height:
        return []
    return tiles(sizes(), tile.width - 1, tile.height - 1, x=tile.x + 1, y=tile.y + 1)
