"""The difference between two bundles, plans or builds: by file and by package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.content import hash_of


class PackageChange(Struct, frozen=True):
    """What became of a package: its versions and bytes on both sides ("" and 0: not there)."""

    owner: Owner
    versions: tuple[str, str]
    before: int
    after: int
    added: int
    removed: int
    changed: int

    @property
    def grown(self) -> int:
        """Bytes that it has more now."""
        return self.after - self.before


class Difference(Struct, frozen=True):
    """From one side to the other. Files by path; packages by how much they have changed."""

    files: tuple[FileChange, ...]
    packages: tuple[PackageChange, ...]
    before: int
    after: int

    def of(self, what: str) -> list[FileChange]:
        """The files that were `added`, `removed` or `changed`."""
        return [file for file in self.files if file.what == what]


def compare(before: Catalog, after: Catalog) -> Difference:
    """What has changed between two catalogs. A file has changed when its size, its link or its
    content has; contents that nobody knows on one side are read, or, where there is nothing to
    read yet, count as the same.
    """
    files = tuple(_files(before, after))
    old, new = sums_of(before), sums_of(after)
    counts: dict[Owner, dict[str, int]] = {}
    for file in files:
        of = counts.setdefault(file.owner, {"added": 0, "removed": 0, "changed": 0})
        of[file.what] += 1
    moved = {owner for owner in old.keys() | new.keys() if old.get(owner) != new.get(owner)}
    packages = [
        PackageChange(
            owner,
            (version_in(before, owner), version_in(after, owner)),
            old.get(owner, 0),
            new.get(owner, 0),
            **counts.get(owner, {"added": 0, "removed": 0, "changed": 0}),
        )
        for owner in moved | counts.keys()
    ]
    packages.sort(key=lambda each: (-abs(each.grown), each.owner))
    return Difference(files, tuple(packages), before.size, after.size)


def _files(before: Catalog, after: Catalog) -> Iterable[FileChange]:
    places = {path: at for at, path in enumerate(before.paths)}
    found = []
    for at, path in enumerate(after.paths):
        earlier = places.pop(path, None)
        if earlier is None:
            found.append(FileChange(path, after.owner(at), None, after.sizes[at]))
        elif _differs(before, earlier, after, at):
            found.append(FileChange(path, after.owner(at), before.sizes[earlier], after.sizes[at]))
    found += [
        FileChange(path, before.owner(at), before.sizes[at], None) for path, at in places.items()
    ]
    return sorted(found, key=lambda file: file.path)


def _differs(before: Catalog, earlier: int, after: Catalog, at: int) -> bool:
    path = after.paths[at]
    if before.sizes[earlier] != after.sizes[at]:
        return True
    old, new = before.links.get(path), after.links.get(path)
    if old is not None or new is not None:
        return old != new
    first, second = _hash(before, earlier), _hash(after, at)
    return bool(first and second and first != second)


def _hash(catalog: Catalog, at: int) -> str:
    """The hash that is known; of a directory's file, the one that it has on disk."""
    if catalog.about.kind != "directory":
        return catalog.hashes[at]
    where = catalog.locate(catalog.paths[at])
    return hash_of(where) if isinstance(where, Path) else ""


def sums_of(catalog: Catalog) -> dict[Owner, int]:
    """The bytes of each owner's files."""
    sums = [0] * len(catalog.owner_table)
    for number, size in zip(catalog.owners, catalog.sizes, strict=True):
        sums[number] += size
    return dict(zip(catalog.owner_table, sums, strict=True))


def version_in(catalog: Catalog, owner: Owner) -> str:
    """The version of a package, "" where none is known."""
    origin = catalog.origins.get(owner)
    return origin.version if origin else ""
