"""Opening a written archive again: its directory against the drawing, and every stream in it."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fctui.archive.payload import Item
from fctui.archive.write import Drawn, Stopped
from fctui.archive.zip_format import STORED, Record
from fctui.model.errors import TaskError
from fctui.store.zip import inflater
from fctui.tasks.text import clean

_PIECE = 1 << 20
# Bytes read and inflated at a time: they stay in the processor's cache.

_SLICE = 64
# Entries between two looks at the cancellation.


_UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error)
# What zipfile raises for a directory that is not one.


class DamagedError(TaskError):
    """An entry is not what it should be; `file` is where its stream was taken from."""

    def __init__(self, path: str, why: str, file: str) -> None:
        super().__init__(
            f"The archive was not kept: {clean(path)} in it {why}.",
            hint="Pack again; if that does not help, the disk or the package is damaged.",
        )
        self.file = file


def check(
    drawn: Drawn, path: Path, *, progress: Callable[[int], None], stopped: Callable[[], bool]
) -> tuple[str, dict[tuple[str, int], int]]:
    """Read the archive back. Returns its SHA-256 and, by (file, offset) that a stream was taken
    from, the CRC-32 of those that were unpacked here for the first time.

    Another implementation, the standard library's, reads the directory. A stream that was never
    unpacked before is inflated, and its length and CRC held against the directory's; of one that
    was, the CRC of the compressed bytes is enough. Raises DamagedError for the first that is wrong.
    """
    _check_directory(drawn, path)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if os.pread(descriptor, drawn.size, drawn.size - len(drawn.directory)) != drawn.directory:
            raise DamagedError("the directory", "is not what was written", "")
        count = len(drawn.records)
        share = count // (4 * (os.cpu_count() or 2)) + 1
        parts = [range(at, min(at + share, count)) for at in range(0, count, share)]
        with ThreadPoolExecutor((os.cpu_count() or 2) + 1, thread_name_prefix="check") as threads:
            whole = threads.submit(_sha256, descriptor, stopped)
            jobs = [
                threads.submit(_check_part, drawn, descriptor, part, progress, stopped)
                for part in parts
            ]
            found: dict[tuple[str, int], int] = {}
            for job in jobs:
                found |= job.result()
            return whole.result(), found
    finally:
        os.close(descriptor)


def _check_directory(drawn: Drawn, path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as listed:
            members = listed.infolist()
    except _UNREADABLE as error:
        raise DamagedError("the directory", f"cannot be read: {error}", "") from error
    if len(members) != len(drawn.records):
        raise DamagedError(
            "the directory", f"has {len(members)} of {len(drawn.records)} entries", ""
        )
    for member, record in zip(members, drawn.records, strict=True):
        told = Record(
            member.filename,
            member.external_attr >> 16,
            member.compress_type,
            member.CRC,
            member.compress_size,
            member.file_size,
            member.header_offset,
        )
        if told != record:
            raise DamagedError(record.path, "is not listed as it was written", "")


def _sha256(descriptor: int, stopped: Callable[[], bool]) -> str:
    digest, offset = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, _PIECE, offset):
        if stopped():
            raise Stopped
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()


def _check_part(
    drawn: Drawn,
    descriptor: int,
    part: Sequence[int],
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    done = 0
    for count, number in enumerate(part):
        if count % _SLICE == 0:
            if stopped():
                raise Stopped
            progress(done)
            done = 0
        item, record, header = drawn.items[number], drawn.records[number], drawn.headers[number]
        packed_crc = _check_entry(descriptor, item, record, header)
        done += len(header) + record.packed
        payload = item.payload
        if payload.packed_crc is None:
            found[payload.file, payload.offset] = packed_crc
    progress(done)
    return found


def _check_entry(descriptor: int, item: Item, record: Record, header: bytes) -> int:
    """Check one entry; returns the CRC-32 of its stream."""
    payload = item.payload
    if os.pread(descriptor, len(header), record.offset) != header:
        raise DamagedError(record.path, "has another header than was written", payload.file)
    inflated = None
    if payload.packed_crc is None and payload.method != STORED:
        inflated = _Inflated(record, payload.file)
    packed_crc = 0
    start = record.offset + len(header)
    end = start + record.packed
    while start < end:
        chunk = os.pread(descriptor, min(_PIECE, end - start), start)
        if not chunk:
            raise DamagedError(record.path, "ends too early", payload.file)
        start += len(chunk)
        packed_crc = inflater.crc32(chunk, packed_crc)
        if inflated is not None:
            inflated.add(chunk)
    if inflated is not None:
        inflated.end()
    elif packed_crc != (payload.crc if payload.packed_crc is None else payload.packed_crc):
        raise DamagedError(record.path, "is not what was packed", payload.file)
    return packed_crc


class _Inflated:
    """Inflates one stream and holds what comes out against the directory."""

    def __init__(self, record: Record, file: str) -> None:
        self._record = record
        self._file = file
        self._engine = inflater.decompressobj(-15)
        self._crc = 0
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Take a piece of the stream."""
        if self._engine.eof:
            raise self._wrong("has something behind its compressed stream")
        try:
            while chunk:
                self._take(self._engine.decompress(chunk, _PIECE))
                chunk = b"" if self._engine.eof else self._engine.unconsumed_tail
        except (zlib.error, inflater.error) as error:
            raise self._wrong(f"cannot be unpacked: {error}") from error

    def end(self) -> None:
        """Nothing follows: it has to be whole by now."""
        self._take(self._engine.flush())
        if not self._engine.eof or self._engine.unused_data:
            raise self._wrong("is not one whole compressed stream")
        if (self._crc, self._size) != (self._record.crc, self._record.size):
            raise self._wrong("does not unpack to what was packed")

    def _take(self, out: bytes) -> None:
        self._crc = inflater.crc32(out, self._crc)
        self._size += len(out)
        if self._size > self._record.size:
            raise self._wrong("unpacks to more than was packed")

    def _wrong(self, why: str) -> DamagedError:
        return DamagedError(self._record.path, why, self._file)
