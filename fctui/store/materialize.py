"""Making planned files real: directories first, then each file from where it comes from."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from fctui.model.errors import TaskError
from fctui.model.paths import ancestors
from fctui.model.plan import Generated, How, Link, PlannedFile, ProjectFile, StoreFile
from fctui.store.disk import FULL
from fctui.store.paths import MTIME_NS
from fctui.store.store import Store

THREADS = 2
# Making directory entries is bound by the file system's journal: more threads wait for it.

_FICLONE = 0x40049409
# ioctl_ficlone(2)

_SLICE = 256
# Files between two looks at the cancellation and two progress calls.

_NO_CLONE = {errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.ENOTTY, errno.ENOSYS, errno.EPERM}
_NO_SEND = {errno.ENOTSOCK, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
_NO_LINK = {errno.EXDEV, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP}


def materialize(
    store: Store,
    files: Sequence[PlannedFile],
    root: Path,
    dest: Path,
    how: How = "auto",
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, str]:
    """Put `files` into the empty directory `dest`; runs on its caller's thread.

    `root` is the project that ProjectFile sources lie in, `progress` gets (files done, all).
    Returns the SHA-256 in hex by path ("" for links). What is in the store stays as it is: files
    are cloned, or linked read-only, or copied where their mode has to differ; a tree that was
    edited through an older bundle is mended before anything is taken from it. Raises TaskError
    for a source that is not there, a file that stands in another's way, a full disk.
    """
    made = _Materializer(store, root, dest, how, progress, cancelled, len(files))
    share = (len(files) + THREADS - 1) // THREADS or 1
    parts = [files[at : at + share] for at in range(0, len(files), share)]
    try:
        made.trees(files)
        made.directories(files)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="files") as threads:
            jobs = [threads.submit(made.files, part) for part in parts]
            wait(jobs, return_when=FIRST_EXCEPTION)
            made.failed = any(job.done() and job.exception() for job in jobs)
            for job in jobs:
                job.result()
    except OSError as error:
        raise unwritten(error, dest) from error
    return made.hashes


def unwritten(error: OSError, dest: Path) -> TaskError:
    """What to say of a bundle that the disk refuses."""
    if error.errno in FULL:
        return TaskError(
            f"The disk is full: {dest.parent} has no room for the bundle.",
            hint="Free some space or build elsewhere with -o; the old bundle still stands.",
        )
    path = error.filename2 or error.filename or dest
    return TaskError(
        f"{path} cannot be written: {error.strerror or error}.",
        hint="Make its directory writable, or build elsewhere with -o.",
    )


class _Materializer:
    def __init__(
        self,
        store: Store,
        root: Path,
        dest: Path,
        how: How,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool],
        total: int,
    ) -> None:
        self._store = store
        self._root = root
        self._dest = str(dest)
        self._clone = how in {"auto", "reflink"}
        self._link = how in {"auto", "link"}
        self._progress = progress
        self._cancelled = cancelled
        self._total = total
        self._done = 0
        self._mutex = threading.Lock()
        self.failed = False
        self._trees: dict[str, tuple[str, dict[str, tuple[str, int]]]] = {}
        self.hashes: dict[str, str] = {}

    def trees(self, files: Sequence[PlannedFile]) -> None:
        """Look at every tree that files come from; mend it where it has to be."""
        for file in files:
            source = file.source
            if isinstance(source, StoreFile) and source.digest not in self._trees:
                listing = self._store.usable(source.digest)
                known = {e.path: (e.sha256, e.mode) for e in listing.entries if not e.link}
                self._trees[source.digest] = (str(self._store.tree(source.digest)), known)

    def directories(self, files: Sequence[PlannedFile]) -> None:
        """Make every directory that a file lies in, outer ones first."""
        for directory in sorted(ancestors(file.path for file in files)):
            os.mkdir(f"{self._dest}/{directory}", 0o755)

    def files(self, part: Sequence[PlannedFile]) -> None:
        """Make one thread's share."""
        for at in range(0, len(part), _SLICE):
            if self.failed or self._cancelled():
                return
            taken = part[at : at + _SLICE]
            for file in taken:
                self.hashes[file.path] = self._file(file)
            with self._mutex:
                self._done += len(taken)
            if self._progress is not None:
                self._progress(self._done, self._total)

    def _file(self, file: PlannedFile) -> str:
        where = f"{self._dest}/{file.path}"
        match file.source:
            case StoreFile(digest=digest, path=path):
                return self._from_store(digest, path, where, file)
            case Generated(data=data):
                _write(where, data, file.mode)
                return hashlib.sha256(data).hexdigest()
            case Link(target=target):
                os.symlink(target, where)
                return ""
            case ProjectFile(path=path):
                return _copy_hashed(f"{self._root}/{path}", where, file)

    def _from_store(self, digest: str, path: str, where: str, file: PlannedFile) -> str:
        top, known = self._trees[digest]
        if path not in known:
            raise TaskError(f"{path} of {file.owner} is not in the store.", hint="Build again.")
        sha256, mode = known[path]
        source = f"{top}/{path}"
        same_mode = bool(mode & 0o111) == bool(file.mode & 0o111)
        if self._clone and _cloned(source, where, file.mode):
            return sha256
        self._clone = False
        if self._link and same_mode:
            try:
                os.link(source, where)
            except OSError as error:
                if error.errno not in _NO_LINK:
                    raise
            else:
                return sha256
        _copy(source, where, file.mode)
        return sha256


def _read_only(mode: int) -> int:
    return 0o555 if mode & 0o111 else 0o444


def _write(where: str, data: bytes, mode: int) -> None:
    descriptor = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        os.fchmod(descriptor, 0o755 if mode & 0o111 else 0o644)


def _cloned(source: str, where: str, mode: int) -> bool:
    """Share the blocks of a file, if the file system can (Btrfs, XFS)."""
    reading = os.open(source, os.O_RDONLY)
    try:
        writing = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.ioctl(writing, _FICLONE, reading)
            os.fchmod(writing, _read_only(mode))
            os.utime(writing, ns=(MTIME_NS, MTIME_NS))
        except OSError as error:
            os.unlink(where)
            if error.errno not in _NO_CLONE:
                raise
            return False
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    return True


def _copy(source: str, where: str, mode: int) -> None:
    reading = os.open(source, os.O_RDONLY)
    try:
        writing = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _send(reading, writing)
            os.fchmod(writing, _read_only(mode))
            os.utime(writing, ns=(MTIME_NS, MTIME_NS))
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _send(reading: int, writing: int) -> None:
    """All bytes of one file to another, in the kernel where it can: macOS only sends to sockets."""
    left = os.fstat(reading).st_size
    offset = 0
    while left > 0:
        try:
            count = os.sendfile(writing, reading, offset, left)
        except OSError as error:
            if offset or error.errno not in _NO_SEND:
                raise
            with (
                open(reading, "rb", closefd=False) as old,
                open(writing, "wb", closefd=False) as new,
            ):
                shutil.copyfileobj(old, new, 1 << 20)
            return
        if count == 0:
            return
        offset += count
        left -= count


def _copy_hashed(source: str, where: str, file: PlannedFile) -> str:
    digest = hashlib.sha256()
    try:
        reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise TaskError(
            f"{file.path} of the project cannot be read: {error.strerror}.",
            hint="Did it change while the bundle was being built? Build again.",
        ) from error
    with os.fdopen(reading, "rb") as original:
        writing = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(writing, "wb") as copy:
            while chunk := original.read(1 << 20):
                digest.update(chunk)
                copy.write(chunk)
            os.fchmod(writing, file.mode)
    return digest.hexdigest()
