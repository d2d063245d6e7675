"""Reading what is explored: a plan that nobody has built yet, a bundle, any directory."""

from __future__ import annotations

import hashlib
import mmap
import operator
import os
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, read_manifest
from fctui.explore.catalog import About, Catalog, Columns, Where
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

_T = TypeVar("_T")
_path = operator.attrgetter("path")


class _File(Struct, frozen=True, gc=False):
    """What is summed of a manifest's file; hashes wait until somebody asks for them."""

    path: str
    size: int
    category: Category
    owner: str
    manager: str
    link: str
    shared_library: bool


class _Listed(Struct, frozen=True):
    target: str
    method: str
    environment: dict[str, str]
    files: list[_File]
    origins: tuple[Origin, ...] = ()


class _Hash(Struct, frozen=True, gc=False):
    path: str
    sha256: str


class _Hashes(Struct, frozen=True):
    files: list[_Hash]


_LISTED = msgspec.json.Decoder(_Listed)
_HASHES = msgspec.json.Decoder(_Hashes)
# Made here, while one thread imports this: see `model.contents.DECODER`.


def open_catalog(place: Path) -> Catalog:
    """A bundle by its manifest; any other directory by walking through it.

    Raises UsageError for what is no directory, or a bundle whose manifest is damaged.
    """
    if (place / MANIFEST_PATH).is_file():
        return of_bundle(place)
    from fctui.explore.walk import of_directory

    return of_directory(place)


def of_bundle(bundle: Path) -> Catalog:
    """A bundle, as its manifest has it. Raises UsageError like `read_manifest`."""
    listed, size = _read(bundle, _LISTED)
    own = _File(MANIFEST_PATH, size, Category.METADATA, "fctui", "fctui", "", shared_library=False)
    files = listed.files
    files.insert(bisect_left(files, MANIFEST_PATH, key=_path), own)
    columns = Columns(
        paths=[file.path for file in files],
        sizes=[file.size for file in files],
        owners=[(file.manager, file.owner) for file in files],
        categories=[file.category for file in files],
        libraries=[file.shared_library for file in files],
        links={file.path: file.link for file in files if file.link},
    )
    about = About(
        kind="bundle",
        place=bundle,
        target=listed.target,
        method=listed.method,
        environment=listed.environment,
        origins=listed.origins,
    )

    def hashes(paths: Sequence[str]) -> Sequence[str]:
        found = {each.path: each.sha256 for each in _read(bundle, _HASHES)[0].files}
        found[MANIFEST_PATH] = _hash(bundle / MANIFEST_PATH)
        return [found.get(path, "") for path in paths]

    return Catalog(columns, about, hashes=hashes, locate=lambda path: bundle / path)


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
                return _hash(self._root / path)
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


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


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
