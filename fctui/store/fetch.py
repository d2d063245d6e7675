"""One fetch: downloads and unpacking side by side, each artifact by one process only."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from msgspec import Struct

from fctui.model.contents import Contents
from fctui.model.errors import FctuiError
from fctui.model.package import Artifact
from fctui.store.access import Access
from fctui.store.artifacts import Artifacts, Unpacker, file_name
from fctui.store.bounds import Stopped
from fctui.store.disk import disk_errors
from fctui.store.lock import held
from fctui.tasks.task import Task

if TYPE_CHECKING:
    from fctui.store.download import Downloader

CONNECTIONS = 12
# Downloads at a time: enough to hide latency, few enough for a small mirror.

UNPACKING_THREADS = (os.cpu_count() or 2) + 1
# Inflating, hashing and writing all release the interpreter's lock; one more than there are
# processors, since one of them waits for the disk now and then.

LANES = CONNECTIONS + 2 * UNPACKING_THREADS
# Artifacts in hand at a time: a lock and a file are open for each.

KEPT = 5_000_000
# Bytes of an artifact whose beginning is kept where a download is broken off: the next one goes on.

SHOW_EVERY = 1 / 20
# Seconds between two progress events.

P = ParamSpec("P")
T = TypeVar("T")


class Download(Struct, frozen=True):
    """An artifact to have in the store, how to unpack it, and headers that its registry wants."""

    artifact: Artifact
    unpack: Unpacker
    headers: Mapping[str, str] = {}

    @property
    def key(self) -> str:
        """The artifact's digest, or its URL where it has none."""
        return self.artifact.digest or self.artifact.url


class Fetch:
    """Brings the downloads that the store lacks, largest first."""

    def __init__(self, artifacts: Artifacts, task: Task, access: Access | None) -> None:
        self._artifacts = artifacts
        self._task = task
        self._access = access
        self._threads = ThreadPoolExecutor(UNPACKING_THREADS, thread_name_prefix="unpack")
        self._lanes = asyncio.Semaphore(LANES)
        self._stop = threading.Event()

    async def run(self, missing: Sequence[Download]) -> dict[str, Contents]:
        """The listings by key. Ended before its time, it leaves no thread and no half file."""
        from fctui.store.download import Downloader

        ordered = sorted(missing, key=lambda download: -(download.artifact.size or 0))
        progress = Progress(self._task, [download.artifact for download in ordered])
        with disk_errors(self._artifacts.root):
            room = await asyncio.to_thread(self._artifacts.workspace.room)
            await asyncio.to_thread(self._artifacts.forget_begun)
        try:
            async with (
                Downloader(self._access, threads=CONNECTIONS) as downloader,
                asyncio.TaskGroup() as group,
            ):
                jobs = {
                    download.key: group.create_task(
                        self._obtain(download, room / str(number), downloader, progress)
                    )
                    for number, download in enumerate(ordered)
                }
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from failures
        finally:
            self._stop.set()
            self._threads.shutdown(wait=False, cancel_futures=True)  # see _on_thread: none runs
            progress.finish()
            await asyncio.to_thread(self._artifacts.workspace.clear, room)
        return {key: job.result() for key, job in jobs.items()}

    async def _obtain(
        self, download: Download, file: Path, downloader: Downloader, progress: Progress
    ) -> Contents:
        """One artifact: from the store, else its archive from the registry; then its tree."""
        artifact = download.artifact
        async with self._lanes, self._held(artifact, download.key):
            if artifact.digest:
                known = await self._on_thread(self._from_store, download)
                if known is not None:
                    progress.arrived(artifact.size or 0)
                    return known
            if artifact.digest and (artifact.size or 0) >= KEPT:
                file = self._begun(artifact)
            digest = await downloader.get(artifact, file, download.headers, progress.arrived)
            if artifact.digest:
                return await self._taken_in(file, download, digest)
            async with self._held(artifact, digest):
                return await self._taken_in(file, download, digest)

    def _begun(self, artifact: Artifact) -> Path:
        """The file of a large artifact, with what came of it before."""
        with disk_errors(self._artifacts.root):
            file = self._artifacts.begun(artifact.digest)
        if file.exists() and (size := file.stat().st_size):
            self._task.log(f"{artifact.filename}: goes on after {size / 1e6:.1f} MB.")
        return file

    async def _taken_in(self, file: Path, download: Download, digest: str) -> Contents:
        self._artifacts.know(digest, download.unpack)
        name = file_name(download.artifact.filename)
        return await self._on_thread(
            self._artifacts.take_in, file, name, download.unpack, digest, self._stop
        )

    def _from_store(self, download: Download) -> Contents | None:
        """What is there by now: another process may have brought it, or only its archive."""
        digest = download.artifact.digest
        listing = self._artifacts.intact(digest)
        if listing is not None and self._artifacts.archive(digest) is not None:
            return listing
        with disk_errors(self._artifacts.root):
            archive = self._artifacts.sound_archive(digest)
        if archive is None:
            return None
        return self._artifacts.unpack(archive, download.unpack, digest, self._stop)

    @asynccontextmanager
    async def _held(self, artifact: Artifact, name: str) -> AsyncIterator[None]:
        """The lock of an artifact, for a block that may fail as the disk does."""
        told = f"waiting for another fctui that fetches {artifact.filename}"
        with disk_errors(self._artifacts.root):
            async with held(self._artifacts.lock_file(name), lambda: self._task.log(told)):
                yield

    async def _on_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on an unpacking thread. When cancelled, the thread is told to stop and waited for:
        the lock must not be free, nor the room cleared, while it still writes.
        """
        job = self._threads.submit(function, *args, **kwargs)
        waiting = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            self._stop.set()
            if not job.cancel():
                await asyncio.wait([waiting])
                waiting.exception()
            raise


class Progress:
    """Sums the bytes of all downloads of one fetch into few events."""

    def __init__(self, task: Task, artifacts: Sequence[Artifact]) -> None:
        self._task = task
        known = [artifact.size for artifact in artifacts]
        self._total = None if None in known else sum(size or 0 for size in known)
        self._loop = asyncio.get_running_loop()
        self._mutex = threading.Lock()
        self._done = 0
        self._shown = 0.0
        self._over = False
        task.progress(0, self._total)

    def arrived(self, count: int) -> None:
        """Count bytes; may be called on any thread."""
        with self._mutex:
            self._done += count
            now = time.monotonic()
            if now - self._shown < SHOW_EVERY:
                return
            self._shown = now
        self._loop.call_soon_threadsafe(self._tell)

    def finish(self) -> None:
        """Show the end; nothing is told after it."""
        self._tell()
        self._over = True

    def _tell(self) -> None:
        if not self._over:
            self._task.progress(self._done, self._total)


def first_failure(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure to tell: what a user can act on before anything else."""
    flat: list[BaseException] = []
    waiting: list[BaseException] = [failures]
    while waiting:
        error = waiting.pop()
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        elif not isinstance(error, Stopped):
            flat.append(error)
    return next((error for error in flat if isinstance(error, FctuiError)), flat[0])
