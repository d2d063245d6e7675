"""Reading a zip's central directory and single members out of byte ranges.

Source: APPNOTE.TXT 4.3 and 4.4. The standard library's reader wants a whole file and is six times
slower, which counts for the ten thousand entries of an ordinary function.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from fctui.model.errors import TaskError
from fctui.store.ranges import MissingError, NoRangesError, RemoteFile

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_UTF8 = 1 << 11
_ENCRYPTED = 1
_ZIP64 = 0xFFFFFFFF
_COMMENT = 1 << 16
# The longest comment that may stand behind the directory.

_SLACK = 1 << 10
# Room for a local header's extra field, whose length the directory does not tell.

_NEAR = 1 << 15
# Members closer than this are fetched as one range: a request costs more than the bytes.

STORED, DEFLATED = 0, 8

_NOT_PLAIN = 0o170000 & ~stat.S_IFREG
# The bits of a mode that a regular file has not, nor one that tells no type.


class Member(NamedTuple):
    """One file of the archive. `offset` is that of its local header, sizes are in bytes."""

    name: str
    size: int
    packed: int
    offset: int
    method: int
    crc: int
    mode: int


def read_directory(file: RemoteFile) -> list[Member]:
    """The files of an archive whose tail has been fetched.

    Raises NoRangesError for what this reader leaves to a download (zip64, links, damage).
    """
    start, end = _span(file)
    if not file.has(start, end):
        file.fetch(start, end)
    data = file.read(start, end)
    members: list[Member] = []
    at = 0
    while at < len(data):
        if data[at : at + 4] != b"PK\x01\x02":
            raise NoRangesError("its directory is damaged")
        entry = _ENTRY.unpack_from(data, at)
        flags, method, crc, packed, size = entry[3], entry[4], entry[7], entry[8], entry[9]
        named = at + _ENTRY.size
        raw = data[named : named + entry[10]]
        at = named + entry[10] + entry[11] + entry[12]
        if raw.endswith(b"/"):
            continue
        try:
            name = raw.decode("utf-8" if flags & _UTF8 or raw.isascii() else "cp437")
        except UnicodeDecodeError as error:
            raise NoRangesError("a name in it is not UTF-8") from error
        unix = entry[15] >> 16
        if unix & _NOT_PLAIN or flags & _ENCRYPTED:
            _check(name, flags, unix)
        if _ZIP64 in (packed, size, entry[16]):
            raise NoRangesError("it is in the zip64 format")
        members.append(Member(name, size, packed, entry[16], method, crc, unix & 0o777))
    return members


def fetch_members(file: RemoteFile, members: Iterable[Member]) -> None:
    """Fetch what is not there yet of some members, near ones together."""
    spans: list[tuple[int, int]] = []
    for member in sorted(members, key=lambda member: member.offset):
        start, end = span_of(member, file)
        if file.has(start, end):
            continue
        if spans and start - spans[-1][1] < _NEAR:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    for start, end in spans:
        file.fetch(start, end)


def span_of(member: Member, file: RemoteFile) -> tuple[int, int]:
    """The range that a member lies in, with room for its header."""
    end = member.offset + _LOCAL.size + len(member.name.encode()) + _SLACK + member.packed
    return member.offset, min(end, file.size)


def read_member(file: RemoteFile, member: Member, most: int | None = None) -> bytes:
    """A member's bytes, checked; with `most` its beginning alone, unchecked.

    Raises NoRangesError where they are not known or damaged.
    """
    try:
        header = file.read(member.offset, member.offset + _LOCAL.size)
        lengths = _LOCAL.unpack(header)
        start = member.offset + _LOCAL.size + lengths[9] + lengths[10]
        packed = member.packed if most is None else min(member.packed, most)
        data = file.read(start, start + packed)
    except MissingError as error:
        raise NoRangesError(str(error)) from error
    if member.method == DEFLATED:
        try:
            limit = member.size + 1 if most is None else most
            data = zlib.decompressobj(-15).decompress(data, limit)
        except zlib.error as error:
            raise NoRangesError(f"{member.name} is damaged") from error
    elif member.method != STORED:
        raise NoRangesError("its compression is not one of PEP 427")
    if most is None and (len(data) != member.size or zlib.crc32(data) != member.crc):
        raise NoRangesError(f"{member.name} is damaged")
    return data


def _span(file: RemoteFile) -> tuple[int, int]:
    """Where the central directory lies, as the end record says."""
    begin = max(0, file.size - _END.size - _COMMENT)
    while not file.has(begin, file.size):
        begin += 1 << 8
        if begin >= file.size:
            raise NoRangesError("its end is not there")
    tail = file.read(begin, file.size)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise NoRangesError("it is no zip archive")
    end = _END.unpack_from(tail, at)
    size, offset = end[5], end[6]
    if _ZIP64 in {size, offset} or 0xFFFF in end[3:5]:
        raise NoRangesError("it is in the zip64 format")
    if offset + size > begin + at:
        raise NoRangesError("its directory is damaged")
    return offset, offset + size


def _check(name: str, flags: int, unix: int) -> None:
    kind = stat.S_IFMT(unix)
    if flags & _ENCRYPTED:
        raise TaskError(f"{name!r} is encrypted.")
    if kind == stat.S_IFLNK:
        raise NoRangesError("it has a symbolic link")
    if kind not in {0, stat.S_IFREG}:
        raise TaskError(f"{name!r} is a device or a pipe.")
