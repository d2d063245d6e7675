"""Reading what is explored: a plan that nobody has built yet, a bundle, any directory."""

from __future__ import annotations

import hashlib
import mmap
import operator
import os
from bisect import bisect_left
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, read_manifest
from fctui.explore.catalog import About, Catalog, Columns, Where
from fctui.explore.content import hash_of, hashes_of
from fctui.explore.standing import BuiltFile, as_built, standing
from fctui.model.plan import (
    Category,
    Generated,
    Link,
    Origin,
    Plan,
    PlannedFile,
    ProjectFile,
    StoreFile,
)

if TYPE_CHECKING:
    from fctui.store.store import Store

LARGE = 8 << 20
# Bytes of a manifest from which the files are not looked at unasked: 28,000 files, 0.1 s.

_T = TypeVar("_T")
_path = operator.attrgetter("path")


class _Listed(Struct, frozen=True):
    target: str
    method: str
    environment: dict[str, str]
    files: list[BuiltFile]
    origins: tuple[Origin, ...] = ()


class _Hash(Struct, frozen=True, gc=False):
    path: str
    sha256: str


class _Hashes(Struct, frozen=True):
    files: list[_Hash]


_LISTED = msgspec.json.Decoder(_Listed)
_HASHES = msgspec.json.Decoder(_Hashes)
# Made here, while one thread imports this: see `model.contents.DECODER`.


def open_catalog(place: Path, *, now: bool | None = None) -> Catalog:
    """A bundle by its manifest, see `of_bundle`; any other directory by walking through it.

    Raises UsageError for what is no directory, or a bundle whose manifest is damaged.
    """
    if (place / MANIFEST_PATH).is_file():
        return of_bundle(place, now=now)
    from fctui.explore.walk import of_directory

    return of_directory(place)


def of_bundle(bundle: Path, *, now: bool | None = None) -> Catalog:
    """A bundle as it lies on the disk with `now`; whose its files are its manifest says. Else it is
    the bundle as it was built, for which nothing but the manifest is read. With None a large one is
    taken as it was built: an lstat(2) of each of 150,000 files takes longer than all else.

    Raises UsageError like `read_manifest`.
    """
    listed, size = _read(bundle, _LISTED)
    now = size <= LARGE if now is None else now
    own = BuiltFile(
        MANIFEST_PATH, size, 0o644, Category.METADATA, "fctui", "fctui", "", shared_library=False
    )

    def built_with(paths: Collection[str]) -> dict[str, str]:
        each = _read(bundle, _HASHES)[0].files
        return {file.path: file.sha256 for file in each if file.path in paths}

    files = [*listed.files, own]
    found = standing(bundle, files, built_with) if now else as_built(files)
    edited = {MANIFEST_PATH, *(edit.path for edit in found.edits)}

    def hashes(paths: Sequence[str]) -> Sequence[str]:
        of = built_with(frozenset(paths))
        of |= hashes_of(bundle, [path for path in paths if path in edited])
        return [of.get(path, "") for path in paths]

    about = About(
        kind="bundle",
        place=bundle,
        target=listed.target,
        method=listed.method,
        environment=listed.environment,
        origins=listed.origins,
        unread=found.unread,
        edits=found.edits,
        looked=now,
    )
    return Catalog(found.columns, about, hashes=hashes, locate=lambda path: bundle / path)


def of_plan(plan: Plan, *, root: Path | None = None, store: Store | None = None) -> Catalog:
    """A plan. `root` is the project and `store` has the packages' files, as far as they are
    unpacked by now: without them no file's bytes can be looked at.
    """
    columns = Columns(
        paths=[file.path for file in plan.files],
        sizes=[file.size for file in plan.files],
        owners=[(file.manager, file.owner) for file in plan.files],
        categories=[file.category for file in plan.files],
        libraries=[file.shared_library for file in plan.files],
        links={f.path: f.source.target for f in plan.files if isinstance(f.source, Link)},
    )
    about = About(
        kind="plan",
        target=plan.target,
        method=plan.method,
        environment=plan.environment,
        origins=plan.origins,
    )
    sources = _Sources(plan, root, store)
    return Catalog(columns, about, hashes=sources.hashes, locate=sources.locate)


class _Sources:
    """Where the files of a plan come from."""

    def __init__(self, plan: Plan, root: Path | None, store: Store | None) -> None:
        self._files = plan.files  # sorted by path
        self._root = root
        self._store = store
        self._known: dict[str, dict[str, str]] = {}

    def locate(self, path: str) -> Where:
        at = bisect_left(self._files, path, key=_path)
        if at == len(self._files) or self._files[at].path != path:
            return None
        match self._files[at].source:
            case StoreFile(digest=digest, path=inside) if self._store and digest:
                return self._store.tree(digest) / inside if self._store.unpacked(digest) else None
            case ProjectFile(path=inside) if self._root:
                return self._root / inside
            case Generated(data=data) if data:
                return data
        return None

    def hashes(self, paths: Sequence[str]) -> list[str]:
        files = {file.path: file for file in self._files}
        return [self._hash(files[path]) for path in paths]

    def _hash(self, file: PlannedFile) -> str:
        match file.source:
            case StoreFile(digest=digest, path=path):
                return self._of(digest).get(path, "")
            case Generated(data=data) if data:
                return hashlib.sha256(data).hexdigest()
            case ProjectFile(path=path) if self._root:
                return hash_of(self._root / path)
        return ""

    def _of(self, digest: str) -> dict[str, str]:
        if digest not in self._known:
            listing = self._store.contents(digest) if self._store and digest else None
            found = {entry.path: entry.sha256 for entry in listing.entries} if listing else {}
            for entry in listing.entries if listing else ():
                if entry.same_as and not entry.sha256:
                    found[entry.path] = found.get(entry.same_as, "")
            self._known[digest] = found
        return self._known[digest]


def _read(bundle: Path, wanted: msgspec.json.Decoder[_T]) -> tuple[_T, int]:
    """Some fields of the manifest, without a copy of its text, and its size in bytes."""
    try:
        with (bundle / MANIFEST_PATH).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
                return wanted.decode(text), size
    except (OSError, ValueError, msgspec.MsgspecError):
        read_manifest(bundle)  # says what is wrong with it
        raise
