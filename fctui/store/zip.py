"""Unpacking zip archives (wheels): the central directory decides, every CRC is checked."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from fctui.model.contents import Contents, Stream
from fctui.model.errors import TaskError
from fctui.store.bounds import current
from fctui.store.inflate import DAMAGED, inflater
from fctui.store.paths import refusal, safe_path
from fctui.store.writer import TreeWriter

_PACKED = 1 << 18
_UNPACKED = 1 << 20
# Bytes inflated from and to at a time: they stay in the processor's cache while they are hashed
# and written, and the interpreter's lock is free long enough for other threads.

_LARGEST = 1 << 62
# Bytes; an offset beyond it is none that pread(2) takes.

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_LOCAL_MAGIC = b"PK\x03\x04"
# APPNOTE 4.3.7


def unpack_zip(archive: Path, into: Path, digest: str) -> Contents:
    """Write the files of a zip into an existing empty directory and list them.

    Raises TaskError for a damaged or hostile archive: two members of one name, a device, more
    bytes than declared. Symbolic links are recorded.
    """
    name = archive.name
    try:
        with archive.open("rb") as file, zipfile.ZipFile(file) as listed:
            members = [member for member in listed.infolist() if member.filename[-1:] != "/"]
            if sum(member.file_size for member in members) > current().size:
                raise TaskError(
                    f"{name} declares far more bytes than its own size explains.",
                    hint="The archive is hostile; take another version of the package.",
                )
            writer = TreeWriter(into, name)
            streams: dict[str, Stream] = {}
            for member in members:
                _unpack_member(file.fileno(), member, writer, name, streams)
    except (
        zipfile.BadZipFile,
        *DAMAGED,
        struct.error,
        ValueError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise TaskError(
            f"{name} is damaged: {error}.", hint="Download it again with --refresh."
        ) from error
    return Contents(digest=digest, entries=tuple(writer.entries.values()), streams=streams)


def _unpack_member(
    descriptor: int,
    member: zipfile.ZipInfo,
    writer: TreeWriter,
    archive: str,
    streams: dict[str, Stream],
) -> None:
    path = safe_path(member.filename, archive)
    if path in writer.entries:
        raise TaskError(f"{archive} has two members named {path!r}.")
    unix = member.external_attr >> 16
    kind = stat.S_IFMT(unix)
    if kind not in {0, stat.S_IFREG, stat.S_IFLNK}:
        raise refusal(path, archive, "it is a device or a pipe")
    if member.flag_bits & 1:
        raise TaskError(f"{archive} is encrypted.")
    seen = _Seen()
    chunks = _checked(descriptor, member, seen)
    if kind == stat.S_IFLNK:
        writer.link(path, b"".join(chunks).decode("utf-8"))
    else:
        writer.file(path, chunks, unix & 0o777)
        if seen.whole:
            streams[path] = Stream(seen.offset, member.compress_size, member.CRC, seen.crc)


class _Seen:
    """What was seen of a member's data: where it begins, the CRC-32 of its bytes as they lie in
    the archive, and whether they are one whole deflate stream with nothing behind it.
    """

    def __init__(self) -> None:
        self.offset = 0
        self.crc = 0
        self.whole = False


def _checked(descriptor: int, member: zipfile.ZipInfo, seen: _Seen) -> Iterator[bytes]:
    """The member's bytes; the declared size and CRC are held against what comes out."""
    start = member.header_offset
    if not 0 <= start < _LARGEST:
        raise zipfile.BadZipFile("a local header is not in the file")
    header = _LOCAL_HEADER.unpack(os.pread(descriptor, _LOCAL_HEADER.size, start))
    if header[0] != _LOCAL_MAGIC:
        raise zipfile.BadZipFile("a local header is not where the directory says")
    start += _LOCAL_HEADER.size + header[9] + header[10]
    seen.offset = start
    size, crc = 0, 0
    for chunk in _streams(descriptor, start, member, seen):
        size += len(chunk)
        if size > member.file_size:
            break
        crc = inflater.crc32(chunk, crc)
        yield chunk
    if size != member.file_size or crc != member.CRC:
        raise zipfile.BadZipFile(f"{member.filename!r} is not what the directory says")


def _streams(descriptor: int, start: int, member: zipfile.ZipInfo, seen: _Seen) -> Iterable[bytes]:
    packed = _packed(descriptor, start, member.compress_size, seen)
    if member.compress_type == zipfile.ZIP_STORED:
        return packed
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression method {member.compress_type} is not of PEP 427")
    if member.file_size <= _UNPACKED and member.compress_size <= _PACKED:
        return _inflated_at_once(packed, member.file_size, seen)
    return _inflated(packed, seen)


def _packed(descriptor: int, start: int, size: int, seen: _Seen) -> Iterator[bytes]:
    """Bytes of the archive as they lie there."""
    end = start + size
    while start < end:
        chunk = os.pread(descriptor, min(_PACKED, end - start), start)
        if not chunk:
            raise zipfile.BadZipFile("it ends too early")
        start += len(chunk)
        seen.crc = inflater.crc32(chunk, seen.crc)
        yield chunk


def _inflated_at_once(packed: Iterable[bytes], size: int, seen: _Seen) -> Iterator[bytes]:
    engine = inflater.decompressobj(-15)
    for whole in packed:
        out = engine.decompress(whole, size + 1)
        seen.whole = engine.eof and not engine.unused_data
        yield out


def _inflated(packed: Iterable[bytes], seen: _Seen) -> Iterator[bytes]:
    engine = inflater.decompressobj(-15)
    behind = 0
    for chunk in packed:
        behind += len(chunk) if engine.eof else 0
        waiting = chunk
        while waiting and not engine.eof:
            yield engine.decompress(waiting, _UNPACKED)
            waiting = engine.unconsumed_tail
    yield engine.flush()
    seen.whole = engine.eof and not engine.unused_data and not behind
