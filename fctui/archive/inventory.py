"""What lies in a bundle by now, held against its manifest: nothing is packed unseen."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, Manifest, ManifestFile
from fctui.bundle.walk import walk
from fctui.model.contents import Contents
from fctui.model.errors import TaskError, UsageError
from fctui.model.plan import Category, is_shared_library
from fctui.store.paths import MTIME_NS
from fctui.store.store import Store
from fctui.tasks.text import clean

_SEEN = "bundle-hashes"
# The kind of answer in the store: hashes of a bundle's files, with what stat(2) said of each.

_FRESH = 100_000_000
# Nanoseconds: a file changed so shortly before it was hashed could change once more without its
# times telling (the kernel's clock ticks every 4 to 10 ms).

State = tuple[int, int, int, int, int]
"""Device, inode, bytes, times of the last change of content and of the inode, in ns."""


class Edits(Struct, frozen=True):
    """Paths that are not as the manifest has them."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.missing)


class Inventory(Struct, frozen=True):
    """The bundle's files as they are on disk, sorted by path, and how they differ."""

    files: tuple[ManifestFile, ...]
    edits: Edits


def take_inventory(
    bundle: Path,
    manifest: Manifest,
    store: Store,
    *,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> Inventory:
    """Read what is in the bundle, on all cores; `progress` gets bytes that need not be read again.

    A file that is still the store's own inode, with the time that the store gives its files, is
    known without reading it: building trusts the same signs. Every other one is hashed, once: as
    long as stat(2) says the same of it, its hash is remembered. Raises UsageError for what no
    archive can hold.
    """
    planned = {file.path: file for file in manifest.files}
    linked = _Linked(store, manifest)
    key = os.fsdecode(os.path.realpath(bundle))
    seen = _recalled(store, key)
    states: dict[str, State] = {}
    links: dict[str, str] = {}
    modes: dict[str, int] = {}
    hashes: dict[str, str] = {}
    unread: list[str] = []
    for path, status in walk(bundle):
        _refuse(path, status.st_mode)
        modes[path] = status.st_mode
        if stat.S_ISLNK(status.st_mode):
            links[path] = os.readlink(bundle / path)
            continue
        state = states[path] = _state(status)
        known = linked.hash_of(planned.get(path), status) or seen.get(path, {}).get(state)
        if known:
            hashes[path] = known
            progress(status.st_size)
        else:
            unread.append(path)
    hashes |= _hashed(bundle, unread, states, progress, stopped)
    if not stopped():
        _remember(store, key, {path: (states[path], hashes[path]) for path in states})
    files = []
    for path in sorted(modes):
        before = planned.get(path)
        size = states[path][2] if path in states else len(os.fsencode(links[path]))
        files.append(_found(path, before, modes[path], size, hashes, links))
    return Inventory(tuple(files), _edits(planned, files))


def _found(
    path: str,
    before: ManifestFile | None,
    mode: int,
    size: int,
    hashes: Mapping[str, str],
    links: Mapping[str, str],
) -> ManifestFile:
    link = links.get(path, "")
    permissions = 0o777 if link else 0o755 if mode & 0o111 else 0o644
    return ManifestFile(
        path=path,
        size=size,
        mode=permissions,
        sha256=hashes.get(path, ""),
        category=before.category if before else Category.LINK if link else Category.CODE,
        owner=before.owner if before else "edited by hand",
        manager=before.manager if before else "project",
        link=link,
        shared_library=before.shared_library if before else is_shared_library(path),
    )


def _edits(planned: Mapping[str, ManifestFile], files: Sequence[ManifestFile]) -> Edits:
    changed, added = [], []
    for file in files:
        before = planned.get(file.path)
        if before is None:
            added.append(file.path)
        elif not _same(before, file):
            changed.append(file.path)
    missing = planned.keys() - {file.path for file in files}
    return Edits(tuple(changed), tuple(added), tuple(sorted(missing)))


def _same(before: ManifestFile, now: ManifestFile) -> bool:
    if now.link or before.link:
        return now.link == before.link
    executable = bool(now.mode & 0o111) == bool(before.mode & 0o111)
    return executable and now.sha256 == before.sha256


class _Linked:
    """Knows the files of the store by inode, of the artifacts that the manifest names."""

    def __init__(self, store: Store, manifest: Manifest) -> None:
        self._store = store
        self._digests = {(o.manager, o.id): o.digest for o in manifest.origins if o.digest}
        self._places: dict[str, dict[str, list[str]]] = {}
        self._inodes: dict[tuple[str, str], set[tuple[int, int]]] = {}

    def hash_of(self, file: ManifestFile | None, status: os.stat_result) -> str:
        """The manifest's hash if the inode is that of a file in the store that has it."""
        if (
            file is None
            or status.st_nlink < 2
            or status.st_mtime_ns != MTIME_NS
            or status.st_size != file.size
        ):
            return ""
        digest = self._digests.get((file.manager, file.owner))
        if digest is None:
            return ""
        known = self._inodes.get((digest, file.sha256))
        if known is None:
            places = self._of(digest).get(file.sha256, ())
            known = self._inodes[digest, file.sha256] = set(_inodes(places))
        return file.sha256 if (status.st_dev, status.st_ino) in known else ""

    def _of(self, digest: str) -> dict[str, list[str]]:
        places = self._places.get(digest)
        if places is None:
            places = self._places[digest] = {}
            listing: Contents | None = self._store.contents(digest)
            tree = self._store.tree(digest)
            for entry in listing.entries if listing else ():
                if entry.sha256:
                    places.setdefault(entry.sha256, []).append(f"{tree}/{entry.path}")
        return places


def _inodes(places: Sequence[str]) -> Iterator[tuple[int, int]]:
    for place in places:
        try:
            status = os.lstat(place)
        except OSError:
            continue  # what was removed from the store is read from the bundle
        yield status.st_dev, status.st_ino


def _refuse(path: str, mode: int) -> None:
    why = ""
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        why = "is neither a file nor a link"
    try:
        if len(path.encode()) > 0xFFFF:
            why = "has a name longer than a zip file can hold"
    except UnicodeEncodeError:
        why = "has a name that is not UTF-8"
    if why:
        shown = clean(path.encode("utf-8", "backslashreplace").decode())
        raise UsageError(f"{shown} of the bundle {why}.", hint="Remove it, or build again.")


def _hashed(
    bundle: Path,
    paths: Sequence[str],
    states: Mapping[str, State],
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> dict[str, str]:
    """SHA-256 of the files, the largest first so that no core is left with it at the end."""
    mutex = threading.Lock()

    def one(path: str) -> str:
        if stopped():
            return ""
        try:
            with (bundle / path).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise TaskError(
                f"{clean(path)} of the bundle cannot be read: {error.strerror}."
            ) from error
        with mutex:
            progress(states[path][2])
        return found

    ordered = sorted(paths, key=lambda path: -states[path][2])
    with ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="hash") as threads:
        return dict(zip(ordered, threads.map(one, ordered), strict=True))


def _state(status: os.stat_result) -> State:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _recalled(store: Store, key: str) -> dict[str, dict[State, str]]:
    data = store.recall(_SEEN, key)
    if data is None:
        return {}
    try:
        known = msgspec.msgpack.decode(data, type=dict[str, tuple[State, str]])
    except msgspec.MsgspecError:
        return {}
    return {path: {state: sha256} for path, (state, sha256) in known.items()}


def _remember(store: Store, key: str, known: Mapping[str, tuple[State, str]]) -> None:
    settled = time.time_ns() - _FRESH
    lasting = {path: found for path, found in known.items() if found[0][4] < settled}
    store.keep(_SEEN, key, msgspec.msgpack.encode(lasting))


def edited_manifest(manifest: Manifest, files: Sequence[ManifestFile]) -> bytes:
    """The manifest of what is there: for a bundle that is packed although it was edited."""
    listed = tuple(file for file in files if file.path != MANIFEST_PATH)
    return msgspec.json.encode(msgspec.structs.replace(manifest, files=listed)) + b"\n"
