"""The records of a zip file as bytes: headers, the central directory, zip64 where it is needed.

Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5. The standard library's zipfile cannot take a
stream that is compressed already, so this writes the records; zipfile reads them again in `check`.
"""

from __future__ import annotations

import stat
import struct
import time
from collections.abc import Sequence

from msgspec import Struct

STORED, DEFLATED = 0, 8
# Compression methods, APPNOTE 4.4.5.

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s4B4H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")

_UNIX = 3
# "Version made by": the upper half of the external attributes is st_mode, APPNOTE 4.4.2.

_PLAIN_VERSION, _ZIP64_VERSION = 20, 45
_UTF8 = 0x800
_MOST, _MOST_ENTRIES = 0xFFFFFFFF, 0xFFFF

EARLIEST = 315_532_800
LATEST = 4_354_819_198
# Seconds: the beginning of 1980 and the end of 2107, all that a DOS date can hold.


class Record(Struct, frozen=True):
    """One entry of the archive: `mode` is st_mode with the kind of file, sizes are in bytes,
    `offset` is where its local header begins.
    """

    path: str
    mode: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int


def dos_time(seconds: int) -> tuple[int, int]:
    """(date, time) as APPNOTE 4.4.6 has them, in UTC; seconds are even ones."""
    year, month, day, hour, minute, second, *_ = time.gmtime(min(max(seconds, EARLIEST), LATEST))
    return (year - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2


def local_header(record: Record, when: tuple[int, int]) -> bytes:
    """What stands before the data of an entry."""
    name, flags = _name(record.path)
    extra = b""
    packed, size = record.packed, record.size
    if max(packed, size) >= _MOST:
        extra = struct.pack("<2H2Q", 1, 16, size, packed)
        packed = size = _MOST
    date, clock = when
    head = _LOCAL.pack(
        b"PK\x03\x04",
        _ZIP64_VERSION if extra else _PLAIN_VERSION,
        flags,
        record.method,
        clock,
        date,
        record.crc,
        packed,
        size,
        len(name),
        len(extra),
    )
    return head + name + extra


def central_directory(records: Sequence[Record], when: tuple[int, int], start: int) -> bytes:
    """Everything behind the last entry; `start` is the offset at which it begins."""
    parts = [_central_header(record, when) for record in records]
    size = sum(map(len, parts))
    parts.append(_end(len(records), size, start))
    return b"".join(parts)


def _central_header(record: Record, when: tuple[int, int]) -> bytes:
    name, flags = _name(record.path)
    wide = [n for n in (record.size, record.packed, record.offset) if n >= _MOST]
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version = _ZIP64_VERSION if wide else _PLAIN_VERSION
    date, clock = when
    head = _CENTRAL.pack(
        b"PK\x01\x02",
        version,
        _UNIX,
        version,
        0,
        flags,
        record.method,
        clock,
        date,
        record.crc,
        min(record.packed, _MOST),
        min(record.size, _MOST),
        len(name),
        len(extra),
        0,
        0,
        0,
        record.mode << 16,
        min(record.offset, _MOST),
    )
    return head + name + extra


def _end(count: int, size: int, start: int) -> bytes:
    end = _END.pack(
        b"PK\x05\x06",
        0,
        0,
        min(count, _MOST_ENTRIES),
        min(count, _MOST_ENTRIES),
        min(size, _MOST),
        min(start, _MOST),
        0,
    )
    if count < _MOST_ENTRIES and size < _MOST and start < _MOST:
        return end
    end64 = _END64.pack(
        b"PK\x06\x06",
        _END64.size - 12,
        _UNIX << 8 | _ZIP64_VERSION,
        _ZIP64_VERSION,
        0,
        0,
        count,
        count,
        size,
        start,
    )
    return end64 + _LOCATOR64.pack(b"PK\x06\x07", 0, start + size, 1) + end


def _name(path: str) -> tuple[bytes, int]:
    """The name's bytes and the flag that says UTF-8, which plain ASCII does not need."""
    name = path.encode()
    return name, 0 if path.isascii() else _UTF8


def unix_mode(*, executable: bool, link: bool) -> int:
    """The st_mode of an entry: one of three."""
    if link:
        return stat.S_IFLNK | 0o777
    return stat.S_IFREG | (0o755 if executable else 0o644)
