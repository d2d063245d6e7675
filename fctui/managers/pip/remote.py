"""Listing a wheel without downloading it: its end and its small members by byte ranges.

Sources: APPNOTE.TXT (zip: the central directory stands last), RFC 9110 section 14 (ranges).
"""

from __future__ import annotations

import asyncio
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fctui.managers.pip.wheel import (
    INTERPRETER_LINE,
    MEMBERS,
    dist_info,
    safe_entries,
    scripts_of,
    texts_of,
    with_recorded_hashes,
)
from fctui.model.contents import Contents, Entry
from fctui.model.errors import TaskError
from fctui.model.package import Artifact

if TYPE_CHECKING:
    import httpx

TAIL = 1 << 16
# Bytes read from the end: the central directory and .dist-info of nearly every wheel.

_NEAR = 1 << 15
# Members closer than this are read as one range: a request costs more than the bytes.

_HEADER = 30
_SLACK = 1 << 10
# Fixed part of a local header, and room for its extra field, which the directory does not tell.

_LARGE_SCRIPT = 1 << 18
# A script beyond this is a program in machine code; only its beginning is looked at.


_CONTENT_RANGE = re.compile(r"^bytes (\d+)-\d+/(\d+)$")


class NoRangesError(Exception):
    """The server does not answer ranges, or the file is not what ranges can list."""


async def list_wheel(client: httpx.AsyncClient, artifact: Artifact) -> Contents:
    """The listing of a wheel, its hashes as RECORD promises them.

    Raises NoRangesError where it has to be downloaded, TaskError for a hostile or damaged wheel,
    httpx's errors where the server cannot be reached.
    """
    file = _Sparse()
    await file.fetch_tail(client, artifact.url)
    try:
        wheel = await asyncio.to_thread(_Wheel, file, artifact)
    except _MissingError as missing:
        await file.fetch(client, artifact.url, missing.start, file.size)
        wheel = await asyncio.to_thread(_Wheel, file, artifact)
    await _fetch_members(file, client, artifact.url, wheel.members())
    for large in wheel.large_scripts():
        await _refuse_large_script(file, client, artifact, large)
    return await asyncio.to_thread(wheel.contents)


class _Wheel:
    """The parts of a wheel that are known; every method runs on a thread."""

    def __init__(self, file: _Sparse, artifact: Artifact) -> None:
        self._artifact = artifact
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError) as error:
            raise NoRangesError(str(error)) from error
        files = [info for info in self._archive.infolist() if not info.is_dir()]
        self._infos = {info.filename: info for info in files}
        self._entries = safe_entries(map(_entry, files), artifact.filename)
        if len({entry.path for entry in self._entries}) != len(files):
            raise TaskError(f"{artifact.filename} has two members of one name.")
        info = dist_info(self._infos, artifact.filename)
        self._texts = [f"{info}/{name}" for name in MEMBERS if f"{info}/{name}" in self._infos]
        scripts = scripts_of(self._infos, info)
        sizes = {path: self._infos[path].compress_size for path in scripts}
        self._scripts = [path for path in scripts if sizes[path] <= _LARGE_SCRIPT]
        self._large = [path for path in scripts if sizes[path] > _LARGE_SCRIPT]

    def members(self) -> list[zipfile.ZipInfo]:
        """The members whose bytes are wanted."""
        return [self._infos[path] for path in (*self._texts, *self._scripts)]

    def large_scripts(self) -> list[zipfile.ZipInfo]:
        """Scripts that are most likely programs in machine code."""
        return [self._infos[path] for path in self._large]

    def contents(self) -> Contents:
        """The listing, once the members are there."""
        try:
            read = {path: self._archive.read(path) for path in (*self._texts, *self._scripts)}
        except (_MissingError, zipfile.BadZipFile, zlib.error) as error:
            raise NoRangesError(str(error)) from error
        kept = {
            path: data
            for path, data in read.items()
            if path not in self._scripts or data.startswith(INTERPRETER_LINE)
        }
        texts = texts_of(kept, self._artifact.filename)
        entries = with_recorded_hashes(self._entries, texts)
        return Contents(digest=self._artifact.digest, entries=entries, texts=texts)


def _entry(info: zipfile.ZipInfo) -> Entry:
    unix = info.external_attr >> 16
    kind = stat.S_IFMT(unix)
    if kind == stat.S_IFLNK:
        raise NoRangesError("it has a symbolic link")
    if kind not in {0, stat.S_IFREG}:
        raise TaskError(f"{info.filename!r} is a device or a pipe.")
    return Entry(info.filename, info.file_size, 0o755 if unix & 0o111 else 0o644)


async def _fetch_members(
    file: _Sparse, client: httpx.AsyncClient, url: str, infos: Iterable[zipfile.ZipInfo]
) -> None:
    """Fetch what is not there yet of some members, near ones together."""
    spans: list[tuple[int, int]] = []
    for info in sorted(infos, key=lambda info: info.header_offset):
        start = info.header_offset
        end = start + _HEADER + len(info.filename.encode()) + _SLACK + info.compress_size
        end = min(end, file.size)
        if file.has(start, end):
            continue
        if spans and start - spans[-1][1] < _NEAR:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    for start, end in spans:
        await file.fetch(client, url, start, end)


async def _refuse_large_script(
    file: _Sparse, client: httpx.AsyncClient, artifact: Artifact, info: zipfile.ZipInfo
) -> None:
    """Look at the first bytes of a large script; a text has to be read whole, by a download."""
    start = info.header_offset
    await file.fetch(client, artifact.url, start, min(start + 4096, file.size))
    file.seek(start + 26)
    lengths = file.read(4)
    begin = start + _HEADER + int.from_bytes(lengths[:2], "little")
    begin += int.from_bytes(lengths[2:], "little")
    file.seek(begin)
    head = file.read(512)
    if info.compress_type == zipfile.ZIP_DEFLATED:
        head = zlib.decompressobj(-15).decompress(head, 64)
    if head.startswith(INTERPRETER_LINE):
        raise NoRangesError("it has a large script")


class _MissingError(Exception):
    """A part of the file that has not been fetched was read."""

    def __init__(self, start: int) -> None:
        super().__init__(f"bytes from {start} on are missing")
        self.start = start


class _Sparse(io.RawIOBase):
    """A file of which some ranges are known; reading another raises _MissingError."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[tuple[int, bytes]] = []
        self._at = 0

    async def fetch_tail(self, client: httpx.AsyncClient, url: str) -> None:
        """The last bytes, which also tell the size."""
        start, length, total = await self._get(client, url, f"-{TAIL}")
        self.size = start + length
        if total != self.size:
            raise NoRangesError("the server tells a size that is not the file's")

    async def fetch(self, client: httpx.AsyncClient, url: str, start: int, end: int) -> None:
        """The bytes from `start` up to `end`, less what is known at the end."""
        for at, data in self._parts:
            if at < end <= at + len(data):
                end = max(at, start)
        if end <= start:
            return
        if (await self._get(client, url, f"{start}-{end - 1}"))[0] != start:
            raise NoRangesError("the server sent another range")

    def has(self, start: int, end: int) -> bool:
        """Whether a range is known whole."""
        return any(at <= start and end <= at + len(data) for at, data in self._parts)

    async def _get(self, client: httpx.AsyncClient, url: str, which: str) -> tuple[int, int, int]:
        """Read a range; returns its start, its length and the whole file's size."""
        headers = {"Range": f"bytes={which}", "Accept-Encoding": "identity"}
        async with client.stream("GET", url, headers=headers) as reply:
            if reply.status_code in {401, 403, 404, 410} or reply.status_code >= 500:
                reply.raise_for_status()
            found = _CONTENT_RANGE.match(reply.headers.get("content-range", ""))
            if reply.status_code != 206 or found is None:
                raise NoRangesError("the server does not answer ranges")
            data = await reply.aread()
        self._parts.append((int(found[1]), data))
        self._join()
        return int(found[1]), len(data), int(found[2])

    def _join(self) -> None:
        joined: list[tuple[int, bytes]] = []
        for at, data in sorted(self._parts):
            if joined and joined[-1][0] + len(joined[-1][1]) >= at:
                before, known = joined[-1]
                joined[-1] = (before, known + data[max(0, before + len(known) - at) :])
            else:
                joined.append((at, data))
        self._parts = joined

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("a seek before the beginning")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self.size if size < 0 else min(self._at + size, self.size)
        if end <= self._at:
            return b""
        for at, data in self._parts:
            if at <= self._at and end <= at + len(data):
                found = data[self._at - at : end - at]
                self._at = end
                return found
        raise _MissingError(self._at)
