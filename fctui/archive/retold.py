"""Paths of the code directory inside files that fctui wrote, told anew for files in layers.

A configuration file that names `/code/usr/share/fonts`, a script whose first line names an
interpreter of the bundle: building wrote those for the code directory. What is as its package has
it knows nothing of that directory and is left alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from fctui.archive.places import Places
from fctui.bundle.manifest import ManifestFile
from fctui.model.plan import Origin
from fctui.model.target import Target
from fctui.store.store import Store

_LARGEST = 4 << 20
# Bytes of a file that is looked into: caches of plug-ins have some hundred thousand.

_BINARY = 1 << 13
# Bytes in which a binary file shows by a null character.


class Retelling:
    """Knows which files may name the code directory, and what they have to say instead."""

    def __init__(
        self,
        bundle: Path,
        store: Store,
        origins: tuple[Origin, ...],
        places: Places,
        target: Target,
    ) -> None:
        self._bundle = bundle
        self._store = store
        self._digests = {(origin.manager, origin.id): origin.digest for origin in origins}
        self._originals: dict[str, frozenset[str]] = {}
        self._places = places
        self._target = target
        path = rb"(?<![\w./-])" + re.escape(target.code_dir).encode() + rb"((?:/[\w.+@~=-]+)+)"
        self._pattern = re.compile(path)

    def retold(self, file: ManifestFile) -> bytes | None:
        """The new bytes of a file in a layer, None where it stays as it is."""
        if file.link or file.size > _LARGEST or self._is_original(file):
            return None
        try:
            data = (self._bundle / file.path).read_bytes()
        except OSError:
            return None  # compressing it has told so already
        if b"\0" in data[:_BINARY] or self._target.code_dir.encode() not in data:
            return None
        changed = self._pattern.sub(self._now, data)
        return None if changed == data else changed

    def _now(self, found: re.Match[bytes]) -> bytes:
        place = self._places.now(found[1][1:].decode("utf-8", "surrogateescape"))
        return found[0] if place is None else place.encode("utf-8", "surrogateescape")

    def _is_original(self, file: ManifestFile) -> bool:
        """Whether the file has the bytes that its package's artifact has somewhere."""
        digest = self._digests.get((file.manager, file.owner), "")
        if not digest:
            return False
        known = self._originals.get(digest)
        if known is None:
            listing = self._store.contents(digest)
            entries = listing.entries if listing else ()
            known = self._originals[digest] = frozenset(entry.sha256 for entry in entries)
        return file.sha256 in known
