"""Reading what the loader reads of an ELF file: System V gABI, "Program Loading", and the GNU
symbol versions of LSB 5.0 Core, chapter 11.

Files come from outside: every offset is checked, every count bounded, and the file is read by
pread(2), so that one cut short meanwhile is an error and not a SIGBUS.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from fctui.model.contents import Elf

MAGIC = b"\x7fELF"

_MACHINES = {3: "i686", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 22: "s390x"}
# e_machine, by the kernel's names.

_KINDS: dict[int, Literal["relocatable", "executable", "shared", "core"]]
_KINDS = {1: "relocatable", 2: "executable", 3: "shared", 4: "core"}
# e_type; a position-independent executable is `shared` with an interpreter.

_LOAD, _DYNAMIC, _INTERP = 1, 2, 3
_NULL, _NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 0, 1, 5, 10, 14, 15, 29
_VERDEF, _VERDEFNUM, _VERNEED, _VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
# p_type and d_tag of the gABI; those of versions are GNU's.

_WEAK = 2
# VER_FLG_WEAK: the loader does not mind when such a version is missing.

_MOST_SEGMENTS = 1 << 12
_MOST_TAGS = 1 << 16
_MOST_STRINGS = 1 << 28
_MOST_VERSIONS = 1 << 14
# More than any linker makes (the string tables of the largest C++ libraries have 100 MB), and
# still read in no time: a file that claims more is not an ELF file but an attack.


_HEAD = 1 << 16
# Bytes read at once: linkers put most of what is wanted at the beginning.


class ElfFile(Struct, frozen=True):
    """The header and dynamic section of one file.

    `interpreter` is the program loader of an executable or "". `runpath` and `rpath` are split at
    colons, `$ORIGIN` stands as it is. `requires` maps a needed soname to the symbol versions asked
    of it (`{"libc.so.6": ("GLIBC_2.34",)}`), weak ones left out: the loader does not mind when
    they are missing. `defines` are the versions that it has itself.
    """

    machine: str
    bits: int
    kind: Literal["relocatable", "executable", "shared", "core", "other"]
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defines: tuple[str, ...] = ()

    @property
    def dynamic(self) -> Elf:
        """The part that a listing keeps. DT_RPATH counts where there is no DT_RUNPATH: ld.so(8)."""
        return Elf(self.soname, self.needed, self.runpath or self.rpath)


def read_elf(path: str | Path) -> ElfFile | None:
    """Read one file; None where it is not ELF at all. Raises ValueError for a damaged one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if os.pread(descriptor, 4, 0) != MAGIC:
            return None
        return _Reader(descriptor).read()
    except struct.error as error:
        raise ValueError(f"the ELF file ends too early ({error})") from error
    except OverflowError as error:
        raise ValueError("the ELF file names an offset beyond any file") from error
    finally:
        os.close(descriptor)


class _Reader:
    """One file: its byte order, its segments, and where addresses lie in it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._head = os.pread(descriptor, _HEAD, 0)
        self._loads: list[tuple[int, int, int]] = []
        self._strings = b""
        self._left = _MOST_VERSIONS

    def read(self) -> ElfFile:
        ident = self._bytes(0, 16)
        if ident[4] not in {1, 2} or ident[5] not in {1, 2}:
            raise ValueError("the ELF file has an unknown class or byte order")
        self._bits = 32 * ident[4]
        self._order = "<" if ident[5] == 1 else ">"
        layout = "HHIQQQIHHHHHH" if self._bits == 64 else "HHIIIIIHHHHHH"
        header = self._unpack(layout, 16)
        kind, machine, offset, entry_size, count = (
            header[0],
            header[1],
            header[4],
            header[8],
            header[9],
        )
        dynamic: tuple[int, int] | None = None
        interpreter = ""
        for type_, position, address, length in self._segments(offset, entry_size, count):
            if type_ == _LOAD:
                self._loads.append((address, position, length))
            elif type_ == _DYNAMIC:
                dynamic = (position, length)
            elif type_ == _INTERP and length <= os.pathconf("/", "PC_PATH_MAX"):
                interpreter = _text(self._bytes(position, length).split(b"\0", 1)[0])
        tags = self._tags(*dynamic) if dynamic else {}
        self._strings = self._string_table(tags)
        return ElfFile(
            machine=_MACHINES.get(machine, f"machine-{machine}"),
            bits=self._bits,
            kind=_KINDS.get(kind, "other"),
            interpreter=interpreter,
            soname=next((self._string(at) for at in tags.get(_SONAME, ())), ""),
            needed=tuple(self._string(at) for at in tags.get(_NEEDED, ())),
            runpath=self._paths(tags.get(_RUNPATH, [])),
            rpath=self._paths(tags.get(_RPATH, [])),
            requires=self._requires(tags),
            defines=self._defines(tags),
        )

    def _segments(
        self, offset: int, entry_size: int, count: int
    ) -> Iterator[tuple[int, int, int, int]]:
        """(type, offset, virtual address, bytes in the file) of each program header."""
        wide = self._bits == 64
        layout = struct.Struct(self._order + ("IIQQQQQQ" if wide else "IIIIIIII"))
        if (count and entry_size != layout.size) or count > _MOST_SEGMENTS:
            raise ValueError("the ELF file has odd program headers")
        table = self._bytes(offset, count * layout.size)
        for fields in layout.iter_unpack(table):
            if wide:
                yield fields[0], fields[2], fields[3], fields[5]
            else:
                yield fields[0], fields[1], fields[2], fields[4]

    def _tags(self, offset: int, length: int) -> dict[int, list[int]]:
        layout = struct.Struct(self._order + ("qQ" if self._bits == 64 else "iI"))
        length -= length % layout.size
        if length > _MOST_TAGS * layout.size:
            raise ValueError("the ELF file has an endless dynamic section")
        tags: dict[int, list[int]] = {}
        for tag, value in layout.iter_unpack(self._bytes(offset, length)):
            if tag == _NULL:
                break
            tags.setdefault(tag, []).append(value)
        return tags

    def _string_table(self, tags: dict[int, list[int]]) -> bytes:
        if _STRTAB not in tags:
            return b""
        length = tags.get(_STRSZ, [0])[0]
        if length > _MOST_STRINGS:
            raise ValueError("the ELF file has an endless string table")
        return self._bytes(self._offset(tags[_STRTAB][0]), length)

    def _string(self, at: int) -> str:
        end = self._strings.find(b"\0", at)
        if at > len(self._strings) or end < 0:
            raise ValueError("the ELF file names a string outside of its table")
        return _text(self._strings[at:end])

    def _paths(self, tags: list[int]) -> tuple[str, ...]:
        return tuple(path for at in tags for path in self._string(at).split(":") if path)

    def _requires(self, tags: dict[int, list[int]]) -> dict[str, tuple[str, ...]]:
        """Elfxx_Verneed and its Vernaux: which versions are asked of which library."""
        if _VERNEED not in tags:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        at = self._offset(tags[_VERNEED][0])
        for _ in range(min(tags.get(_VERNEEDNUM, [0])[0], _MOST_VERSIONS)):
            _, count, library, first, following = self._unpack("HHIII", at)
            found[self._string(library)] = tuple(self._versions(at + first, count))
            at += following
            if not following:
                break
        return found

    def _versions(self, at: int, count: int) -> Iterator[str]:
        """The names of a chain of Elfxx_Vernaux."""
        for _ in range(count):
            self._left -= 1
            if self._left < 0:
                raise ValueError("the ELF file asks for endless versions")
            _, flags, _, name, following = self._unpack("IHHII", at)
            if not flags & _WEAK:
                yield self._string(name)
            at += following
            if not following:
                break

    def _defines(self, tags: dict[int, list[int]]) -> tuple[str, ...]:
        """Elfxx_Verdef: the versions that the library has; the first one is its own name."""
        if _VERDEF not in tags:
            return ()
        found = []
        at = self._offset(tags[_VERDEF][0])
        for _ in range(min(tags.get(_VERDEFNUM, [0])[0], _MOST_VERSIONS)):
            _, flags, _, _, _, first, following = self._unpack("HHHHIII", at)
            name, _ = self._unpack("II", at + first)
            if not flags & 1:  # VER_FLG_BASE: the file itself
                found.append(self._string(name))
            at += following
            if not following:
                break
        return tuple(found)

    def _offset(self, address: int) -> int:
        for start, position, length in self._loads:
            if start <= address < start + length:
                return address - start + position
        raise ValueError("the ELF file names an address outside of its segments")

    def _unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        whole = struct.Struct(self._order + layout)
        return whole.unpack(self._bytes(offset, whole.size))

    def _bytes(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self._size:
            raise ValueError("the ELF file ends too early")
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        data = os.pread(self._descriptor, length, offset)
        if len(data) != length:
            raise ValueError("the ELF file ends too early")
        return data


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
