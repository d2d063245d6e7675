"""The database of types of files, which update-mime-database(1) would make of its sources.

Source: the freedesktop.org Shared MIME-info Database specification, 2.2 to 2.8. Libraries read
these files where there is no `mime.cache`, which is the same in one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from fctui.bundle.places.work import Work
from fctui.model.finding import Finding, Kind

_NAMESPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"
_WEIGHT = 50
# Of globs and magic that name none: 2.1.

_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_TRANSLATION = re.compile(rb"<comment xml:lang=[^>]*>[^<]*</comment>")
# Nine tenths of Debian's own source; without them it is read in a fifth of the time.

_NUMBERS = {
    "byte": (1, "big"),
    "big16": (2, "big"),
    "big32": (4, "big"),
    "little16": (2, "little"),
    "little32": (4, "little"),
    "host16": (2, "big"),
    "host32": (4, "big"),
}


class Tables(NamedTuple):
    """The files of the database, without their names."""

    globs2: bytes
    magic: bytes
    aliases: bytes
    subclasses: bytes


def globs(work: Work, paths: Sequence[str]) -> bytes:
    """`globs2`: types by file name."""
    return _tables(work, paths).globs2


def magic(work: Work, paths: Sequence[str]) -> bytes:
    """`magic`: types by content."""
    return _tables(work, paths).magic


def aliases(work: Work, paths: Sequence[str]) -> bytes:
    """`aliases`: other names of types."""
    return _tables(work, paths).aliases


def subclasses(work: Work, paths: Sequence[str]) -> bytes:
    """`subclasses`: types that are other types as well."""
    return _tables(work, paths).subclasses


def _tables(work: Work, paths: Sequence[str]) -> Tables:
    try:
        return tables(tuple(work.data(path) for path in sorted(paths)))
    except (ET.ParseError, ValueError) as error:
        finding = Finding(
            kind=Kind.UNRESOLVED,
            subject=paths[0],
            files=tuple(paths),
            message=f"The types of files cannot be read from {paths[0]}: {error}.",
            breaks=False,
        )
        if finding not in work.findings:
            work.findings.append(finding)
        return Tables(b"", b"", b"", b"")


@functools.lru_cache(maxsize=1)
def tables(sources: tuple[bytes, ...]) -> Tables:
    """The tables of some sources. Raises ParseError or ValueError for what is none."""
    named: dict[str, None] = {}
    other: dict[str, None] = {}
    above: dict[str, None] = {}
    found: list[tuple[int, str, bytes]] = []
    for source in sources:
        top = ET.fromstring(_TRANSLATION.sub(b"", source))  # noqa: S314 - expat bounds what entities grow to
        for kind in top.iter(f"{_NAMESPACE}mime-type"):
            name = kind.get("type", "")
            for glob in kind.iter(f"{_NAMESPACE}glob"):
                pattern = glob.get("pattern", "")
                before = f"{glob.get('weight', _WEIGHT)}:{name}:"
                if glob.get("case-sensitive") == "true":
                    named[f"{before}{pattern}:cs"] = None
                    named[f"{before}{pattern}"] = None  # for readers that know no flags: 2.4
                else:
                    named[f"{before}{pattern.lower()}"] = None
            for alias in kind.iter(f"{_NAMESPACE}alias"):
                other[f"{alias.get('type', '')} {name}"] = None
            for parent in kind.iter(f"{_NAMESPACE}sub-class-of"):
                above[f"{name} {parent.get('type', '')}"] = None
            for each in kind.iter(f"{_NAMESPACE}magic"):
                lines = b"".join(_matches(each, 0))
                found.append((int(each.get("priority", _WEIGHT)), name, lines))
    found.sort(key=lambda one: (-one[0], one[1]))
    sections = (f"[{weight}:{name}]\n".encode() + lines for weight, name, lines in found)
    by_weight = sorted(named, key=lambda line: -int(line.partition(":")[0]))
    return Tables(
        _lines(by_weight),
        b"MIME-Magic\0\n" + b"".join(sections),
        _lines(sorted(other)),
        _lines(above),
    )


def _lines(lines: Sequence[str] | dict[str, None]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _matches(above: ET.Element, depth: int) -> Iterator[bytes]:
    """The lines of a `magic` section: 2.5."""
    for match in above.findall(f"{_NAMESPACE}match"):
        start, _, end = match.get("offset", "0").partition(":")
        kind = match.get("type", "string")
        value = _value(kind, match.get("value", ""))
        line = (str(depth) if depth else "").encode() + f">{int(start)}=".encode()
        line += len(value).to_bytes(2, "big") + value
        mask = match.get("mask")
        if mask:
            line += b"&" + _mask(kind, mask, len(value))
        if kind.startswith("host"):
            line += f"~{_NUMBERS[kind][0]}".encode()
        length = int(end) - int(start) + 1 if end else 1
        yield line + (f"+{length}".encode() if length != 1 else b"") + b"\n"
        yield from _matches(match, depth + 1)


def _value(kind: str, text: str) -> bytes:
    if kind == "string":
        return _ESCAPE.sub(_unescaped, text.encode())
    size, order = _NUMBERS[kind]
    return _number(text).to_bytes(size, "little" if order == "little" else "big")


def _mask(kind: str, text: str, length: int) -> bytes:
    if kind == "string":
        return bytes.fromhex(text.removeprefix("0x")).ljust(length, b"\0")
    return _value(kind, text)


def _number(text: str) -> int:
    """A number as strtol(3) reads it."""
    if text[:1] == "0" and text[1:2].isdigit():
        return int(text, 8)
    return int(text, 0)


def _unescaped(match: re.Match[bytes]) -> bytes:
    text = match[1]
    if text[:1] == b"x" and len(text) > 1:
        return bytes([int(text[1:], 16)])
    if text[:1].isdigit():
        return bytes([int(text, 8) & 255])
    return _ESCAPED.get(text, text)
