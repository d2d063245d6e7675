"""Questions about a resolution's graph: who needs a package, what it brings, what it costs.

Graphs of apt and npm have cycles; every function here ends on them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from fctui.model.package import Resolution


def dependents(resolution: Resolution) -> dict[str, tuple[str, ...]]:
    """For each package the ids of those that require it directly, in the resolution's order."""
    found: dict[str, list[str]] = {id_: [] for id_ in resolution.packages}
    for package in resolution.packages.values():
        for required in package.requires:
            if required in found:
                found[required].append(package.id)
    return {id_: tuple(ids) for id_, ids in found.items()}


def reachable(resolution: Resolution, start: Iterable[str], without: str = "") -> set[str]:
    """All ids reached from `start`, themselves included, never passing through `without`."""
    seen: set[str] = set()
    waiting = [id_ for id_ in start if id_ != without]
    while waiting:
        id_ = waiting.pop()
        if id_ in seen or id_ not in resolution.packages:
            continue
        seen.add(id_)
        waiting.extend(r for r in resolution.packages[id_].requires if r != without)
    return seen


def exclusive(resolution: Resolution, id_: str) -> set[str]:
    """The packages that go when nothing requires `id_` any more: itself and what only it brings."""
    roots = [root.id for root in resolution.roots]
    kept = reachable(resolution, roots, without=id_)
    return reachable(resolution, [id_]) - kept


def chains(resolution: Resolution, id_: str, limit: int = 50) -> tuple[tuple[str, ...], ...]:
    """The shortest ways from a root to `id_`, each a tuple of ids from root to package.

    One chain for each root that reaches it, shortest first, at most `limit`.
    """
    above = dependents(resolution)
    distance = {id_: 0}
    towards: dict[str, str] = {}
    waiting = deque([id_])
    while waiting:
        current = waiting.popleft()
        for parent in above.get(current, ()):
            if parent not in distance:
                distance[parent] = distance[current] + 1
                towards[parent] = current
                waiting.append(parent)
    found = []
    for root in dict.fromkeys(root.id for root in resolution.roots):
        if root not in distance:
            continue
        chain = [root]
        while chain[-1] != id_:
            chain.append(towards[chain[-1]])
        found.append(tuple(chain))
    return tuple(sorted(found, key=len)[:limit])
