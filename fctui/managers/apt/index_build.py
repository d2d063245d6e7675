"""Indexing the package lists of a suite once, so that they are searched and read in no time.

The file: a magic line, the length of a msgpack header in 8 hexadecimal digits, the header, and,
aligned to 4 bytes, the sections that it names by offset and length. `names` and `summaries` are
searched as they are; arrays of 32-bit numbers lead from a place in them to its row. `provided` are
lines of a virtual package's name, who provides it, and as which version.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.apt.relations import newest
from fctui.tasks.text import clean

MAGIC = b"fctui apt index 3\n"

INDEX_NAME = "index-3"
# The file's name; the number is that of the format, so that one of another format is not found.

SECTIONS = (
    *("names", "name_starts", "rows", "row_starts", "summaries", "summary_starts"),
    *("provided", "provided_starts"),
)

_PROVIDED = re.compile(rb"([a-zA-Z0-9][^\s,:(]*)(?::[a-z0-9-]+)?\s*(?:\(\s*=\s*([^\s)]+)\s*\))?")
# One entry of a `Provides` field: Policy 7.5.


class Header(Struct, frozen=True):
    """`sections`: name to (offset, length) behind the header. `required` are the packages that are
    Essential or of priority required. `lists` are the files that rows refer to by number.
    """

    sections: dict[str, tuple[int, int]]
    lists: tuple[str, ...]
    required: tuple[str, ...]
    count: int


_Found = tuple[bytes, bytes, bytes, bytes, bytes]
# Version, size, installed size, place (list:offset:length), summary, as they stand in a row.


def build_index(lists: Sequence[tuple[Path, str]], arch: str, into: Path) -> None:
    """Index uncompressed `Packages` files, each given with its architecture, in one atomic step.

    Packages of another architecture than `arch` are named `name:architecture`.
    """
    found: dict[bytes, list[_Found]] = {}
    provides: set[bytes] = set()
    required: dict[bytes, None] = {}
    for number, (path, list_arch) in enumerate(lists):
        foreign = b"" if list_arch == arch else b":" + list_arch.encode()
        _scan(path.read_bytes(), number, foreign, found, provides, required)
    provided = sorted(provides)
    provided = sorted(provides)
    names = sorted(found)
    rows, summaries = [], []
    for name in names:
        versions = found[name]
        if len(versions) > 1:
            versions.sort(key=lambda each: newest(each[0].decode()), reverse=True)
        version, size, installed, place, summary = versions[0]
        if len(versions) > 1:
            place = b",".join(each[3] for each in versions)
        if b"\x1b" in summary or not summary.isascii():
            summary = clean(summary.decode("utf-8", "replace")).encode()
        rows.append(b"\t".join((version, size, installed, place, summary)))
        summaries.append(summary.lower())
    blobs = (
        b"\n" + b"\n".join(names) + b"\n",
        _starts(names, 1),
        b"\n".join(rows) + b"\n",
        _starts(rows, 0),
        b"\n" + b"\n".join(summaries) + b"\n",
        _starts(summaries, 1),
        b"\n".join(provided) + b"\n",
        _starts(provided, 0),
    )
    sections, offset = {}, 0
    for section, blob in zip(SECTIONS, blobs, strict=True):
        sections[section] = (offset, len(blob))
        offset += len(blob) + -len(blob) % 4
    header = msgspec.msgpack.encode(
        Header(
            sections,
            tuple(str(path) for path, _ in lists),
            tuple(name.decode() for name in required),
            len(names),
        )
    )
    start = MAGIC + f"{len(header):08x}".encode() + header
    temporary = into.with_name(f"{into.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(start + b"\0" * (-len(start) % 4))
        for blob in blobs:
            file.write(blob + b"\0" * (-len(blob) % 4))
    temporary.replace(into)


def _scan(
    data: bytes,
    number: int,
    foreign: bytes,
    found: dict[bytes, list[_Found]],
    provides: set[bytes],
    required: dict[bytes, None],
) -> None:
    """Take what is needed of each stanza; they are found by their blank lines alone."""
    position = 0
    for stanza in data.split(b"\n\n"):
        place = b"%d:%d:%d" % (number, position, len(stanza))
        position += len(stanza) + 2
        if not stanza.startswith(b"Package: "):
            stanza = b"\n" + stanza  # noqa: PLW2901 - no archive does so, small local ones may
        name = _field(stanza, b"Package: ")
        version = _field(stanza, b"\nVersion: ")
        if not name or not version:
            continue
        name += foreign
        entry = (
            version,
            _field(stanza, b"\nSize: "),
            _field(stanza, b"\nInstalled-Size: "),
            place,
            _field(stanza, b"\nDescription: ").replace(b"\t", b" "),
        )
        versions = found.get(name)
        if versions is None:
            found[name] = [entry]
        elif all(known[0] != version for known in versions):
            versions.append(entry)
        else:
            continue
        provided = _field(stanza, b"\nProvides: ")
        if provided:
            for virtual, exactly in _PROVIDED.findall(provided):
                provides.add(b"\t".join((virtual, name, exactly)))
        if not foreign and _is_required(stanza):
            required[name] = None


def _is_required(stanza: bytes) -> bool:
    priority = _field(stanza, b"\nPriority: ")
    return priority == b"required" or _field(stanza, b"\nEssential: ") == b"yes"


def _field(stanza: bytes, name: bytes) -> bytes:
    start = stanza.find(name)
    if start < 0:
        return b""
    start += len(name)
    end = stanza.find(b"\n", start)
    return stanza[start:end] if end >= 0 else stanza[start:]


def _starts(lines: Sequence[bytes], first: int) -> bytes:
    """Where each line begins in their concatenation with line ends, as 32-bit numbers."""
    starts = array("I")
    position = first
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return starts.tobytes()
