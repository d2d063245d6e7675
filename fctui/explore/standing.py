"""What lies in a bundle by now, held against what was built: somebody may have edited it since."""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH
from fctui.explore.catalog import Columns, Owner
from fctui.explore.change import FileChange
from fctui.explore.content import hashes_of
from fctui.explore.walk import walk
from fctui.model.plan import Category, is_shared_library
from fctui.store.paths import MTIME_NS

BY_HAND: Owner = ("project", "edited by hand")
# Whose a file is that no build has made; `fctui pack --edited` writes the same into the manifest.

_EXECUTABLE = 0o111

Known = Callable[[Collection[str]], Mapping[str, str]]
"""The hashes that some of the files were built with."""


class BuiltFile(Struct, frozen=True, gc=False):
    """What is summed of a manifest's file; hashes wait until somebody asks for them."""

    path: str
    size: int
    mode: int
    category: Category
    owner: str
    manager: str
    link: str
    shared_library: bool


class Standing(Struct, frozen=True):
    """The files as they are on the disk, and what was done to them since the build, by path.
    `unread` could not be looked into; there the files stand as they were built.
    """

    columns: Columns
    edits: tuple[FileChange, ...]
    unread: tuple[str, ...]


def as_built(built: Sequence[BuiltFile]) -> Standing:
    """The files as they were built, whatever has become of them."""
    return Standing(_columns(built, (), {}), (), ())


def standing(bundle: Path, built: Sequence[BuiltFile], known: Known) -> Standing:
    """Look at every file with lstat(2). A file with the size that it was built with and the time
    that the store gives its files was not edited; where only the time is another one, its bytes
    are read and decide. `fctui pack` trusts less: it goes by the inodes of the store, and reads.
    """
    found = walk(bundle)
    left = {file.path: file for file in built}
    edits: list[FileChange] = []
    suspects: list[BuiltFile] = []
    each = zip(found.paths, found.sizes, found.modes, found.mtimes, strict=True)
    for path, size, mode, mtime in each:
        file = left.pop(path, None)
        if file is None:
            edits.append(FileChange(path, BY_HAND, None, size))
        elif file.link or not stat.S_ISREG(mode):
            if found.links.get(path, "") != file.link or not stat.S_ISLNK(mode):
                edits.append(_change(file, size))
        elif size != file.size or (not mode & _EXECUTABLE) != (not file.mode & _EXECUTABLE):
            edits.append(_change(file, size))
        elif mtime != MTIME_NS and path != MANIFEST_PATH:
            suspects.append(file)
    other, unread = _read(bundle, suspects, known)
    edits += [_change(file, file.size) for file in other]
    edits += [
        FileChange(file.path, (file.manager, file.owner), file.size, None)
        for file in left.values()
        if not file.path.startswith(found.unread)
    ]
    edits.sort(key=lambda edit: edit.path)
    return Standing(_columns(built, edits, found.links), tuple(edits), (*found.unread, *unread))


def _change(file: BuiltFile, size: int) -> FileChange:
    return FileChange(file.path, (file.manager, file.owner), file.size, size)


def _read(
    bundle: Path, suspects: Sequence[BuiltFile], known: Known
) -> tuple[list[BuiltFile], list[str]]:
    """Which of the files have other bytes than they were built with, and which cannot be read."""
    if not suspects:
        return [], []
    paths = [file.path for file in suspects]
    built, now = known(frozenset(paths)), hashes_of(bundle, paths)
    other = [f for f in suspects if now[f.path] and now[f.path] != built.get(f.path)]
    return other, [path for path in paths if not now[path]]


def _columns(
    built: Sequence[BuiltFile], edits: Sequence[FileChange], links: Mapping[str, str]
) -> Columns:
    """The files that were built, as they are now, and behind them what was added."""
    gone = {edit.path for edit in edits if edit.after is None}
    kept = [file for file in built if file.path not in gone] if gone else built
    sizes = {edit.path: edit.after for edit in edits if edit.after is not None}
    new = [edit.path for edit in edits if edit.before is None]
    linked = {file.path: file.link for file in kept if file.link and file.path not in sizes}
    linked |= {path: links[path] for path in sizes if path in links}
    return Columns(
        paths=[*(file.path for file in kept), *new],
        sizes=[*(sizes.get(file.path, file.size) for file in kept), *map(sizes.__getitem__, new)],
        owners=[*((file.manager, file.owner) for file in kept), *(BY_HAND for _ in new)],
        categories=[
            *(file.category for file in kept),
            *(Category.LINK if path in links else Category.CODE for path in new),
        ],
        libraries=[*(file.shared_library for file in kept), *map(is_shared_library, new)],
        links=linked,
    )
