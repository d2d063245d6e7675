"""What packages cost, what goes with them, why they are there."""

from __future__ import annotations

import random

import pytest

from fctui.explore.budget import Budget, Gauge
from fctui.explore.catalog import Catalog
from fctui.explore.packages import costs, going, ways
from fctui.explore.zipped import zipped
from fctui.model.graph import exclusive, reachable
from fctui.model.package import Package, Resolution, Root
from fctui.model.target import Limits, Target
from fctui.present.explore import gauge_lines
from tests.support.catalogs import catalog_of, origin, planned
from tests.support.targets import debian


def graph(seed: int) -> tuple[Catalog, Resolution]:
    """A random graph with cycles, as a catalog and as the resolution that it is from."""
    source = random.Random(seed)
    names = [f"p{number}" for number in range(30)]
    requires = {name: tuple(source.sample(names, source.randint(0, 3))) for name in names}
    roots = source.sample(names, 4)
    catalog = catalog_of(
        *(planned(f"{name}/f", source.randint(1, 1000), owner=name) for name in names),
        origins=[
            origin(name, *requires[name], declared="r.txt:1" if name in roots else "")
            for name in names
        ],
    )
    packages = {
        name: Package(manager="pip", id=name, name=name, version="1", requires=requires[name])
        for name in names
    }
    found = Resolution(
        manager="pip",
        target="t",
        roots=tuple(Root(name, name) for name in roots),
        packages=packages,
    )
    return catalog, found


@pytest.mark.parametrize("seed", range(25))
def test_exclusive_is_what_goes(seed: int) -> None:
    """The tree of dominators says the same as leaving each package out and looking what is left."""
    catalog, resolution = graph(seed)
    sizes = {catalog.owner(at)[1]: catalog.sizes[at] for at in range(len(catalog))}
    found = costs(catalog)
    for name in reachable(resolution, [root.id for root in resolution.roots]):
        gone = exclusive(resolution, name)
        cost = found["pip", name]
        assert cost.exclusive == sum(sizes[each] for each in gone), name
        assert cost.others == len(gone) - 1
        assert going(catalog, [("pip", name)]) == {("pip", each) for each in gone}
        assert cost.own == sizes[name]


def test_two_together_take_what_both_bring() -> None:
    catalog = catalog_of(
        *(planned(name, 10, owner=name) for name in ("a", "b", "shared", "other")),
        origins=[
            origin("a", "shared", declared="x"),
            origin("b", "shared", declared="x"),
            origin("shared"),
            origin("other", declared="x"),
        ],
    )
    assert costs(catalog)["pip", "a"].exclusive == 10
    assert going(catalog, [("pip", "a")]) == {("pip", "a")}
    both = {("pip", "a"), ("pip", "b")}
    assert going(catalog, both) == {*both, ("pip", "shared")}
    assert ways(catalog, ("pip", "shared"))[0][0] == "x"
    assert ("x", "b", "shared") in ways(catalog, ("pip", "shared"))
    assert ways(catalog, ("pip", "nothing")) == []


def test_files_without_a_package_stand_for_themselves() -> None:
    catalog = catalog_of(planned("handler.py", 7, owner="thumbnail", manager="project"))
    cost = costs(catalog)["project", "thumbnail"]
    assert (cost.own, cost.exclusive, cost.others) == (7, 7, 0)


def make_target(limits: Limits) -> Target:
    return debian(limits=limits)


def test_gauges_move_with_what_ifs() -> None:
    catalog = catalog_of(
        planned("big/a.py", 900_000, owner="big"),
        planned("small/b.py", 100_000, owner="small"),
        planned("common/c.py", 50_000, owner="common"),
        origins=[
            origin("big", "common", declared="x"),
            origin("small", declared="x"),
            origin("common"),
        ],
    )
    limits = Limits(zip_api=200_000, zip_storage=None, unzipped=1_000_000, layers=5, environment=99)
    budget = Budget(catalog, make_target(limits), zipped(catalog))
    before = {gauge.name: gauge for gauge in budget.gauges()}
    after = {gauge.name: gauge for gauge in budget.gauges([("pip", "big")])}
    assert before["unzipped"].used == catalog.size == 1_050_000
    assert before["unzipped"].over
    assert after["unzipped"].used == 100_000
    assert not after["unzipped"].over
    assert before["zip by API"].used == zipped(catalog).total
    assert not before["zip by API"].exact
    assert after["zip by API"].used < before["zip by API"].used
    assert (before["layers"].used, after["layers"].used) == (2, 1)
    assert before["environment"].used == len("PATH=/code/bin")
    assert {gauge.name for gauge in budget.gauges()} == {
        "unzipped", "zip by API", "layers", "environment",
    }  # fmt: skip
    assert budget.gauges() == list(before.values())


def test_limits_as_lines_say_which_are_broken() -> None:
    gauges = [
        Gauge("zip by API", 200_000_000, 100_000_000, exact=False),
        Gauge("layers", 7, 5, unit="layers"),
        Gauge("environment", 75, 4096),
    ]
    assert [line.split(maxsplit=1)[1] for line in gauge_lines(gauges)[1:]] == [
        "7 of 5  too many",
        "75 B of 4.1 K",
    ]
    assert gauge_lines(gauges)[0].endswith("~200.0 M of 100.0 M  too large")
