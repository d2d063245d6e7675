"""The data of one entry: how it is compressed, and where its bytes lie."""

from __future__ import annotations

from msgspec import Struct


class Payload(Struct, frozen=True):
    """Bytes as they will stand in the archive: `data` itself, or `packed` bytes of `file` from
    `offset` on.

    `size` and `crc` are those of the file when unpacked. `packed_crc` is the CRC-32 of the bytes as
    they are, None while nobody has yet unpacked them and held the outcome against `crc`.
    """

    method: int
    size: int
    packed: int
    crc: int
    packed_crc: int
    data: bytes | None = None
    file: str = ""
    offset: int = 0


class Item(Struct, frozen=True):
    """One entry that an archive shall have: its path, st_mode and data."""

    path: str
    mode: int
    payload: Payload
