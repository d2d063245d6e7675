"""What was done in a writable shell: as a difference, and as requirements for the project's files.

Sources: Recording installed projects (PyPA): REQUESTED stands in what was asked for by name; npm's
`package.json`; Debian Policy, 12.5: every deb has `usr/share/doc/NAME/copyright`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fctui.explore.catalog import About, Catalog, Columns, Owner
from fctui.explore.compare import Difference, compare
from fctui.explore.guess import NOBODY, guess_categories, guess_owners
from fctui.explore.read import of_bundle
from fctui.explore.walk import walk
from fctui.model.errors import FctuiError
from fctui.model.finding import Remedy
from fctui.model.names import normalized
from fctui.model.plan import Origin, is_shared_library
from fctui.project.edit import Edit
from fctui.workflow.fix import apply
from fctui.workflow.shell import Shell, Stamp, stamp

_DIST_INFO = re.compile(r"(?:.*/)?([^/]+)-([^/-]+)\.dist-info/METADATA")
_MODULE = re.compile(r"node_modules/((?:@[^/]+/)?[^/]+)/package\.json")
_DEB = re.compile(r"usr/share/doc/([a-z0-9][a-z0-9+.-]+)/copyright")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")
# What stands in files of packages is taken for a name or a version only if it looks like one.

_MOST = 1 << 20
# Bytes of a METADATA or package.json: none has more.

_DEPENDENCIES = ("dependencies", "optionalDependencies", "peerDependencies")


def changes(shell: Shell, bundle: Path) -> Difference:
    """From the bundle to what the shell has left behind. Compiled Python is left out."""
    before = of_bundle(bundle, now=True)
    return compare(before, _after(shell, before))


def requirements(shell: Shell, found: Difference) -> tuple[Remedy, ...]:
    """What has to be declared for the project to bring what was installed by hand: what was asked
    for, not what came with it.
    """
    top = shell.copy
    if top is None:
        return ()
    new = [file.path for file in found.files if file.what != "removed"]
    return (*_of_pip(top, new), *_of_npm(top, new, found), *_of_apt(new))


def take(root: Path, wanted: Iterable[Remedy]) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Declare them in the project's own files: the changes made, and why others were not."""
    made: list[Edit] = []
    refused: list[str] = []
    for each in wanted:
        try:
            made += apply(root, [each])
        except FctuiError as error:
            refused.append(error.message)
    return tuple(made), tuple(refused)


def _after(shell: Shell, before: Catalog) -> Catalog:
    """The copy as it is now. Files that nobody has touched have the hash that they had."""
    top = shell.copy
    assert top is not None  # noqa: S101 - only a writable shell is asked
    places = {path: at for at, path in enumerate(before.paths)}
    known = dict(zip(before.paths, before.hashes, strict=True))
    found = walk(top)
    kept: list[tuple[str, int]] = []
    same: set[str] = set()
    for path, size in zip(found.paths, found.sizes, strict=True):
        untouched = _untouched(top / path, shell.stamps.get(path))
        if untouched:
            same.add(path)
        if path in places or not (untouched or "__pycache__/" in path):
            kept.append((path, size))
    paths = [path for path, _ in kept]
    owners = [
        before.owner(places[path])
        if path in places and (path in same or guessed == NOBODY)
        else guessed
        for path, guessed in zip(paths, guess_owners(top, paths), strict=True)
    ]
    columns = Columns(
        paths=paths,
        sizes=[
            before.sizes[places[path]] if path in same and path in places else size
            for path, size in kept
        ],
        owners=owners,
        categories=list(guess_categories(paths, owners, found.links)),
        libraries=[is_shared_library(path) for path in paths],
        links=found.links,
    )

    def hashes(wanted: Iterable[str]) -> list[str]:
        return [known.get(path, "") if path in same else _hash(top / path) for path in wanted]

    about = About(kind="bundle", place=top, origins=tuple(_origins(top, before, paths)))
    return Catalog(columns, about, hashes=hashes, locate=lambda path: top / path)


def _untouched(path: Path, was: Stamp | None) -> bool:
    try:
        return was is not None and stamp(path.lstat()) == was
    except OSError:
        return False


def _hash(path: Path) -> str:
    import hashlib

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with open(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _origins(top: Path, before: Catalog, paths: Iterable[str]) -> Iterable[Origin]:
    """The packages with the versions that they have now."""
    versions: dict[Owner, tuple[str, str]] = {}
    for path in paths:
        if (match := _DIST_INFO.fullmatch(path)) is not None:
            versions["pip", normalized(match[1])] = (match[1], match[2])
        elif path.endswith("/package.json") and "node_modules/" in path:
            place = path.removesuffix("/package.json")
            inside = place.rpartition("node_modules/")[2]
            if inside.count("/") == inside.startswith("@"):
                said = _json(top / path)
                versions["npm", place] = (inside, str(said.get("version", "")))
    for owner, origin in before.origins.items():
        if owner not in versions:
            yield origin
    for (manager, id_), (name, version) in versions.items():
        yield Origin(manager=manager, id=id_, name=name, version=version, filename="", digest="")


def _of_pip(top: Path, new: Iterable[str]) -> Iterable[Remedy]:
    """Distributions that were asked for; where no installer noted that, those that no other of
    the new ones needs.
    """
    found: dict[str, tuple[str, str, Path]] = {}
    for path in new:
        match = _DIST_INFO.fullmatch(path)
        if match and _NAME.fullmatch(match[1]) and _VERSION.fullmatch(match[2]):
            found[normalized(match[1])] = (match[1], match[2], (top / path).parent)
    asked = {id_ for id_, (_, _, place) in found.items() if (place / "REQUESTED").is_file()}
    if not asked:
        needed = {name for _, _, place in found.values() for name in _needs(place)}
        asked = found.keys() - needed
    for id_ in sorted(asked):
        yield Remedy("pip", f"{found[id_][0]}=={found[id_][1]}")


def _needs(place: Path) -> Iterable[str]:
    """The names in a METADATA's Requires-Dist: core metadata specification."""
    for line in _text(place / "METADATA").splitlines():
        if not line:
            return
        match = re.match(r"Requires-Dist:\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line)
        if match:
            yield normalized(match[1])


def _of_npm(top: Path, new: Iterable[str], found: Difference) -> Iterable[Remedy]:
    """What npm has put into package.json; else packages that no other of the new ones needs."""
    new = list(new)
    versions: dict[str, Mapping[str, Any]] = {}
    for path in new:
        match = _MODULE.fullmatch(path)
        if match:
            versions[match[1]] = _json(top / path)
    declared: Mapping[str, Any] = {}
    if any(file.path == "package.json" for file in found.files):
        declared = _mapping(_json(top / "package.json").get("dependencies"))
    needed = {
        name
        for said in versions.values()
        for key in _DEPENDENCIES
        for name in _mapping(said.get(key))
    }
    for name, said in sorted(versions.items()):
        version = str(said.get("version", ""))
        if not _VERSION.fullmatch(version):
            continue
        if name in declared:
            yield Remedy("npm", f"{name}@{declared[name]}")
        elif not declared and name not in needed:
            yield Remedy("npm", f"{name}@{version}")


def _of_apt(new: Iterable[str]) -> Iterable[Remedy]:
    """Debs that were unpacked, by their copyright file."""
    for path in new:
        match = _DEB.fullmatch(path)
        if match:
            yield Remedy("apt", match[1])


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or path.stat().st_size > _MOST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _json(path: Path) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(_text(path) or "{}"))
    except ValueError:
        return {}


def _mapping(data: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON
    return data if isinstance(data, dict) else {}
