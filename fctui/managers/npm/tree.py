"""The part of a lock that a target gets: as `npm ci --omit=dev --os --cpu --libc` chooses it.

Follows Arborist's calc-dep-flags.js (which packages are dev, optional, extraneous), optional-set.js
and npm-install-checks (what a platform does without), with the target in the host's place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from fctui.managers.npm.lock import Lock, LockEntry, Words, lookup
from fctui.managers.npm.semver import satisfies

ROOT = ""


class Edge(Struct, frozen=True):
    """A requirement: from place to place, and of what kind."""

    source: str
    to: str
    dev: bool = False
    optional: bool = False
    peer: bool = False


class Runtime(Struct, frozen=True):
    """What a package's platform lists and engines are held against; `node` may be ""."""

    cpu: str
    node: str = ""
    os: str = "linux"
    libc: str = "glibc"

    def runs(self, entry: LockEntry) -> bool:
        """Whether the package names this platform, or none."""
        wanted = ((entry.os, self.os), (entry.cpu, self.cpu), (entry.libc, self.libc))
        return all(not words or _listed(have, words) for words, have in wanted)

    def has_engine(self, entry: LockEntry) -> bool:
        """Whether the target's Node is one that the package says it runs on."""
        if not self.node or not entry.node_range:
            return True
        return satisfies(self.node, entry.node_range) is not False


def _listed(value: str, words: Words) -> bool:
    """Whether a list like `["linux", "darwin"]` or `["!win32"]` lets a value in (`checkList`)."""
    words = [words] if isinstance(words, str) else words
    if words == ["any"]:
        return True
    denied = [word[1:] for word in words if word.startswith("!")]
    return value not in denied and (value in words or len(denied) == len(words))


class Tree(Struct, frozen=True):
    """What is installed: the places in the lock's order, and the requirements between them."""

    places: tuple[str, ...]
    edges: dict[str, tuple[Edge, ...]]
    left_out: frozenset[str] = frozenset()


def choose(
    lock: Lock, runtime: Runtime, *, omits: frozenset[str] = frozenset(), peers: bool = True
) -> Tree:
    """The places of a lock that are installed without dev dependencies on a runtime.

    `omits` are further kinds to leave out (`optional`, `peer`); without `peers`, requirements for
    peers are not followed (`legacy-peer-deps`).
    """
    edges = {ROOT: tuple(_edges(lock, ROOT, peers=peers))}
    wanted = _reach(edges, lambda place: _edges(lock, place, peers=peers), _wants)
    plain = _closure(edges, lambda edge: not edge.dev)
    firm = _closure(edges, lambda edge: not edge.dev and not edge.optional)
    inert = _inert(lock, runtime, edges, wanted, wanted & plain - firm)
    kept = (wanted & plain) - inert - {ROOT}
    if "optional" in omits:
        kept &= firm
    if "peer" in omits:
        kept &= _closure(edges, lambda edge: not edge.peer)
    return Tree(
        places=tuple(place for place in lock.packages if place in kept),
        edges=edges,
        left_out=frozenset(inert),
    )


def _wants(edge: Edge) -> bool:
    """An optional peer alone brings nothing into the tree."""
    return not (edge.peer and edge.optional)


def _reach(
    edges: dict[str, tuple[Edge, ...]],
    more: Callable[[str], Iterable[Edge]],
    follow: Callable[[Edge], bool],
) -> set[str]:
    """The places reached from the root; fills in the edges of each."""
    seen = {ROOT}
    waiting = [ROOT]
    while waiting:
        for edge in edges[waiting.pop()]:
            if edge.to not in seen and follow(edge):
                seen.add(edge.to)
                edges[edge.to] = tuple(more(edge.to))
                waiting.append(edge.to)
    return seen


def _closure(edges: dict[str, tuple[Edge, ...]], follow: Callable[[Edge], bool]) -> set[str]:
    seen = {ROOT}
    waiting = [ROOT]
    while waiting:
        for edge in edges.get(waiting.pop(), ()):
            if edge.to not in seen and follow(edge):
                seen.add(edge.to)
                waiting.append(edge.to)
    return seen


def _edges(lock: Lock, place: str, *, peers: bool) -> Iterator[Edge]:
    """The requirements of one place that the lock has a package for. A link requires its target."""
    entry = lock.packages[place]
    if entry.link:
        if entry.source in lock.packages:
            yield Edge(place, entry.source)
        return
    names: dict[str, Edge] = {}

    def add(
        wanted: Iterable[str], *, dev: bool = False, optional: bool = False, peer: bool = False
    ) -> None:
        for name in wanted:
            to = lookup(lock.packages, place, name)
            if to is not None:
                names[name] = Edge(place, to, dev, optional, peer)

    # The order of Arborist's Node#loadDeps: of two sections that name a package the later counts.
    # So one that is required for production *and* development is left out with the latter.
    top = "node_modules" not in place.split("/")
    if peers:
        add((n for n in entry.peer_dependencies if n not in entry.optional_peers), peer=True)
        optional_peers = (n for n in entry.peer_dependencies if n in entry.optional_peers)
        add(optional_peers, peer=True, optional=True)
    add(entry.dependencies)
    add(entry.optional_dependencies, optional=True)
    if top:
        add(entry.dev_dependencies, dev=True)
    if place == ROOT:
        add(_workspace_names(lock))
    yield from names.values()


def _workspace_names(lock: Lock) -> Iterator[str]:
    """The links that the root has for its workspaces: those at its top to places inside of it."""
    if not lock.packages[ROOT].workspaces:
        return
    for place, entry in lock.packages.items():
        inside = not entry.source.startswith("../")
        if (
            entry.link
            and inside
            and place.startswith("node_modules/")
            and place.count("node_modules/") == 1
        ):
            yield place.removeprefix("node_modules/")


def _inert(
    lock: Lock,
    runtime: Runtime,
    edges: dict[str, tuple[Edge, ...]],
    present: set[str],
    optional: set[str],
) -> set[str]:
    """The optional packages that the platform or Node rules out, with what only they bring."""
    into: dict[str, list[Edge]] = {place: [] for place in present}
    for place in present:
        for edge in edges.get(place, ()):
            if edge.to in into:
                into[edge.to].append(edge)
    inert: set[str] = set()
    for place in lock.packages:
        if place not in optional or place in inert:
            continue
        entry = lock.packages[place]
        if not runtime.runs(entry) or not runtime.has_engine(entry):
            inert |= _optional_set(place, edges, into, inert)
    return inert


def _optional_set(
    place: str, edges: dict[str, tuple[Edge, ...]], into: dict[str, list[Edge]], inert: set[str]
) -> set[str]:
    branch = {place}
    waiting = [place]
    while waiting:
        for edge in into[waiting.pop()]:
            if not edge.optional and edge.source not in branch and edge.source != ROOT:
                branch.add(edge.source)
                waiting.append(edge.source)
    gathered = set(branch)
    waiting = list(branch)
    while waiting:
        for edge in edges.get(waiting.pop(), ()):
            if edge.to not in gathered and edge.to in into:
                gathered.add(edge.to)
                waiting.append(edge.to)
    changed = True
    while changed:
        changed = False
        for each in gathered - branch:
            if any(e.source not in gathered and e.source not in inert for e in into[each]):
                gathered.discard(each)
                changed = True
    return gathered
