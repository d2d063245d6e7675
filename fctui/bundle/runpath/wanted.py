"""Which RUNPATH each file of a bundle needs to find the bundle's libraries from where it lies."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, structs

from fctui.bundle.links import LINK_DIRECTORY, end_of
from fctui.model.paths import ancestors
from fctui.model.plan import Link, PlannedFile, is_shared_library
from fctui.native.elf import ElfFile

_ORIGIN = ("$ORIGIN", "${ORIGIN}")

_APART = frozenset({"pip", "npm"})
# In layers their files lie one directory deeper than everything else: `archive.places`.


class Wish(Struct, frozen=True):
    """The entries of a RUNPATH, or of the older DT_RPATH, which the libraries that a file loads
    search as well, and which a RUNPATH of the same file would put out of force. A wheel's library
    without either may count on what its loader has: it gets the older one.
    """

    entries: tuple[str, ...]
    inherited: bool = False

    def on(self, elf: ElfFile) -> ElfFile:
        """The file as it is with it."""
        if self.inherited:
            return structs.replace(elf, rpath=self.entries, runpath=())
        return structs.replace(elf, runpath=self.entries, rpath=())


class Bundle:
    """The files of a plan as a loader meets them."""

    def __init__(self, files: Sequence[PlannedFile]) -> None:
        self.by_path = {file.path: file for file in files}
        self.directories = ancestors(self.by_path)
        self.links = {
            posixpath.basename(file.path): file.path
            for file in files
            if isinstance(file.source, Link) and posixpath.dirname(file.path) == LINK_DIRECTORY
            if is_shared_library(file.path)
        }
        named: dict[str, list[str]] = {}
        for file in files:
            if is_shared_library(file.path) and posixpath.dirname(file.path) != LINK_DIRECTORY:
                named.setdefault(posixpath.basename(file.path), []).append(file.path)
        self._where = {name: self._directory(name, named.get(name, ())) for name in self.links}
        for file in files:
            if posixpath.dirname(file.path) == LINK_DIRECTORY and is_shared_library(file.path):
                self._where.setdefault(posixpath.basename(file.path), LINK_DIRECTORY)

    def where(self, name: str) -> str | None:
        """The directory that a library of that name is found in, None where the bundle has none
        that a loader would find.
        """
        return self._where.get(name)

    def end(self, name: str) -> str:
        """The file that the link of a name leads to, "" for none."""
        found = end_of(self.by_path[self.links[name]], self.by_path)
        return found.path if found else ""

    def _directory(self, name: str, paths: Iterable[str]) -> str:
        """Best beside the file itself, for `$ORIGIN` is where a library was found; the links'
        own directory where nothing else has that name.
        """
        end = self.end(name)
        ends = {path: end_of(self.by_path[path], self.by_path) for path in paths}
        same = [path for path, found in ends.items() if found and found.path == end]
        beside = posixpath.join(posixpath.dirname(end), name)
        best = beside if beside in same else min(same, default="")
        return posixpath.dirname(best) if best else LINK_DIRECTORY


def wishes(
    bundle: Bundle,
    elves: Mapping[str, ElfFile],
    opened: Mapping[str, Collection[str]],
    kept: Collection[str],
) -> dict[str, Wish]:
    """The RUNPATHs by path of the file, for those that need another one than they have.

    `opened` are names of libraries that a file mentions, for dlopen(3) searches like the loader;
    `kept` are names whose links stay: what is found through them lies in two directories.
    """
    both = {bundle.end(name) for name in kept if name in bundle.links}
    found: dict[str, Wish] = {}
    for path, elf in elves.items():
        file = bundle.by_path[path]
        present, foreign = _present(bundle, path, elf.runpath or elf.rpath)
        added = _added(bundle, (*elf.needed, *sorted(opened.get(path, ()))), present)
        origins = [posixpath.dirname(path)]
        if path in both and (added or present):
            origins.append(LINK_DIRECTORY)
        if any(":" in place for place in (*present, *added)):
            continue  # a directory of that name cannot be said
        entries = [_entry(place, here) for here in origins for place in (*present, *added)]
        if file.manager in _APART:
            entries += [_entry(p, here, up="../") for here in origins for p in added]
        inherited = not elf.runpath and (bool(elf.rpath) or file.manager in _APART)
        wish = Wish(tuple(dict.fromkeys((*entries, *foreign))), inherited)
        asked = added or len(origins) > 1 or _is_led_away(elf, foreign)
        if asked and wish.on(elf) != elf:
            found[path] = wish
    return found


def _present(
    bundle: Bundle, path: str, entries: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Directories of the bundle that a file's own RUNPATH names, or would on a system where its
    package is installed; and the entries that are no such directories.
    """
    places: list[str] = []
    others: list[str] = []
    for entry in entries:
        inside = None
        for origin in _ORIGIN:
            if entry == origin or entry.startswith(f"{origin}/"):
                inside = posixpath.join(posixpath.dirname(path), entry[len(origin) + 1 :])
        if inside is None and entry.startswith("/") and "$" not in entry:
            absolute = entry.strip("/")
            inside = absolute if absolute in bundle.directories else None
        place = "" if inside is None else posixpath.normpath(inside)
        outside = inside is None or "$" in place or place.startswith("..")
        (others if outside else places).append(entry if outside else place)
    return tuple(dict.fromkeys(places)), tuple(others)


def _is_led_away(elf: ElfFile, foreign: Collection[str]) -> bool:
    """Whether an absolute path of the file's own has become one in the bundle."""
    absolute = [entry for entry in (elf.runpath or elf.rpath) if entry.startswith("/")]
    return any(entry not in foreign for entry in absolute)


def _added(bundle: Bundle, names: Iterable[str], present: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        if "/" in name or any(_join(place, name) in bundle.by_path for place in present):
            continue
        place = bundle.where(name)
        if place is not None:
            found[place or "."] = None
    return [place for place in found if place not in present]


def _join(directory: str, name: str) -> str:
    return name if directory == "." else f"{directory}/{name}"


def _entry(place: str, here: str, up: str = "") -> str:
    way = posixpath.normpath(up + posixpath.relpath(place, here or "."))
    return "$ORIGIN" if way == "." else f"$ORIGIN/{way}"
