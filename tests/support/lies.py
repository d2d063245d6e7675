"""Archives that lie: members that lead out, that are no files, that are too large, or that have
names which no package has. For tars and zips the same ones, by name.
"""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

BOMB = 8 << 20
# Bytes of zeros, for tests that allow less.


class Member(Struct, frozen=True):
    """One entry. `kind` is a file type of stat(2), `target` of a link where it leads."""

    name: str
    data: bytes = b"x"
    kind: int = stat.S_IFREG
    mode: int = 0o644
    target: str = ""
    hard: bool = False


class Lie(Struct, frozen=True):
    """What is wrong with an archive, and whether it may be taken without what is wrong."""

    members: tuple[Member, ...]
    harmless: bool = False


def lies(top: str, outside: Path) -> dict[str, Lie]:
    """Every lie, for an archive whose files lie below `top` (with its slash); all of them aim at
    the directory `outside`.
    """
    up = "../" * 40
    aim = str(outside)
    link, door = stat.S_IFLNK, Member(f"{top}door", b"", stat.S_IFLNK, 0o777, aim)
    return {
        "climbing name": Lie((Member(f"{top}{up}{aim[1:]}/evil"),)),
        "absolute name": Lie((Member(f"{aim}/evil"),)),
        "backslashes": Lie((Member(f"{top}..\\..\\evil"),), harmless=True),
        "through its own link": Lie((door, Member(f"{top}door/evil"))),
        "over its own link": Lie((door, Member(f"{top}door")), harmless=True),
        "absolute link": Lie((door,), harmless=True),
        "climbing link": Lie(
            (Member(f"{top}out", b"", link, 0o777, f"{up}{aim[1:]}"),), harmless=True
        ),
        "hard link out": Lie((Member(f"{top}hard", b"", target=f"{aim}/secret", hard=True),)),
        "device": Lie((Member(f"{top}null", b"", stat.S_IFCHR, 0o666),), harmless=True),
        "pipe": Lie((Member(f"{top}pipe", b"", stat.S_IFIFO, 0o666),), harmless=True),
        "set-id bits": Lie((Member(f"{top}root", b"#!/bin/sh\n", mode=0o6755),), harmless=True),
        "bomb": Lie((Member(f"{top}zeros", bytes(BOMB)),)),
        "name twice": Lie((Member(f"{top}a", b"one"), Member(f"{top}a", b"other")), harmless=True),
        "file and directory": Lie((Member(f"{top}a"), Member(f"{top}a/b"))),
        "broken UTF-8": Lie((Member(f"{top}caf\udce9"),)),
        "escape codes": Lie((Member(f"{top}\x1b]0;owned\x07\x1b[2J"),)),
        "line break": Lie((Member(f"{top}a\nfctui: built"),)),
    }


def tar_of(members: Sequence[Member]) -> bytes:
    """The members as a tar, behind whatever comes before them."""
    out = io.BytesIO()
    kinds = {
        stat.S_IFREG: tarfile.REGTYPE, stat.S_IFLNK: tarfile.SYMTYPE,
        stat.S_IFCHR: tarfile.CHRTYPE, stat.S_IFIFO: tarfile.FIFOTYPE,
    }  # fmt: skip
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type = tarfile.LNKTYPE if member.hard else kinds[member.kind]
            info.mode, info.linkname, info.size = member.mode, member.target, len(member.data)
            tar.addfile(info, io.BytesIO(member.data))
    return out.getvalue()


def zip_of(members: Sequence[Member]) -> bytes:
    """The members as a zip; hard links, which zip does not have, are left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, member in enumerate(members):
            info = zipfile.ZipInfo(_stand_in(number, member), (1980, 1, 1, 0, 0, 0))
            info.external_attr = (member.kind | member.mode) << 16
            info.create_system = 3  # Unix: APPNOTE.TXT, 4.4.2
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.target.encode() or member.data)
    data = bytearray(out.getvalue())
    for number, member in enumerate(members):
        # In each of the two headers the name that zipfile would not write, and that it is UTF-8.
        stand_in = _stand_in(number, member).encode()
        for signature, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
            at = data.find(signature)
            while data[at + start : at + start + len(stand_in)] != stand_in:
                at = data.find(signature, at + 4)
            data[at + flags + 1] |= 0x08
            data[at + start : at + start + len(stand_in)] = _raw(member)
    return bytes(data)


def _raw(member: Member) -> bytes:
    return member.name.encode("utf-8", "surrogateescape")


def _stand_in(number: int, member: Member) -> str:
    """A name that is as long, and no other's."""
    return str(number).rjust(len(_raw(member)), "n")
