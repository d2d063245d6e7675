"""The treemap: every cell belongs to one tile, every byte too, and areas follow the bytes."""

from __future__ import annotations

import random

import pytest

from fctui.explore.treemap import Tile, neighbour, nested, tiles


def check_whole(found: list[Tile], width: int, height: int, x: int = 0, y: int = 0) -> None:
    cells = [
        (column, row)
        for tile in found
        for row in range(tile.y, tile.bottom)
        for column in range(tile.x, tile.right)
    ]
    assert len(cells) == len(set(cells)) == width * height
    assert all(x <= column < x + width and y <= row < y + height for column, row in cells)
    assert all(tile.width and tile.height for tile in found)


@pytest.mark.parametrize("seed", range(60))
def test_tiles_are_the_whole(seed: int) -> None:
    source = random.Random(seed)
    sizes = [int(source.paretovariate(0.7) * 100) for _ in range(source.randint(1, 400))]
    if seed % 3 == 0:
        sizes += [0] * 5
    width, height = source.randint(1, 130), source.randint(1, 45)
    found = tiles(sizes, width, height, x=3, y=2)
    check_whole(found, width, height, 3, 2)
    assert sum(tile.size for tile in found) == sum(sizes)
    shown = [tile.item for tile in found if tile.item >= 0]
    assert len(shown) == len(set(shown))
    assert all(tile.size == sizes[tile.item] for tile in found if tile.item >= 0)
    cell = sum(sizes) / (width * height)
    for tile in found:
        # Each edge is at most half a cell from where it belongs, and the two of a side together
        # at most one.
        true = tile.size / cell
        most = (tile.width + 1) * (tile.height + 1)
        least = max(0, tile.width - 1) * max(0, tile.height - 1)
        assert least <= true + 1e-6
        assert true <= most + 1e-6


def test_nothing_and_almost_nothing() -> None:
    assert tiles([], 10, 4) == [Tile(-1, 0, 0, 0, 10, 4)]
    assert tiles([0, 0], 10, 4) == [Tile(-1, 0, 0, 0, 10, 4)]
    assert tiles([5], 0, 4) == []
    assert tiles([5], 10, 4) == [Tile(0, 5, 0, 0, 10, 4)]
    (one,) = tiles([1] * 1000, 1, 1)
    assert one.size == 1000


def test_what_is_nearly_all_is_named() -> None:
    found = tiles([1_000_000, 3, 2], 40, 10)
    assert found == [Tile(0, 1_000_000, 0, 0, 39, 10), Tile(-1, 5, 39, 0, 1, 10)]
    assert [tile.item for tile in tiles([1_000_000, 3], 1, 10)] == [0, -1]


def test_four_equal_ones_are_four_quarters() -> None:
    found = tiles([10] * 4, 40, 10)
    assert sorted((t.width, t.height) for t in found) == [(20, 5)] * 4


def test_moving_reaches_every_tile() -> None:
    source = random.Random(4)
    found = tiles([int(source.paretovariate(1) * 100) for _ in range(30)], 100, 30)
    reached, waiting = {0}, [0]
    while waiting:
        here = waiting.pop()
        for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            there = neighbour(found, here, across, down)
            if there not in reached:
                reached.add(there)
                waiting.append(there)
    assert reached == set(range(len(found)))


def test_moving_stops_at_the_edge() -> None:
    found = tiles([1, 1], 40, 4)
    left = next(at for at, tile in enumerate(found) if tile.x == 0)
    assert neighbour(found, left, -1, 0) == left
    assert neighbour(found, left, 1, 0) != left


def test_nested_ones_lie_inside() -> None:
    outer = Tile(0, 100, 5, 3, 20, 8)
    inner = nested(outer, lambda: [60, 40], least_width=8, least_height=3)
    check_whole(inner, 19, 7, 6, 4)
    assert sum(tile.size for tile in inner) == 100
    assert nested(outer._replace(height=2), lambda: [1], least_width=8, least_height=3) == []


def test_next_to_nothing_takes_no_others_place() -> None:
    found = tiles([120_900_000, 74_800_000, 4_000, 900], 113, 84)
    assert [tile.item for tile in found] == [0, 1, -1]
    large, small, rest = found
    assert rest.size == 4_900
    assert min(rest.width, rest.height) == 1
    assert small.width * small.height / (large.width * large.height) == pytest.approx(
        0.62, abs=0.02
    )
