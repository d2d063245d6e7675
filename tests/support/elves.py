"""Making ELF files without a compiler: System V gABI, and GNU's symbol versions."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

MACHINES = {"x86_64": 62, "aarch64": 183, "arm": 40}


def elf_file(
    *,
    soname: str = "",
    needed: Sequence[str] = (),
    runpath: str = "",
    rpath: str = "",
    requires: Mapping[str, Sequence[str]] | None = None,
    defines: Sequence[str] = (),
    machine: str = "x86_64",
    interpreter: str = "",
) -> bytes:
    """A 64-bit shared object, or an executable where it has an interpreter."""
    strings = _Strings()
    tags = [(1, strings.add(name)) for name in needed]
    tags += [(14, strings.add(soname))] if soname else []
    tags += [(15, strings.add(rpath))] if rpath else []
    tags += [(29, strings.add(runpath))] if runpath else []
    needs = _verneed(requires or {}, strings)
    defs = _verdef(soname, defines, strings)
    header, entry, segments = 64, 56, 3
    at = header + entry * segments
    program = interpreter.encode() + b"\0" if interpreter else b""
    places = {}
    blob = b""
    for name, part in (
        ("interp", program),
        ("strings", strings.data),
        ("needs", needs),
        ("defs", defs),
    ):
        places[name] = at + len(blob)
        blob += part + bytes(-len(part) % 8)
    tags += [(5, places["strings"]), (10, len(strings.data))]
    if requires:
        tags += [(0x6FFFFFFE, places["needs"]), (0x6FFFFFFF, len(requires))]
    if defines:
        tags += [(0x6FFFFFFC, places["defs"]), (0x6FFFFFFD, len(defines) + 1)]
    table = b"".join(struct.pack("<qQ", *tag) for tag in (*tags, (0, 0)))
    dynamic = at + len(blob)
    size = dynamic + len(table)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    fields = (3, MACHINES[machine], 1, 0, header, 0, 0, header, entry, segments, 0, 0, 0)
    parts = [(1, 0, size), (2, dynamic, len(table))]
    parts.append((3, places["interp"], len(program)) if program else (0, 0, 0))
    table_of_parts = b"".join(
        struct.pack("<IIQQQQQQ", kind, 4, start, start, start, length, length, 8)
        for kind, start, length in parts
    )
    return ident + struct.pack("<HHIQQQIHHHHHH", *fields) + table_of_parts + blob + table


class _Strings:
    """A string table."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        at = len(self.data)
        self.data += text.encode() + b"\0"
        return at


def _verneed(requires: Mapping[str, Sequence[str]], strings: _Strings) -> bytes:
    found = b""
    for number, (library, versions) in enumerate(requires.items(), 1):
        length = 16 + 16 * len(versions)
        following = length if number < len(requires) else 0
        found += struct.pack("<HHIII", 1, len(versions), strings.add(library), 16, following)
        for count, version in enumerate(versions, 1):
            link = 16 if count < len(versions) else 0
            found += struct.pack("<IHHII", 0, 0, 2, strings.add(version), link)
    return found


def _verdef(soname: str, defines: Sequence[str], strings: _Strings) -> bytes:
    if not defines:
        return b""
    found = b""
    names = (soname, *defines)
    for number, name in enumerate(names):
        following = 28 if number + 1 < len(names) else 0
        flags = 1 if number == 0 else 0
        found += struct.pack("<HHHHIII", 1, flags, number + 1, 1, 0, 20, following)
        found += struct.pack("<II", strings.add(name), 0)
    return found
