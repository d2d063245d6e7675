"""What is inside an artifact, known from its index or after unpacking it."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field


class Entry(Struct, frozen=True):
    """One file or link of an artifact. Directories are not listed.

    `path` is POSIX, relative, as in the archive (an npm tarball's first directory and a deb's
    `./` removed). `size` in bytes, `mode` the permission bits, `link` the target of a symbolic
    link or "". `sha256` is hex, and "" until the artifact has been unpacked. `same_as` is the path
    of an earlier entry that this one is a hard link to, or "".
    """

    path: str
    size: int
    mode: int = 0o644
    link: str = ""
    sha256: str = ""
    same_as: str = ""


class Elf(Struct, frozen=True):
    """What the loader reads of a shared object: ELF gABI, Dynamic Section."""

    soname: str
    needed: tuple[str, ...]
    runpath: tuple[str, ...] = ()


class Stream(Struct, frozen=True, array_like=True):
    """The deflated data of a member as it lies in its archive (a wheel): `packed` bytes from
    `offset` on, whose CRC-32 is `packed_crc`; `crc` is that of the file.
    """

    offset: int
    packed: int
    crc: int
    packed_crc: int


class Contents(Struct, frozen=True):
    """The listing of one artifact.

    `digest` is the store's key of the tree that the entries lie in (for an sdist that of the
    wheel built from it). `texts` holds the few small members that planning reads: a wheel's
    RECORD, WHEEL, METADATA and entry_points.txt; a deb's postinst and conffiles, ld.so.conf.d
    files. `elf` is filled for shared objects of unpacked debs, `streams` for the deflated
    members of unpacked zips, in the order of the archive's directory; None where none was read.
    `packed` are the bytes that the deflated members of a zip take in it, of one that was listed and
    not unpacked. `built` tells where something was compiled or a script was run, if that was not
    this machine.
    """

    digest: str
    entries: tuple[Entry, ...]
    texts: dict[str, str] = field(default_factory=dict)
    elf: dict[str, Elf] = field(default_factory=dict)
    streams: dict[str, Stream] | None = None
    packed: dict[str, int] = field(default_factory=dict)
    built: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files, those with several names counted once."""
        return sum(entry.size for entry in self.entries if not entry.same_as)


class Listing(Struct, frozen=True):
    """The contents of a resolution's packages by id, and why the others cannot be listed yet."""

    contents: dict[str, Contents]
    unknown: dict[str, str] = field(default_factory=dict)


DECODER = msgspec.msgpack.Decoder(Contents)
# Made here, while one thread imports this: where two threads decode a type for the first time at
# once, msgspec 0.22 reads what the other has half built, and the process dies.
