"""Compressing what no wheel has compressed already: once, on all cores, kept in the store.

libdeflate is the one compressor: its output depends on nothing but the input and the level, where
zlib, zlib-ng and ISA-L differ by build and by processor. The `deflate` package carries its own copy
of it, and pyproject.toml names one version of that, so that all machines write the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import os
import struct
from pathlib import Path

from fctui.archive.payload import Payload
from fctui.archive.zip_format import DEFLATED, STORED
from fctui.model.errors import TaskError
from fctui.store.store import Store
from fctui.store.upkeep import used
from fctui.tasks.text import clean

USUAL, SMALLEST = 6, 10
# Levels of libdeflate: at 6 it is a little smaller than the usual zip at twice the speed, at 10
# about 4 % smaller and nine times slower; 12 takes twice as long for another 0.2 %.

KEPT = 32 << 10
# Bytes from which a compressed file is kept: below, compressing is as fast as reading one more.

_RECORD = struct.Struct("<B3xIQI")
# Method, CRC-32 and bytes of the file, CRC-32 of the stream that follows.


class Deflater:
    """Compresses at one level. Safe to call on several threads."""

    def __init__(self, store: Store, level: int) -> None:
        self._store = store
        self._level = level
        self._kind = f"deflated/{_version()}-{level}"
        used(store.root / self._kind)

    def payload(self, where: Path, sha256: str, size: int) -> Payload:
        """The stream of a file on disk that has this hash and size.

        Raises TaskError when it has another one by now.
        """
        place = self._store.place(self._kind, f"sha256:{sha256}")
        if size >= KEPT and (kept := _kept(place, where, size)) is not None:
            return kept
        try:
            data = where.read_bytes()
        except OSError as error:
            raise TaskError(
                f"{clean(str(where))} cannot be read: {error.strerror}.", hint="Pack again."
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise TaskError(
                f"{clean(str(where))} changed while the bundle was being packed.",
                hint="Pack again when nothing writes to the bundle.",
            )
        made = self.compressed(data)
        if size < KEPT:
            return made
        stream = b"" if made.method == STORED else made.data or b""
        head = _RECORD.pack(made.method, made.crc, size, made.packed_crc or 0)
        self._store.workspace.write(place, head + stream)
        return _kept(place, where, size) or made

    def forget(self, file: str) -> None:
        """Remove a kept stream that turned out to be damaged; other files are left alone."""
        place = Path(file)
        if file and place.is_relative_to(self._store.root / self._kind):
            place.unlink(missing_ok=True)

    def stored(self, data: bytes) -> Payload:
        """Some bytes as they are."""
        import deflate

        crc = deflate.crc32(data)
        return Payload(STORED, len(data), len(data), crc, crc, data)

    def compressed(self, data: bytes) -> Payload:
        """The stream of some bytes; they stay as they are where deflating does not help."""
        import deflate

        packed = bytes(deflate.deflate_compress(data, self._level)) if data else b""
        if not data or len(packed) >= len(data):
            return self.stored(data)
        crc = deflate.crc32(data)
        if deflate.crc32(deflate.deflate_decompress(packed, len(data))) != crc:
            raise TaskError("A file does not unpack to what was compressed: is memory damaged?")
        return Payload(DEFLATED, len(data), len(packed), crc, deflate.crc32(packed), packed)


def _kept(place: Path, where: Path, size: int) -> Payload | None:
    """What the store has; a file that deflating did not help is read from where it lies."""
    try:
        with place.open("rb") as file:
            head = file.read(_RECORD.size)
            length = os.fstat(file.fileno()).st_size - _RECORD.size
    except OSError:
        return None
    if len(head) < _RECORD.size:
        return None
    method, crc, recorded, packed_crc = _RECORD.unpack(head)
    if recorded != size:
        return None
    if method == STORED:
        return Payload(STORED, size, size, crc, crc, None, str(where))
    return Payload(DEFLATED, size, length, crc, packed_crc, None, str(place), _RECORD.size)


@functools.cache
def _version() -> str:
    from importlib.metadata import version

    return version("deflate")
