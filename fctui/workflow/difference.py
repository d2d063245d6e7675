"""What lies elsewhere under another method: file by file, and which directory went where."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from msgspec import Struct

from fctui.managers.pip.scheme import Scheme
from fctui.model.plan import Category, PlannedFile, StoreFile

_ROOTS = {
    Category.METADATA: ("purelib", "platlib"),
    Category.PURELIB: ("purelib",),
    Category.PLATLIB: ("platlib",),
    Category.SCRIPTS: ("scripts",),
    Category.HEADERS: ("headers",),
    Category.DATA: ("data",),
}
# Where a file lies that the installer writes itself, by its category.

Identity = tuple[str, str, str]
"""What makes a file the same one under two methods."""


class Movement(Struct, frozen=True):
    """Files that lie below `source` under one method and below `destination` under the other, in
    the same order below both: `pairs` are (path, other path), `size` their bytes. A side that has
    no such files is None, and their paths there are ""; as a directory "" is the bundle itself.
    """

    source: str | None
    destination: str | None
    size: int
    pairs: tuple[tuple[str, str], ...]


def identity(file: PlannedFile, where: Scheme) -> Identity:
    """The artifact's member that a file is; for a file that the installer writes, its owner, kind
    and place below the directory of that kind.
    """
    if isinstance(file.source, StoreFile):
        return file.owner, file.source.digest, file.source.path
    return file.owner, str(file.category), below(file, where)


def below(file: PlannedFile, where: Scheme) -> str:
    """A file's path below the directory that its method has for its category."""
    roots = (getattr(where, key) for key in _ROOTS.get(file.category, ()))
    inside = [root for root in roots if not root or file.path.startswith(f"{root}/")]
    return file.path[len(inside[0]) :].lstrip("/") if inside else file.path


def movements(
    one: Iterable[PlannedFile], here: Scheme, other: Iterable[PlannedFile], there: Scheme
) -> tuple[Movement, ...]:
    """Files that lie elsewhere, by directories: what moves most of them first, what only one of the
    two has last.
    """
    groups: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
    sizes: dict[tuple[str | None, str | None], int] = {}
    for first, second, size in _paired(one, here, other, there):
        if first != second:
            key = _directories(first, second)
            groups.setdefault(key, []).append((first, second))
            sizes[key] = sizes.get(key, 0) + size
    found = [Movement(*key, sizes[key], tuple(sorted(pairs))) for key, pairs in groups.items()]
    return tuple(sorted(found, key=lambda m: (None in (m.source, m.destination), -len(m.pairs))))


def _paired(
    one: Iterable[PlannedFile], here: Scheme, other: Iterable[PlannedFile], there: Scheme
) -> Iterable[tuple[str, str, int]]:
    first = {identity(file, here): file for file in one}
    second = {identity(file, there): file for file in other}
    for key in {**first, **second}:
        a, b = first.get(key), second.get(key)
        file = a or b
        yield a.path if a else "", b.path if b else "", file.size if file else 0


def _directories(first: str, second: str) -> tuple[str | None, str | None]:
    """What differs of two paths, from the front; None for a path that is not there."""
    if not first or not second:
        return (None if not first else "", None if not second else "")
    a, b = posixpath.dirname(first).split("/"), posixpath.dirname(second).split("/")
    while a and b and a[-1] == b[-1]:
        a.pop()
        b.pop()
    return "/".join(a), "/".join(b)
