"""What is in a bundle more than once: identical files, and libraries of one name."""

from __future__ import annotations

import re

from msgspec import Struct

from fctui.explore.catalog import Catalog

_MANGLED = re.compile(r"-[0-9a-f]{8,}(?=[.-])")
# auditwheel puts a part of the file's hash into the names of libraries that it brings along.

_LIBRARY = re.compile(r"(lib.+?)\.so(?:\.(\d+))?(?:\.[\d.]+)?$")


class Twins(Struct, frozen=True):
    """Files that are the same to the byte, or libraries of one name. `name` is the path of the
    first or the soname, `wasted` the bytes that one of them would have saved.
    """

    name: str
    positions: tuple[int, ...]
    wasted: int


def identical(catalog: Catalog) -> list[Twins]:
    """Files with the same content, those first that waste most. Links and empty files waste
    nothing. What has no hash yet cannot be compared and is left out.
    """
    by_hash: dict[str, list[int]] = {}
    sizes = catalog.sizes
    for at, digest in enumerate(catalog.hashes):
        if digest and sizes[at]:
            by_hash.setdefault(digest, []).append(at)
    found = [
        Twins(catalog.paths[alike[0]], tuple(alike), sizes[alike[0]] * (len(alike) - 1))
        for alike in by_hash.values()
        if len(alike) > 1
    ]
    return sorted(found, key=lambda twins: (-twins.wasted, twins.name))


def libraries_twice(catalog: Catalog) -> list[Twins]:
    """Shared libraries of one name and major version that lie in the bundle several times,
    whatever wheels have added to their names. A loader takes one of them for both.
    """
    by_name: dict[str, list[int]] = {}
    for at, library in enumerate(catalog.libraries):
        if library and catalog.paths[at] not in catalog.links:
            name = soname(catalog.paths[at].rpartition("/")[2])
            if name:
                by_name.setdefault(name, []).append(at)
    found = []
    for name, alike in by_name.items():
        if len(alike) > 1:
            bytes_ = [catalog.sizes[at] for at in alike]
            found.append(Twins(name, tuple(alike), sum(bytes_) - max(bytes_)))
    return sorted(found, key=lambda twins: (-twins.wasted, twins.name))


def soname(name: str) -> str:
    """The soname that a file name stands for: `libgfortran-040039e1.so.5.0.0` is
    `libgfortran.so.5`. "" for what is no library that others would load.
    """
    found = _LIBRARY.fullmatch(_MANGLED.sub("", name))
    if found is None:
        return ""
    stem, major = found.groups()
    return f"{stem}.so.{major}" if major else f"{stem}.so"
