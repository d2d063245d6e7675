"""What the files take in a zip: exactly where their compressed streams are known, else about."""

from __future__ import annotations

import os
from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from fctui.explore.catalog import Catalog
from fctui.model.errors import TaskError

if TYPE_CHECKING:
    from fctui.store.store import Store

_RATIOS = {
    "shared library": 0.34, "TypeScript": 0.16, "JavaScript": 0.28, "Python": 0.21, "data": 0.10,
    "source map": 0.23, "font": 0.64, "archive": 1.0, "Java": 0.95, "translation": 0.36,
    "text": 0.31, "web page": 0.51, "numbers": 0.47, "image": 0.96, "Python bytecode": 0.45,
    "C and C++": 0.20, "static library": 0.41,
}  # fmt: skip
# Of deflating the 172,000 files of a bundle with pip, apt and npm packages at level 6.

_OTHER = 0.35

HEADERS = 30 + 46
END = 22
# Bytes of the headers of an entry without its name, which stands in both, and of the end of the
# directory: APPNOTE 4.3.7, 4.3.12, 4.3.16.


class Zipped(Struct, frozen=True):
    """Bytes in a zip by position, headers included; how many files and bytes of these are known."""

    sizes: array[int]
    exact: int
    exact_bytes: int
    total: int

    @property
    def known(self) -> float:
        """The part of the archive's bytes that is known, from 0 to 1."""
        return self.exact_bytes / self.total if self.total else 1.0


def zipped(catalog: Catalog, store: Store | None = None) -> Zipped:
    """What each file takes. With a store, what wheels have compressed already is known from their
    directories, before they are downloaded too; links and empty files are stored as they are.
    """
    streams = _Streams(catalog, store)
    names, numbers = catalog.types
    ratios = [_RATIOS.get(name, _OTHER) for name in names]
    sizes = array("q")
    exact = exact_bytes = 0
    known = streams.known()
    for at, (path, size) in enumerate(zip(catalog.paths, catalog.sizes, strict=True)):
        head = HEADERS + 2 * (len(path) if path.isascii() else len(os.fsencode(path)))
        packed: int | None = size
        if size and path not in catalog.links:
            packed = known.get(at)
        if packed is None:
            packed = min(size, round(size * ratios[numbers[at]]) + 5)
        else:
            exact, exact_bytes = exact + 1, exact_bytes + head + packed
        sizes.append(head + packed)
    return Zipped(sizes, exact, exact_bytes + END, sum(sizes) + END)


def by_owner(catalog: Catalog, found: Zipped) -> list[int]:
    """Bytes in a zip by the number of the owner."""
    sums = [0] * len(catalog.owner_table)
    for number, size in zip(catalog.owners, found.sizes, strict=True):
        sums[number] += size
    return sums


class _Streams:
    """The compressed sizes that the store knows: by owner, then by the file's SHA-256."""

    def __init__(self, catalog: Catalog, store: Store | None) -> None:
        self._catalog = catalog
        self._by_owner: list[Mapping[str, int]] = []
        for owner in catalog.owner_table:
            origin = catalog.origins.get(owner)
            digest = origin.digest if origin and origin.filename.endswith(".whl") else ""
            self._by_owner.append(_of(store, digest) if store and digest else {})

    def known(self) -> dict[int, int]:
        """The compressed size by position."""
        owners, of = self._catalog.owners, self._by_owner
        positions = [at for at, owner in enumerate(owners) if of[owner]]
        hashes = self._catalog.hashes_at(positions) if positions else ()
        found = zip(positions, hashes, strict=True)
        return {at: of[owners[at]][digest] for at, digest in found if digest in of[owners[at]]}


def _of(store: Store, digest: str) -> dict[str, int]:
    try:
        listing = store.contents(digest)
    except TaskError:
        return {}
    if listing is None:
        return {}
    packed = {path: each.packed for path, each in (listing.streams or {}).items()} or listing.packed
    return {
        entry.sha256: packed[entry.path]
        for entry in listing.entries
        if entry.path in packed and entry.sha256
    }
