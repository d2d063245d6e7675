"""Reading what debs bring, from the store, as it was unpacked."""

from __future__ import annotations

import hashlib

from fctui.model.plan import StoreFile
from fctui.store.store import Store


class StoreReader:
    """Files of the store, each held against its hash when it is read whole: bundles are linked to
    them, and somebody may have edited one there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hashes: dict[str, dict[str, str]] = {}

    def __call__(self, source: StoreFile, most: int = -1) -> bytes:
        """The first `most` bytes of a file, or all. Raises OSError or TaskError for one that is not
        in the store.
        """
        content = self._read(source, most)
        if most < 0 and hashlib.sha256(content).hexdigest() != self._hash(source):
            self._store.heal(source.digest)
            content = self._read(source, most)
        return content

    def _read(self, source: StoreFile, most: int) -> bytes:
        with (self._store.tree(source.digest) / source.path).open("rb") as file:
            return file.read(most)

    def _hash(self, source: StoreFile) -> str:
        if source.digest not in self._hashes:
            contents = self._store.contents(source.digest)
            entries = contents.entries if contents else ()
            self._hashes[source.digest] = {entry.path: entry.sha256 for entry in entries}
        return self._hashes[source.digest].get(source.path, "")
