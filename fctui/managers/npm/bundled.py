"""Packages that come inside the tarball of another: package-json(5), bundleDependencies."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from fctui.managers.npm.facts import TEXT
from fctui.model.contents import Contents
from fctui.model.package import Package, Resolution

PART = "#"
# Divides a digest from the directory of a bundled package in the tarball of another.

_BELOW = "/node_modules/"


def carrier(resolution: Resolution, id_: str) -> str:
    """The package whose tarball a package comes in: itself, or the one that bundles it; "" where
    there is none.
    """
    while id_ and (id_ not in resolution.packages or resolution.packages[id_].artifact is None):
        id_ = id_.rpartition(_BELOW)[0]
    return id_


def split_bundled(resolution: Resolution, contents: Mapping[str, Contents]) -> dict[str, Contents]:
    """Give each bundled package its own part of the tarball that it came in.

    `contents` are the whole listings by id of the packages that have an artifact. A part's digest
    is that of the tree, `#` and its directory there. What lies where a package with a tarball of
    its own is installed is nobody's: npm empties that directory first.
    """
    inner = _inner(resolution)
    found: dict[str, Contents] = {}
    for id_, whole in contents.items():
        if id_ not in inner:
            found[id_] = whole
            continue
        shares: dict[str, list[int]] = {}
        for index, entry in enumerate(whole.entries):
            shares.setdefault(_owner(entry.path, inner[id_]), []).append(index)
        parts = {"": resolution.packages[id_]}
        parts |= {d: p for d, p in inner[id_].items() if carrier(resolution, p.id) == id_}
        for directory, package in parts.items():
            text = whole.texts.get(f"{directory}/{TEXT}", "")
            found[package.id] = Contents(
                digest=f"{whole.digest}{PART}{directory}" if directory else whole.digest,
                entries=tuple(whole.entries[i] for i in shares.get(directory, ())),
                texts={TEXT: text} if directory else whole.texts,
            )
    return found


def _inner(resolution: Resolution) -> dict[str, dict[str, Package]]:
    """For each package those that are installed below it, by their directory in it."""
    found: dict[str, dict[str, Package]] = {}
    for id_, package in resolution.packages.items():
        above = id_.rpartition(_BELOW)[0]
        while above:
            found.setdefault(above, {})[id_[len(above) + 1 :]] = package
            above = above.rpartition(_BELOW)[0]
    return found


def _owner(path: str, directories: Mapping[str, Package]) -> str:
    """The innermost of the directories that a path lies in, "" for none."""
    directory = posixpath.dirname(path)
    while directory:
        if directory in directories:
            return directory
        directory = posixpath.dirname(directory)
    return ""
