"""Reading ELF files: those of this machine against what their tools say, and damaged ones."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from fctui.native.elf import ElfFile, read_elf

PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64")


def libraries(limit: int) -> list[Path]:
    found = [path for place in PLACES for path in sorted(Path(place).glob("*.so.*"))]
    return [path for path in found if path.is_file() and not path.is_symlink()][:limit]


def tiny(*, big_endian: bool = False, wide: bool = True) -> bytes:
    """A shared object by hand: a soname, two needed libraries, a runpath, one required version."""
    order = ">" if big_endian else "<"
    strings = b"\0libtiny.so.1\0libc.so.6\0libm.so.6\0$ORIGIN/../x:/opt/lib\0V_1.0\0"
    at = {name: strings.index(name) for name in (b"libtiny", b"libc", b"libm", b"$ORIGIN", b"V_1")}
    header_size, entry = (64, 56) if wide else (52, 32)
    verneed = struct.pack(order + "HHIII", 1, 1, at[b"libc"], 16, 0)
    verneed += struct.pack(order + "IHHII", 0, 0, 2, at[b"V_1"], 0)
    strtab = header_size + 2 * entry
    dynamic = strtab + len(strings) + len(verneed)
    tags = [(14, at[b"libtiny"]), (1, at[b"libc"]), (1, at[b"libm"]), (29, at[b"$ORIGIN"])]
    tags += [(5, strtab), (10, len(strings)), (0x6FFFFFFE, strtab + len(strings)), (0x6FFFFFFF, 1)]
    tags += [(0, 0), (1, 0xDEAD)]
    table = b"".join(struct.pack(order + ("qQ" if wide else "iI"), *tag) for tag in tags)
    size = dynamic + len(table)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 2 if big_endian else 1, 1]) + bytes(9)
    fields = (3, 62 if wide else 3, 1, 0, header_size, 0, 0, header_size, entry, 2, 0, 0, 0)
    head = ident + struct.pack(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), *fields)
    segments = b""
    for kind, start, length in ((1, 0, size), (2, dynamic, len(table))):
        if wide:
            segments += struct.pack(
                order + "IIQQQQQQ", kind, 4, start, start, start, length, length, 8
            )
        else:
            segments += struct.pack(
                order + "IIIIIIII", kind, start, start, start, length, length, 4, 4
            )
    return head + segments + strings + verneed + table


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_every_field(tmp_path: Path, big_endian: bool, wide: bool) -> None:
    path = tmp_path / "libtiny.so.1"
    path.write_bytes(tiny(big_endian=big_endian, wide=wide))
    assert read_elf(path) == ElfFile(
        machine="x86_64" if wide else "i686",
        bits=64 if wide else 32,
        kind="shared",
        soname="libtiny.so.1",
        needed=("libc.so.6", "libm.so.6"),
        runpath=("$ORIGIN/../x", "/opt/lib"),
        requires={"libc.so.6": ("V_1.0",)},
    )


def test_the_same_as_objdump(tmp_path: Path) -> None:
    objdump = shutil.which("objdump")
    found = libraries(30)
    if objdump is None or not found:
        pytest.skip("needs objdump and libraries")
    for path in found:
        elf = read_elf(path)
        assert elf is not None
        done = subprocess.run([objdump, "-p", path], capture_output=True, text=True, check=True)
        lines = [line.split() for line in done.stdout.splitlines()]
        assert list(elf.needed) == [words[1] for words in lines if words[:1] == ["NEEDED"]]
        assert [elf.soname] == ([words[1] for words in lines if words[:1] == ["SONAME"]] or [""])
        asked = {words[3] for words in lines if len(words) == 4 and words[0].startswith("0x")}
        assert {version for versions in elf.requires.values() for version in versions} == asked


def test_an_executable_has_an_interpreter() -> None:
    elf = read_elf(Path(sys.executable).resolve())
    if elf is None:
        pytest.skip("this Python is no ELF file")
    assert elf.interpreter.startswith("/")
    assert elf.dynamic.needed == elf.needed


def test_what_is_no_elf_file_is_none(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"\x7fEL", b"#!/bin/sh\n", b"\0" * 100)):
        path = tmp_path / str(number)
        path.write_bytes(data)
        assert read_elf(path) is None


def test_a_truncated_file_is_an_error(tmp_path: Path) -> None:
    whole = tiny()
    path = tmp_path / "x"
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="the ELF file"):
            read_elf(path)


def test_damaged_bytes_never_crash_or_hang(tmp_path: Path) -> None:
    chance = random.Random(7)
    path = tmp_path / "x"
    whole = tiny()
    raised = 0
    for _ in range(800):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(4, len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        path.write_bytes(data)
        try:
            read_elf(path)
        except ValueError:
            raised += 1
    assert raised > 40


def test_a_version_chain_ends_where_it_ends(tmp_path: Path) -> None:
    data = bytearray(tiny())
    count = data.index(struct.pack("<q", 0x6FFFFFFF)) + 8
    data[count : count + 8] = struct.pack("<Q", 1 << 40)
    path = tmp_path / "x"
    path.write_bytes(data)
    elf = read_elf(path)
    assert elf is not None
    assert elf.requires == {"libc.so.6": ("V_1.0",)}
