"""The store on disk: archives, trees and listings by digest, each put in place in one step."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from fctui.model.contents import DECODER, Contents, Entry
from fctui.model.errors import TaskError
from fctui.store.bounds import Stopped, bounded
from fctui.store.disk import disk_errors
from fctui.store.lock import FileLock
from fctui.store.paths import MTIME_NS
from fctui.store.upkeep import used
from fctui.store.workspace import Workspace
from fctui.tasks.text import clean

Unpacker = Callable[[Path, Path, str], Contents]
"""`unpack(archive, into, digest)`: writes the files of an archive into an existing empty directory,
never outside of it, and returns their listing with hashes. Runs on a thread; raises TaskError."""

TRUSTED_FOR = 5.0
# Seconds for which a tree that was looked at counts as unharmed: a fetch looks, and the build
# that follows at once need not look again.

KEPT_FOR = 7 * 86400.0
# Seconds for which the beginning of a download is kept.

_NAME_LENGTH = 200
# Bytes of a file name kept; file systems allow 255.


class Artifacts:
    """Everything under one root, for the threads that work on it.

    Layout: `archives/<2>/<digest>/<file name>`, `trees/<2>/<digest>/…`, `listings/<2>/<digest>`
    (written last: a tree counts only with its listing), `begun/<2>/<digest>` (the beginnings of
    archives whose download broke off), `remote/` (listings read from registries),
    `answers/<kind>/<hash>`, `locks/`, `tmp/` (rooms of running processes).
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace(root / "tmp")
        self._unpackers: dict[str, Unpacker] = {}
        self._seen: dict[str, float] = {}
        self._mutex = threading.Lock()

    def place(self, kind: str, digest: str) -> Path:
        """Where something of an artifact lies. Raises TaskError for what is no digest."""
        algorithm, _, value = digest.partition(":")
        if not (
            value.isascii() and value.isalnum() and algorithm.isascii() and algorithm.isalnum()
        ):
            raise TaskError(f"{clean(digest)[:200]!r} is not a digest.")
        return self.root / kind / value[:2] / f"{algorithm}-{value}"

    def listing(self, kind: str, digest: str) -> Contents | None:
        """A listing of `listings` or `remote`, if it is there and can be read."""
        path = self.place(kind, digest)
        try:
            listing = DECODER.decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None
        used(path)
        return listing

    def archive(self, digest: str) -> Path | None:
        """The artifact as it was downloaded, under its own name."""
        with contextlib.suppress(OSError):
            for path in self.place("archives", digest).iterdir():
                return path
        return None

    def begun(self, digest: str) -> Path:
        """The file for what has come so far of an archive. The digest's lock must be held."""
        path = self.place("begun", digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def forget_begun(self) -> None:
        """Remove beginnings that nobody has gone on with for long."""
        oldest = time.time() - KEPT_FOR
        for path in self.root.glob("begun/*/*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def intact(self, digest: str) -> Contents | None:
        """The listing of a tree of which no file was edited through a bundle's hard link."""
        listing = self.listing("listings", digest)
        if listing is None:
            return None
        top = str(self.place("trees", digest))
        try:
            for entry in listing.entries:
                if not entry.link and not _as_unpacked(f"{top}/{entry.path}", entry):
                    return None
        except OSError:
            return None
        self._seen[digest] = time.monotonic()
        return listing

    def know(self, digest: str, unpack: Unpacker) -> None:
        """Remember how an artifact is unpacked, for the case that its tree has to be mended."""
        self._unpackers[digest] = unpack

    def usable(self, digest: str) -> Contents:
        """The listing of a tree that files may be taken from, mended first where it has to be.

        Raises TaskError when it is not in the store or cannot be mended.
        """
        seen = self._seen.get(digest)
        if seen is not None and time.monotonic() - seen < TRUSTED_FOR:
            listing = self.listing("listings", digest)
            if listing is not None:
                return listing
        return self.intact(digest) or self.heal(digest)

    def heal(self, digest: str) -> Contents:
        """Unpack a tree anew from its kept archive, after a look at the archive's own hash.

        Raises TaskError when nobody has said in this process how, or the archive is gone: then
        the tree is given up, so that the next fetch brings it back.
        """
        with self.lock(digest), disk_errors(self.root):
            if (listing := self.intact(digest)) is not None:
                return listing
            unpack, archive = self._unpackers.get(digest), self.sound_archive(digest)
            if unpack is None or archive is None:
                self.place("listings", digest).unlink(missing_ok=True)
                raise TaskError(
                    f"Files of {archive.name if archive else digest} in the store are damaged "
                    "or missing.",
                    hint="Build again: the artifact is unpacked anew.",
                )
            return self.unpack(archive, unpack, digest, threading.Event())

    def sound_archive(self, digest: str) -> Path | None:
        """The archive if it still has its hash; a damaged one is removed."""
        archive = self.archive(digest)
        if archive is None:
            return None
        algorithm, _, value = digest.partition(":")
        with archive.open("rb") as file:
            if hashlib.file_digest(file, algorithm).hexdigest() == value:
                return archive
        shutil.rmtree(archive.parent, ignore_errors=True)
        return None

    def take_in(
        self, file: Path, name: str, unpack: Unpacker, digest: str, stop: threading.Event
    ) -> Contents:
        """Move a verified archive into its place and unpack it. The digest's lock must be held."""
        place = self.place("archives", digest)
        with disk_errors(self.root):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True, exist_ok=True)
            archive = place / file_name(name)
            file.rename(archive)
            try:
                return self.unpack(archive, unpack, digest, stop)
            except Stopped:
                raise
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise

    def unpack(
        self, archive: Path, unpack: Unpacker, digest: str, stop: threading.Event
    ) -> Contents:
        """Unpack into a room of its own, then put tree and listing in place, listing last."""
        with disk_errors(self.root):
            room = self.workspace.room()
            try:
                tree = room / "tree"
                tree.mkdir()
                with bounded(archive.stat().st_size, stop):
                    listing = unpack(archive, tree, digest)
                _seal(tree, listing)
                self.place("listings", digest).unlink(missing_ok=True)
                final = self.place("trees", digest)
                final.parent.mkdir(parents=True, exist_ok=True)
                if final.exists():
                    final.rename(room / "damaged")
                tree.rename(final)
                self.write("listings", digest, listing)
                self._seen[digest] = time.monotonic()
            finally:
                self.workspace.clear(room)
        return listing

    def write(self, kind: str, digest: str, listing: Contents) -> None:
        """Put a listing in place."""
        with disk_errors(self.root):
            self.workspace.write(self.place(kind, digest), msgspec.msgpack.encode(listing))

    def lock_file(self, name: str) -> Path:
        """The file of a name's lock."""
        hashed = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
        return self.root / "locks" / f"{hashed}.lock"

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock that other processes respect; it ends with the process. Blocks its thread."""
        held = FileLock(self.lock_file(name))
        with disk_errors(self.root):
            held.acquire(wait=True)
        try:
            yield
        finally:
            held.release()


def file_name(name: str) -> str:
    """An artifact's name as a file name that leads nowhere else."""
    plain = clean(name.encode("utf-8", "replace").decode()).replace("/", "_").lstrip(".")
    return plain.encode()[-_NAME_LENGTH:].decode("utf-8", "ignore") or "artifact"


def _as_unpacked(path: str, entry: Entry) -> bool:
    status = os.lstat(path)
    return (
        status.st_mtime_ns == MTIME_NS
        and status.st_size == entry.size
        and status.st_mode == (_PROGRAM if entry.mode & 0o111 else _PLAIN)
    )


_PROGRAM = stat.S_IFREG | 0o555
_PLAIN = stat.S_IFREG | 0o444


def _seal(tree: Path, listing: Contents) -> None:
    """Give what an unpacker changed by itself the mode and time of every file in the store."""
    for entry in listing.entries:
        path = f"{tree}/{entry.path}"
        if entry.link or _as_unpacked(path, entry):
            continue
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.chmod(path, 0o555 if entry.mode & 0o111 else 0o444)
            os.utime(path, ns=(MTIME_NS, MTIME_NS))
        if not _as_unpacked(path, entry):
            raise TaskError(f"{entry.path} was not unpacked as it is listed.")
