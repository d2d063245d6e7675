"""What packages cost with all under them, whatever rings and diamonds a graph has."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from fctui.model.closures import closure_sizes
from fctui.model.graph import reachable
from fctui.model.package import Package, Resolution


def graph(edges: Mapping[str, tuple[str, ...]]) -> Resolution:
    packages = {
        id_: Package(manager="npm", id=id_, name=id_, version="1", requires=requires)
        for id_, requires in edges.items()
    }
    return Resolution(manager="npm", target="test", roots=(), packages=packages)


@pytest.mark.parametrize("seed", range(40))
def test_each_sum_is_that_of_what_is_reached(seed: int) -> None:
    source = random.Random(seed)
    ids = [f"p{number}" for number in range(source.randint(1, 40))]
    edges = {
        id_: tuple(source.choices([*ids, "gone"], k=source.randint(0, source.choice([1, 2, 5]))))
        for id_ in ids
    }
    sizes = {id_: source.randint(0, 999) for id_ in ids if source.random() < 0.9}
    resolution = graph(edges)
    assert closure_sizes(resolution, sizes) == {
        id_: sum(sizes.get(below, 0) for below in reachable(resolution, [id_])) for id_ in ids
    }


def test_a_deep_chain_and_a_long_ring_need_no_recursion() -> None:
    count = 5000
    chain = {f"p{n}": (f"p{n + 1}",) for n in range(count)}
    sizes = {f"p{n}": 1 for n in range(count)}
    assert closure_sizes(graph(chain), sizes)["p0"] == count
    ring = {**chain, f"p{count - 1}": ("p0",)}
    assert set(closure_sizes(graph(ring), sizes).values()) == {count}
