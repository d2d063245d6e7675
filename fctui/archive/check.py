"""Opening a written archive again: its directory against the drawing, and every stream in it."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fctui.archive.payload import Item
from fctui.archive.write import Drawn, Stopped
from fctui.archive.zip_format import Record
from fctui.model.errors import TaskError
from fctui.store.inflate import inflater
from fctui.tasks.text import clean

_PIECE = 1 << 20
# Bytes read at a time: they stay in the processor's cache.

_SLICE = 64
# Entries between two looks at the cancellation.


_UNREADABLE = (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error)
# What zipfile raises for a directory that is not one.


class DamagedError(TaskError):
    """An entry is not what it should be; `file` is where its stream was taken from."""

    def __init__(self, path: str, why: str, file: str) -> None:
        super().__init__(
            f"The archive was not kept: {clean(path)} in it {why}.",
            hint="Build again, then pack: what it was taken from is fetched or made anew.",
        )
        self.file = file


def check(
    drawn: Drawn, path: Path, *, progress: Callable[[int], None], stopped: Callable[[], bool]
) -> str:
    """Read the archive back; returns its SHA-256.

    Another implementation, the standard library's, reads the directory. Of every stream the CRC
    of the compressed bytes has to be that of the stream which was unpacked and found right when
    it was made or taken in. Raises DamagedError for the first that is wrong.
    """
    _check_directory(drawn, path)
    cores = os.cpu_count() or 2
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if os.pread(descriptor, drawn.size, drawn.size - len(drawn.directory)) != drawn.directory:
            raise DamagedError("the directory", "is not what was written", "")
        count = len(drawn.records)
        share = count // (4 * cores) + 1
        parts = [range(at, min(at + share, count)) for at in range(0, count, share)]
        with ThreadPoolExecutor(cores + 1, thread_name_prefix="check") as threads:
            whole = threads.submit(_sha256, descriptor, stopped)
            jobs = [
                threads.submit(_check_part, drawn, descriptor, part, progress, stopped)
                for part in parts
            ]
            for job in jobs:
                job.result()
            return whole.result()
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
) -> None:
    done = 0
    for count, number in enumerate(part):
        if count % _SLICE == 0:
            if stopped():
                raise Stopped
            progress(done)
            done = 0
        item, record, header = drawn.items[number], drawn.records[number], drawn.headers[number]
        _check_entry(descriptor, item, record, header)
        done += len(header) + record.packed
    progress(done)


def _check_entry(descriptor: int, item: Item, record: Record, header: bytes) -> None:
    start = record.offset
    end = start + len(header) + record.packed
    chunk = os.pread(descriptor, min(_PIECE, end - start), start)
    if not chunk.startswith(header):
        raise DamagedError(record.path, "has another header than was written", item.payload.file)
    start += len(chunk)
    crc = inflater.crc32(memoryview(chunk)[len(header) :])
    while start < end:
        chunk = os.pread(descriptor, min(_PIECE, end - start), start)
        if not chunk:
            raise DamagedError(record.path, "ends too early", item.payload.file)
        start += len(chunk)
        crc = inflater.crc32(chunk, crc)
    if crc != item.payload.packed_crc:
        raise DamagedError(record.path, "is not what was packed", item.payload.file)
