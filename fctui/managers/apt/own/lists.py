"""Fetching a suite's lists as apt does: the signed Release file first, then what it promises."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import lzma
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from msgspec import Struct

from fctui.managers.apt.credentials import Credential, headers_for
from fctui.managers.apt.own.archives import Archive
from fctui.managers.apt.own.release import ListFile, Release, check_valid, read_release
from fctui.managers.apt.own.signature import signed_text
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.download import Downloader
from fctui.store.fetch import Progress, first_failure
from fctui.tasks.task import Task

CONNECTIONS = 6
# Lists at a time: a suite has three or four.

_LONGEST_RELEASE = 16 << 20
# Bytes; the longest of Debian's have a quarter of a megabyte.


class Signed(Struct, frozen=True):
    """An archive with its Release file, whose signature held."""

    archive: Archive
    release: Release
    text: bytes


class Wanted(Struct, frozen=True):
    """One list that is to be fetched, for an architecture; `plain` is its name decompressed."""

    signed: Signed
    file: ListFile
    plain: str
    arch: str

    @property
    def url(self) -> str:
        """Where it lies: by its hash, where an archive has it so, for the name's file may change
        while one downloads.
        """
        base = self.signed.archive.base
        if not self.signed.release.by_hash:
            return f"{base}/{self.file.path}"
        folder = self.file.path.rpartition("/")[0]
        return "/".join(filter(None, (base, folder, "by-hash/SHA256", self.file.sha256)))

    @property
    def artifact(self) -> Artifact:
        """The same as the downloader takes it."""
        file = self.file
        return Artifact(file.path, self.url, file.size, f"sha256:{file.sha256}")

    @property
    def key(self) -> str:
        """Names the decompressed list."""
        return self.file.sha256[:32]


class Lister:
    """Fetches into the directory of one private root."""

    def __init__(self, place: Path, room: Path, credentials: Iterable[Credential]) -> None:
        """`place` keeps the lists, `room` is an empty directory for what is unfinished."""
        self._place = place
        self._room = room
        self._credentials = tuple(credentials)
        self._count = 0

    async def releases(self, archives: Sequence[Archive]) -> list[Signed]:
        """The Release files of all archives, verified. Raises TaskError."""
        try:
            async with (
                Downloader(None, threads=CONNECTIONS) as downloader,
                asyncio.TaskGroup() as group,
            ):
                jobs = [group.create_task(self._release(each, downloader)) for each in archives]
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from failures
        return [job.result() for job in jobs]

    async def fetch(self, wanted: Sequence[Wanted], task: Task) -> list[Path]:
        """The lists, decompressed; those that are there are not loaded again. Raises TaskError."""
        places = [self._place / each.key for each in wanted]
        missing = {
            place: each
            for place, each in zip(places, wanted, strict=True)
            if not await asyncio.to_thread(place.is_file)
        }
        if not missing:
            return places
        self._place.mkdir(parents=True, exist_ok=True)
        progress = Progress(task, [each.artifact for each in missing.values()])
        try:
            async with (
                Downloader(None, threads=CONNECTIONS) as downloader,
                asyncio.TaskGroup() as group,
            ):
                for place, each in missing.items():
                    group.create_task(self._fetch(each, place, downloader, progress.arrived))
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from failures
        finally:
            progress.finish()
        return places

    async def _release(self, archive: Archive, downloader: Downloader) -> Signed:
        file = self._new()
        url = f"{archive.base}/InRelease"
        size = 0

        def limit(more: int) -> None:
            nonlocal size
            size += more
            if size > _LONGEST_RELEASE:
                raise TaskError(f"{archive.name} is longer than any can be.")

        artifact = Artifact("InRelease", url, None, "")
        await downloader.get(artifact, file, headers_for(url, self._credentials), limit)
        signed = await asyncio.to_thread(file.read_bytes)
        text = await signed_text(
            signed, archive.keyrings, archive.name, expired=not archive.checked
        )
        release = read_release(text.decode("utf-8", "replace"), archive.name)
        if archive.checked:
            check_valid(release, archive.name, datetime.now(UTC))
        return Signed(archive, release, text)

    async def _fetch(
        self, wanted: Wanted, place: Path, downloader: Downloader, count: Callable[[int], None]
    ) -> None:
        file, plain = self._new(), self._new()
        await downloader.get(
            wanted.artifact, file, headers_for(wanted.url, self._credentials), count
        )
        promised = wanted.signed.release.files.get(wanted.plain)
        await downloader.run(_decompress, file, plain, wanted.file.path, promised)
        plain.replace(place)

    def _new(self) -> Path:
        self._count += 1
        return self._room / str(self._count)


def wanted_lists(
    signed: Sequence[Signed], path: str, archs: Sequence[str] | None = None
) -> list[Wanted]:
    """What to fetch of a kind of list; `path` has `{arch}` in it.

    Without `archs` it is one for each architecture of an archive, and the one for all of them where
    that is not part of the others.
    """
    found = []
    for each in signed:
        release, archive = each.release, each.archive
        every = (*archive.architectures, *(("all",) if release.all_apart else ()))
        for component in ("",) if archive.flat else archive.components:
            for arch in ("",) if archive.flat else archs or every:
                name = path.rpartition("/")[2] if archive.flat else f"{component}/{path}"
                plain = name.format(arch=arch)
                file = release.smallest(plain)
                if file is not None:
                    machine = archive.architectures[0] if arch in {"", "all"} else arch
                    found.append(Wanted(each, file, plain, machine))
    return found


def _decompress(file: Path, plain: Path, name: str, promised: ListFile | None) -> None:
    """Decompress, and hold what comes out against the Release file too, where that names it."""
    found = hashlib.sha256()
    try:
        with _opened(file, Path(name).suffix) as source, plain.open("wb") as out:
            while chunk := source.read(1 << 18):
                found.update(chunk)
                out.write(chunk)
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise TaskError(f"{name} is damaged: {error}.", hint="Try another mirror.") from error
    finally:
        os.unlink(file)
    if promised is not None and found.hexdigest() != promised.sha256:
        raise TaskError(
            f"{name} has another content than its Release file promises.",
            hint="The mirror is broken or tampered with; nothing of it was kept.",
        )


def _opened(file: Path, suffix: str) -> IO[bytes]:
    if suffix == ".xz":
        return lzma.open(file, "rb")
    return cast("IO[bytes]", gzip.open(file, "rb")) if suffix == ".gz" else file.open("rb")
