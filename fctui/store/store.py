"""The store: fetch, verify, unpack and keep artifacts, addressed by their digest."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.model.contents import Contents
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Artifact
from fctui.store.download import Downloader
from fctui.store.paths import MTIME_NS
from fctui.store.workspace import Workspace, replace_file
from fctui.tasks.task import Task

Unpacker = Callable[[Path, Path, str], Contents]
"""`unpack(archive, into, digest)`: writes the files of an archive into an existing empty directory,
never outside of it, and returns their listing with hashes. Runs on a thread; raises TaskError."""

UNPACKING_THREADS = max(2, os.cpu_count() or 2)
# Inflating, hashing and writing all release the interpreter's lock.

SHOW_EVERY = 1 / 20
# Seconds between two progress events.


class Download(Struct, frozen=True):
    """An artifact to have in the store, how to unpack it, and headers that its registry wants."""

    artifact: Artifact
    unpack: Unpacker
    headers: Mapping[str, str] = {}


def default_store() -> Store:
    """The user's store: `FCTUI_CACHE_DIR`, else the platform's cache directory."""
    named = os.environ.get("FCTUI_CACHE_DIR")
    if named:
        return Store(Path(named).absolute())
    from platformdirs import user_cache_path

    return Store(user_cache_path("fctui"))


class Store:
    """Artifacts under one directory, safe for several processes at once.

    Files of unpacked trees are read-only and have one fixed modification time. They are linked
    into bundles: whoever edits a bundle in place all the same changes that time, and `fetch`
    unpacks the tree anew.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace(root / "tmp")

    def contents(self, digest: str) -> Contents | None:
        """The listing of an artifact, if it was unpacked or listed before."""
        return self._listing("listings", digest) or self._listing("remote", digest)

    def remember(self, digest: str, contents: Contents) -> None:
        """Keep a listing that was read from a registry without downloading the artifact."""
        self._write(self._place("remote", digest), msgspec.msgpack.encode(contents))

    def unpacked(self, digest: str) -> bool:
        """Whether the artifact's tree is in the store."""
        return self._place("listings", digest).is_file()

    def tree(self, digest: str) -> Path:
        """The directory that the artifact is unpacked in. Never write there."""
        return self._place("trees", digest)

    def archive(self, digest: str) -> Path:
        """The artifact as it was downloaded, under its own name.

        Raises TaskError when it is not there.
        """
        place = self._place("archives", digest)
        with contextlib.suppress(OSError):
            for path in place.iterdir():
                return path
        raise TaskError(f"{digest} is not in the store.", hint="Fetch it again.")

    def intact(self, digest: str) -> bool:
        """Whether the tree is there and no file of it was edited through a bundle's hard link."""
        listing = self._listing("listings", digest)
        if listing is None:
            return False
        top = str(self.tree(digest))
        try:
            for entry in listing.entries:
                if entry.link:
                    continue
                status = os.lstat(f"{top}/{entry.path}")
                if status.st_size != entry.size or status.st_mtime_ns != MTIME_NS:
                    return False
        except OSError:
            return False
        return True

    async def fetch(self, downloads: Iterable[Download], task: Task) -> dict[str, Contents]:
        """Download, verify and unpack what is not there yet, in parallel, with progress in bytes.

        Returns the listings by artifact digest. (An artifact without a digest gets one; its key
        in the result is its URL.) Raises TaskError for a wrong hash, a truncated or hostile
        archive, an unreachable registry, a full disk.
        """
        wanted = list(downloads)
        found, missing = await asyncio.to_thread(self._present, wanted)
        if not missing:
            return found
        missing.sort(key=lambda download: -(download.artifact.size or 0))
        progress = _Progress(task, [download.artifact for download in missing])
        threads = ThreadPoolExecutor(UNPACKING_THREADS, thread_name_prefix="unpack")
        try:
            async with Downloader() as downloader, asyncio.TaskGroup() as group:
                jobs = [
                    group.create_task(self._obtain(each, downloader, threads, progress))
                    for each in missing
                ]
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures
        finally:
            await asyncio.to_thread(threads.shutdown, cancel_futures=True)
        for download, job in zip(missing, jobs, strict=True):
            found[download.artifact.digest or download.artifact.url] = job.result()
        progress.finish()
        return found

    async def adopt(self, archive: Path, unpack: Unpacker, task: Task) -> Contents:
        """Take a file made here (a built wheel) into the store by its SHA-256 and unpack it."""
        task.log(f"taking in {archive.name}")
        return await asyncio.to_thread(self._adopt, archive, unpack)

    def recall(self, kind: str, key: str, max_age: float | None = None) -> bytes | None:
        """A remembered answer (a resolution, an index page) not older than `max_age` seconds."""
        path = self._answer(kind, key)
        try:
            if max_age is not None and time.time() - path.stat().st_mtime > max_age:
                return None
            return path.read_bytes()
        except OSError:
            return None

    def keep(self, kind: str, key: str, data: bytes) -> None:
        """Remember an answer under a key that holds everything it depends on."""
        self._write(self._answer(kind, key), data)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock that other processes respect; it ends with the process. Blocks its thread."""
        from filelock import FileLock

        place = self.root / "locks"
        with _disk_errors(place):
            place.mkdir(parents=True, exist_ok=True)
        hashed = hashlib.sha256(name.encode()).hexdigest()[:32]
        with FileLock(place / f"{hashed}.lock"):
            yield

    def _present(self, wanted: list[Download]) -> tuple[dict[str, Contents], list[Download]]:
        found: dict[str, Contents] = {}
        missing: dict[str, Download] = {}
        for download in wanted:
            digest = download.artifact.digest
            key = digest or download.artifact.url
            if digest and self.intact(digest):
                listing = self._listing("listings", digest)
                if listing is not None:
                    found[key] = listing
                    continue
            missing.setdefault(key, download)
        return found, list(missing.values())

    async def _obtain(
        self,
        download: Download,
        downloader: Downloader,
        threads: ThreadPoolExecutor,
        progress: _Progress,
    ) -> Contents:
        """One artifact: its archive (from the store or the registry), then its tree."""
        artifact, loop = download.artifact, asyncio.get_running_loop()
        if artifact.digest:
            with contextlib.suppress(TaskError):
                archive = self.archive(artifact.digest)
                progress.arrived(artifact.size or 0)
                return await loop.run_in_executor(
                    threads, self._unpack, archive, download.unpack, artifact.digest
                )
        with _disk_errors(self.root):
            room = await asyncio.to_thread(self.workspace.room)
        try:
            file = room / artifact.filename.replace("/", "_")
            with _disk_errors(self.root):
                digest = await downloader.get(artifact, file, download.headers, progress.arrived)
            return await loop.run_in_executor(threads, self._take_in, file, download.unpack, digest)
        finally:
            await asyncio.to_thread(self.workspace.clear, room)

    def _adopt(self, archive: Path, unpack: Unpacker) -> Contents:
        with _disk_errors(self.root):
            room = self.workspace.room()
            try:
                copy = room / archive.name
                data = archive.read_bytes()
                copy.write_bytes(data)
                digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
                return self._take_in(copy, unpack, digest)
            finally:
                self.workspace.clear(room)

    def _take_in(self, file: Path, unpack: Unpacker, digest: str) -> Contents:
        """Move a verified archive into its place and unpack it."""
        place = self._place("archives", digest)
        with _disk_errors(self.root):
            place.mkdir(parents=True, exist_ok=True)
            archive = place / file.name
            file.replace(archive)
        return self._unpack(archive, unpack, digest)

    def _unpack(self, archive: Path, unpack: Unpacker, digest: str) -> Contents:
        """Unpack into a room of its own, then put tree and listing in place, listing last."""
        with self.lock(digest), _disk_errors(self.root):
            listing = self._listing("listings", digest)
            if listing is not None and self.intact(digest):
                return listing
            room = self.workspace.room()
            try:
                tree = room / "tree"
                tree.mkdir()
                listing = unpack(archive, tree, digest)
                self._place("listings", digest).unlink(missing_ok=True)
                final = self.tree(digest)
                final.parent.mkdir(parents=True, exist_ok=True)
                if final.exists():
                    final.rename(room / "damaged")
                tree.rename(final)
                self._write(self._place("listings", digest), msgspec.msgpack.encode(listing))
            finally:
                self.workspace.clear(room)
        return listing

    def _listing(self, kind: str, digest: str) -> Contents | None:
        try:
            data = self._place(kind, digest).read_bytes()
            return msgspec.msgpack.decode(data, type=Contents)
        except (OSError, msgspec.DecodeError):
            return None

    def _place(self, kind: str, digest: str) -> Path:
        algorithm, _, value = digest.partition(":")
        if not value.isalnum() or not algorithm.isalnum():
            raise TaskError(f"{digest!r} is not a digest.")
        return self.root / kind / value[:2] / f"{algorithm}-{value}"

    def _answer(self, kind: str, key: str) -> Path:
        return self.root / "answers" / kind / hashlib.sha256(key.encode()).hexdigest()

    def _write(self, path: Path, data: bytes) -> None:
        with _disk_errors(self.root):
            replace_file(path, data)


class _Progress:
    """Sums the bytes of all downloads of one fetch into few events."""

    def __init__(self, task: Task, artifacts: list[Artifact]) -> None:
        self._task = task
        known = [artifact.size for artifact in artifacts]
        self._total = None if None in known else sum(size or 0 for size in known)
        self._done = 0
        self._shown = 0.0
        self._lock = threading.Lock()
        task.progress(0, self._total)

    def arrived(self, count: int) -> None:
        """Count bytes; may be called from any thread of a copy."""
        with self._lock:
            self._done += count
            now = time.monotonic()
            show = now - self._shown >= SHOW_EVERY
            if show:
                self._shown = now
        if show:
            self._tell()

    def finish(self) -> None:
        """Show the end."""
        self._tell()

    def _tell(self) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return  # a copying thread: the next event of the loop shows it
        self._task.progress(self._done, self._total)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure to tell: what a user can act on before anything else."""
    flat: list[BaseException] = []
    waiting: list[BaseException] = [failures]
    while waiting:
        error = waiting.pop()
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        else:
            flat.append(error)
    return next((error for error in flat if isinstance(error, FctuiError)), flat[0])


@contextlib.contextmanager
def _disk_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise TaskError(
                f"The disk is full: the store in {place} has no more room.",
                hint="Free some space, or name another place with FCTUI_CACHE_DIR.",
            ) from error
        if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM}:
            raise TaskError(
                f"The store in {place} cannot be written: {error.strerror}.",
                hint="Name another place with FCTUI_CACHE_DIR.",
            ) from error
        raise
