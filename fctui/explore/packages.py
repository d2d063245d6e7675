"""What each package really costs: what goes with it if it goes, beside its own bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from fctui.explore.catalog import Catalog, Owner
from fctui.model.graph import chains
from fctui.model.package import Package, Resolution, Root
from fctui.model.plan import Origin

_TOP = -1
# The project itself, above everything that it declares.


class Cost(Struct, frozen=True):
    """Bytes and files of a package itself, and bytes that go when nothing requires it any more:
    its own, and those of what only it brings. `others` are those that would go with it.
    """

    owner: Owner
    files: int
    own: int
    exclusive: int
    others: int
    declared: str = ""


def costs(catalog: Catalog) -> dict[Owner, Cost]:
    """The cost of every owner of files."""
    own: dict[Owner, list[int]] = {owner: [0, 0] for owner in catalog.owner_table}
    by_number = [own[owner] for owner in catalog.owner_table]
    for number, size in zip(catalog.owners, catalog.sizes, strict=True):
        sums = by_number[number]
        sums[0] += 1
        sums[1] += size
    found = {}
    for origins in _by_manager(catalog.about.origins).values():
        sizes = [own.get((each.manager, each.id), (0, 0))[1] for each in origins]
        for origin, (exclusive, count) in zip(origins, _exclusive(origins, sizes), strict=True):
            owner = (origin.manager, origin.id)
            files, size = own.pop(owner, (0, 0))
            found[owner] = Cost(owner, files, size, exclusive, count - 1, origin.declared)
    for owner, (files, size) in own.items():  # the function, links, what has no graph
        found[owner] = Cost(owner, files, size, size, 0)
    return found


def going(catalog: Catalog, without: Iterable[Owner]) -> set[Owner]:
    """The owners whose files go when these packages go, themselves included."""
    dropped = set(without)
    gone = set(dropped)
    for manager, origins in _by_manager(catalog.about.origins).items():
        if not any(owner[0] == manager for owner in dropped):
            continue
        known = {origin.id: origin for origin in origins}
        before = _reached(known, manager, set())
        after = _reached(known, manager, dropped)
        gone |= {(manager, id_) for id_ in before - after}
    return gone


def ways(catalog: Catalog, owner: Owner, most: int = 5) -> list[tuple[str, ...]]:
    """The chains that bring a package, each beginning with the place that declares it."""
    origins = _by_manager(catalog.about.origins).get(owner[0], [])
    if owner not in catalog.origins:
        return []
    graph = Resolution(
        manager=owner[0],
        target="",
        roots=tuple(Root(each.id, each.name) for each in origins if each.declared),
        packages={
            each.id: Package(
                manager=owner[0],
                id=each.id,
                name=each.name,
                version=each.version,
                requires=each.requires,
            )
            for each in origins
        },
    )
    declared = {each.id: each.declared for each in origins}
    names = {each.id: each.name for each in origins}
    return [
        (declared[chain[0]], *(names[id_] for id_ in chain))
        for chain in chains(graph, owner[1], limit=most)
    ]


def _by_manager(origins: Iterable[Origin]) -> dict[str, list[Origin]]:
    found: dict[str, list[Origin]] = {}
    for origin in origins:
        found.setdefault(origin.manager, []).append(origin)
    return found


def _reached(known: Mapping[str, Origin], manager: str, without: set[Owner]) -> set[str]:
    seen: set[str] = set()
    waiting = [each.id for each in known.values() if each.declared]
    while waiting:
        id_ = waiting.pop()
        if id_ in seen or id_ not in known or (manager, id_) in without:
            continue
        seen.add(id_)
        waiting.extend(known[id_].requires)
    return seen


def _exclusive(origins: list[Origin], sizes: list[int]) -> list[tuple[int, int]]:
    """Bytes and number of packages under each one in the tree of dominators: a package goes with
    another if every way to it leads through that one (Cooper, Harvey, Kennedy, "A Simple, Fast
    Dominance Algorithm").
    """
    numbers = {origin.id: number for number, origin in enumerate(origins)}
    edges = [[numbers[r] for r in each.requires if r in numbers] for each in origins]
    roots = [number for number, each in enumerate(origins) if each.declared]
    order = _postorder(edges, roots)
    above: dict[int, list[int]] = {number: [] for number in order}
    for number in order:
        for below in edges[number]:
            above[below].append(number)
    for number in roots:
        above[number].append(_TOP)
    over = _dominators(above, order)
    sums = [[size, 1] for size in sizes]
    for number in order:  # below comes before above
        parent = over[number]
        if parent != _TOP:
            sums[parent][0] += sums[number][0]
            sums[parent][1] += sums[number][1]
    return [(size, count) for size, count in sums]


def _dominators(above: Mapping[int, list[int]], order: list[int]) -> dict[int, int]:
    """For each package the nearest one that every way to it leads through. `above` are those that
    require it, `order` has what is required before what requires it.
    """
    rank = {number: at for at, number in enumerate(order)}
    rank[_TOP] = len(order)
    over = {_TOP: _TOP}
    changed = True
    while changed:
        changed = False
        for number in reversed(order):
            best, *others = (each for each in above[number] if each in over)
            for other in others:
                best = _meeting(best, other, over, rank)
            if over.get(number) != best:
                over[number], changed = best, True
    return over


def _meeting(one: int, other: int, over: Mapping[int, int], rank: Mapping[int, int]) -> int:
    """Where two ways up meet."""
    while one != other:
        if rank[one] < rank[other]:
            one = over[one]
        else:
            other = over[other]
    return one


def _postorder(edges: list[list[int]], roots: list[int]) -> list[int]:
    order: list[int] = []
    seen: set[int] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(edges[root]))]
        while stack:
            number, below = stack[-1]
            for each in below:
                if each not in seen:
                    seen.add(each)
                    stack.append((each, iter(edges[each])))
                    break
            else:
                order.append(number)
                stack.pop()
    return order
