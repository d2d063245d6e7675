"""From a lock's tree to the resolution: packages, what requires what, artifacts, findings."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import urlsplit

from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.integrity import parse_integrity
from fctui.managers.npm.lock import Lock, LockEntry, package_name
from fctui.managers.npm.manifest import Manifest
from fctui.managers.npm.tree import ROOT, Edge, Runtime, Tree
from fctui.model.finding import Finding, Kind
from fctui.model.package import Artifact, Package, Root
from fctui.tasks.text import clean

MANAGER = "npm"
LINK = "link:"
# The scheme, borrowed from yarn, of what is no artifact but a directory of the project.


def packages_of(
    lock: Lock, tree: Tree, config: NpmConfig, allowed: frozenset[str]
) -> dict[str, Package]:
    """The packages by install path. A link stands for its target, whose requirements it has."""
    targets = {lock.packages[p].source for p in tree.places if lock.packages[p].link}
    ids = [place for place in tree.places if place not in targets or "node_modules/" in place]
    known = frozenset(ids)
    found = {}
    for place in ids:
        entry = lock.packages[place]
        real = lock.packages.get(entry.source, entry) if entry.link else entry
        edges = tree.edges.get(entry.source if entry.link else place, ())
        name = clean(real.name or package_name(place))
        scripted = entry.has_install_script and name in allowed
        found[place] = Package(
            manager=MANAGER,
            id=place,
            name=name,
            version=clean(real.version),
            requires=tuple(dict.fromkeys(edge.to for edge in edges if edge.to in known)),
            artifact=_artifact(entry, place, config),
            note=_note(lock, place, entry),
            needs_build=scripted,
        )
    return found


def is_git(resolved: str) -> bool:
    """Whether a lock's `resolved` is a repository rather than a tarball."""
    return resolved.startswith(
        ("git+", "git:", "git@", "github:", "gitlab:", "bitbucket:", "gist:")
    )


def bundler(lock: Lock, place: str) -> str:
    """The package in whose tarball a bundled one comes."""
    while place in lock.packages and lock.packages[place].in_bundle:
        place = place.rpartition("/node_modules/")[0]
    return place


def _artifact(entry: LockEntry, place: str, config: NpmConfig) -> Artifact | None:
    """Where a package comes from; None for one that lies in the tarball of another.

    A hash that the store does not keep (SHA-1 of old locks) travels as the URL's fragment, as npm 5
    wrote it: `…tgz#sha1-<hex>`.
    """
    if entry.link:
        return Artifact(filename="", url=f"{LINK}{clean(entry.source)}", size=None, digest="")
    name = entry.name or package_name(place)
    url = entry.source
    if entry.in_bundle or (not url and not entry.version):
        return None
    if not url:
        url = config.tarball_url(name, entry.version)
    elif url.startswith(("http:", "https:")):
        url = config.download_url(url)
    # A repository is identified by its commit; npm packs it anew each time, never the same bytes.
    integrity = None if is_git(url) else parse_integrity(entry.integrity)
    if integrity and not integrity.digest:
        url = f"{url.partition('#')[0]}#{integrity.algorithm}-{integrity.hex}"
    filename = posixpath.basename(urlsplit(url).path) or f"{name.rpartition('/')[2]}.tgz"
    return Artifact(
        filename=clean(filename), url=url, size=None, digest=integrity.digest if integrity else ""
    )


def _note(lock: Lock, place: str, entry: LockEntry) -> str:
    if entry.link:
        return clean(f"link to {entry.source}")
    if entry.in_bundle:
        return clean(f"bundled in {bundler(lock, place)}")
    notes = []
    if entry.name and entry.name != package_name(place):
        notes.append(f"installed as {package_name(place)}")
    if entry.has_install_script:
        notes.append("has an install script")
    return clean("; ".join(notes))


def roots_of(tree: Tree, manifest: Manifest, source: str) -> tuple[Root, ...]:
    """What the project itself requires, and the package that answers for it."""
    kept = frozenset(tree.places)
    specs: dict[str, str] = {}
    for section in ("peerDependencies", "dependencies", "optionalDependencies"):
        specs |= manifest.declared[section]
    found = []
    for edge in tree.edges[ROOT]:
        if edge.dev or edge.to not in kept:
            continue
        name = edge.to.removeprefix("node_modules/")
        requirement = f"{name}@{specs[name]}" if name in specs else name
        found.append(Root(edge.to, clean(requirement), source, manifest.lines.get(name, 0)))
    return tuple(found)


def findings_of(lock: Lock, tree: Tree, runtime: Runtime, manifest: Manifest) -> Iterator[Finding]:
    """What will not work on the target, or not as the project means it."""
    kept = frozenset(tree.places)
    needed = _needed_by(tree, kept)
    for place in tree.places:
        entry = lock.packages[place]
        name = clean(entry.name or package_name(place))
        if not runtime.runs(entry):
            wanted = ", ".join(clean(str(w)) for w in (entry.os, entry.cpu, entry.libc) if w)
            yield Finding(
                kind=Kind.WRONG_PLATFORM,
                subject=place,
                needed_by=needed.get(place, ()),
                message=f"{name} {clean(entry.version)} is for {wanted}; the target is "
                f"{runtime.os}, {runtime.cpu}, {runtime.libc}.",
            )
        if not runtime.has_engine(entry):
            yield Finding(
                kind=Kind.WRONG_PLATFORM,
                subject=place,
                needed_by=needed.get(place, ()),
                breaks=False,
                message=f"{name} {clean(entry.version)} says it runs on Node "
                f"{clean(entry.node_range)}; the target has {runtime.node}.",
            )
    declared = manifest.declared
    for name in sorted({**declared["dependencies"], **declared["optionalDependencies"]}):
        place = f"node_modules/{name}"
        if name in declared["devDependencies"] and place in lock.packages and place not in kept:
            yield Finding(
                kind=Kind.UNRESOLVED,
                subject=place,
                breaks=name in declared["dependencies"],
                message=f"{clean(name)} is required for production and for development; npm takes "
                "it for a development dependency and leaves it out. Remove it from "
                "devDependencies.",
            )


def _needed_by(tree: Tree, kept: frozenset[str]) -> dict[str, tuple[str, ...]]:
    above: dict[str, tuple[str, ...]] = {}
    edges: list[Edge] = [edge for place in kept for edge in tree.edges.get(place, ())]
    for edge in edges:
        above[edge.to] = (*above.get(edge.to, ()), edge.source)
    return above
