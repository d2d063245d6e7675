"""In which order the lists name the packages that stand for others.

apt numbers packages as it comes across them, in any relation, and of those between which nothing
else decides it takes the one with the highest number (pkgCacheGenerator::NewPackage,
CompareProviders). The order is found once for an index, in a second, and kept beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from fctui.managers.apt.index import PackageIndex

_FIELDS = (
    *(b"Package", b"Pre-Depends", b"Depends", b"Conflicts", b"Breaks", b"Recommends"),
    *(b"Suggests", b"Replaces", b"Enhances", b"Provides"),
)
# Those that name packages, in the order in which apt takes them from a stanza.

_PREFIXES = tuple(b"\n" + name + b": " for name in _FIELDS)


def order_of(index: PackageIndex) -> dict[str, int]:
    """The number of each package that provides something: the lower, the earlier it is named."""
    kept = index.path.with_name(f"{index.path.name}.order")
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.msgpack.decode(kept.read_bytes(), type=dict[str, int])
    wanted = {name.partition(":")[0].encode() for name in index.owners()}
    found = {name.decode(): number for number, name in enumerate(_named(index, wanted))}
    temporary = kept.with_name(f"{kept.name}.{os.getpid()}")
    with suppress(OSError):
        temporary.write_bytes(msgspec.msgpack.encode(found))
        temporary.replace(kept)
    return found


def _named(index: PackageIndex, wanted: set[bytes]) -> Iterable[bytes]:
    found: dict[bytes, None] = {}
    for data in index.lists:
        for stanza in data[:].split(b"\n\n"):
            lines = b"\n" + stanza + b"\n"
            for prefix in _PREFIXES:
                start = lines.find(prefix)
                if start < 0:
                    continue
                start += len(prefix)
                text = lines[start : lines.find(b"\n", start)]
                for part in text.replace(b"|", b",").split(b","):
                    name = part.strip().partition(b" ")[0]
                    if name in wanted:
                        found[name] = None
    return found
