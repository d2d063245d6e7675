"""Unpacking zip archives (wheels): the central directory decides, every CRC is checked."""

from __future__ import annotations

import mmap
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.store.paths import safe_path
from fctui.store.writer import TreeWriter

inflater: Any
try:
    from isal import isal_zlib as inflater  # three times as fast, same interface
except ImportError:
    inflater = zlib

_CHUNK = 4 << 20
# Bytes inflated at a time: large enough to cost few calls, small enough for many threads.

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")


def unpack_zip(archive: Path, into: Path, digest: str) -> Contents:
    """Write the files of a zip into an existing empty directory and list them.

    Raises TaskError for a damaged or hostile archive. Symbolic links are recorded.
    """
    name = archive.name
    try:
        with archive.open("rb") as file, zipfile.ZipFile(file) as listed:
            writer = TreeWriter(into, name)
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            for member in listed.infolist():
                _unpack_member(view, member, writer, name)
    except (zipfile.BadZipFile, zlib.error, inflater.error, struct.error, ValueError) as error:
        raise TaskError(
            f"{name} is damaged: {error}.", hint="Download it again with --refresh."
        ) from error
    return Contents(digest=digest, entries=tuple(writer.entries.values()))


def _unpack_member(
    view: memoryview, member: zipfile.ZipInfo, writer: TreeWriter, archive: str
) -> None:
    if member.is_dir():
        return
    path = safe_path(member.filename, archive)
    if path in writer.entries:
        raise TaskError(f"{archive} has two members named {path!r}.")
    unix = member.external_attr >> 16
    kind = stat.S_IFMT(unix)
    if kind not in {0, stat.S_IFREG, stat.S_IFLNK}:
        raise TaskError(f"{archive} has a device or a pipe in it: {path!r}.")
    if member.flag_bits & 1:
        raise TaskError(f"{archive} is encrypted.")
    chunks = _inflated(view, member)
    if kind == stat.S_IFLNK:
        writer.link(path, b"".join(chunks).decode("utf-8"))
    else:
        writer.file(path, chunks, unix & 0o777)


def _inflated(view: memoryview, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes; the declared size and CRC are held against what comes out."""
    start = member.header_offset
    header = _LOCAL_HEADER.unpack_from(view, start)
    if header[0] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a local header is not where the directory says")
    start += _LOCAL_HEADER.size + header[9] + header[10]
    packed = view[start : start + member.compress_size]
    if len(packed) != member.compress_size:
        raise zipfile.BadZipFile("it ends too early")
    size, crc = 0, 0
    for chunk in _streams(packed, member):
        size += len(chunk)
        if size > member.file_size:
            break
        crc = inflater.crc32(chunk, crc)
        yield chunk
    if size != member.file_size or crc != member.CRC:
        raise zipfile.BadZipFile(f"{member.filename!r} is not what the directory says")


def _streams(packed: memoryview, member: zipfile.ZipInfo) -> Iterator[bytes]:
    if member.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(packed), _CHUNK):
            yield bytes(packed[at : at + _CHUNK])
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        if member.file_size <= _CHUNK:
            engine = inflater.decompressobj(-15)
            yield engine.decompress(packed, member.file_size + 1)
            return
        engine = inflater.decompressobj(-15)
        for at in range(0, len(packed), _CHUNK):
            waiting: Any = packed[at : at + _CHUNK]
            while waiting:
                chunk = engine.decompress(waiting, _CHUNK)
                waiting = engine.unconsumed_tail
                if chunk:
                    yield chunk
                if engine.eof:
                    return
    else:
        raise zipfile.BadZipFile(f"compression method {member.compress_type} is not of PEP 427")
