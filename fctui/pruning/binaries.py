"""What a binary is for, and what strip(1) would take from it, by what is in it."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from fctui.model.target import Target
from fctui.native.elf import MAGIC, read_elf

PE, MACH_O = "pe", "mach-o"

_SUFFIXES = (".so", ".node", ".dll", ".dylib", ".exe", ".pdb", ".pyd", ".a", ".bin")
_PE = b"MZ"
_MACH_O = {
    bytes.fromhex(magic) for magic in ("feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabf")
}
_FAT = bytes.fromhex("cafebabe")
# Of Mach-O <mach-o/loader.h> and <mach-o/fat.h>; a class of Java begins like the last one.

_MUSL = "libc.musl-"
_ALLOC, _NOBITS = 2, 8
# SHF_ALLOC: the loader maps it; SHT_NOBITS: it takes no bytes in the file. gABI, "Sections".

_MOST_SECTIONS = 1 << 16


def may_be(path: str) -> bool:
    """Whether a name is that of a binary: `x.so.1`, `x.node`, `x.dll`, or no suffix at all."""
    name = path.rpartition("/")[2]
    return name.endswith(_SUFFIXES) or ".so." in name or "." not in name


def kind(path: Path) -> str:
    """`x86_64`, `aarch64-musl`, `pe`, `mach-o`; "" for what is no binary or cannot be read."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[:4] == MAGIC:
        try:
            elf = read_elf(path)
        except ValueError:
            return ""
        if elf is None:
            return ""
        musl = any(name.startswith(_MUSL) for name in elf.needed) or "ld-musl" in elf.interpreter
        return f"{elf.machine}-musl" if musl else elf.machine
    if head[:2] == _PE:
        return PE
    count = int.from_bytes(head[4:8], "big")
    if head[:4] in _MACH_O or (head[:4] == _FAT and 0 < count < 20):
        return MACH_O
    return ""


def is_foreign(found: str, target: Target) -> bool:
    """Whether a binary of that kind can do nothing on the target, whose C library is glibc."""
    return found != target.arch


def symbol_bytes(path: Path) -> int:
    """Bytes of the sections that nobody loads: what `strip --strip-unneeded` takes, but for a few
    headers. 0 for what is no shared object or program, or is damaged.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        return _symbol_bytes(descriptor)
    except (struct.error, ValueError, OverflowError):
        return 0
    finally:
        os.close(descriptor)


def _symbol_bytes(descriptor: int) -> int:
    ident = os.pread(descriptor, 64, 0)
    if ident[:4] != MAGIC or ident[4] != 2 or ident[5] != 1:
        return 0  # 64 bits, little-endian: every machine that functions run on
    (kind_,) = struct.unpack_from("<H", ident, 16)
    (start,) = struct.unpack_from("<Q", ident, 40)
    size, count, _ = struct.unpack_from("<HHH", ident, 58)
    if kind_ not in {2, 3} or size != 64 or not 0 < count < _MOST_SECTIONS or not start:
        return 0
    table = os.pread(descriptor, size * count, start)
    total = 0
    for type_, flags, length in (
        struct.unpack_from("<4xIQ16xQ", table, at) for at in range(0, len(table), size)
    ):
        if type_ not in {0, _NOBITS} and not flags & _ALLOC:
            total += length
    return min(total, os.fstat(descriptor).st_size) if total > _NAMES else 0


_NAMES = 2048
# Bytes that remain after strip: the names of the sections, a comment of the compiler.
