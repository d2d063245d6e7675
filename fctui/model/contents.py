"""What is inside an artifact, known from its index or after unpacking it."""

from __future__ import annotations

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


class Contents(Struct, frozen=True):
    """The listing of one artifact.

    `digest` is the store's key of the tree that the entries lie in (for an sdist that of the
    wheel built from it). `texts` holds the few small members that planning reads: a wheel's
    RECORD, WHEEL, METADATA and entry_points.txt; a deb's postinst and conffiles, ld.so.conf.d
    files. `elf` is filled for shared objects of unpacked debs.
    """

    digest: str
    entries: tuple[Entry, ...]
    texts: dict[str, str] = field(default_factory=dict)
    elf: dict[str, Elf] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all files, those with several names counted once."""
        return sum(entry.size for entry in self.entries if not entry.same_as)


class Listing(Struct, frozen=True):
    """The contents of a resolution's packages by id, and why the others cannot be listed yet."""

    contents: dict[str, Contents]
    unknown: dict[str, str] = field(default_factory=dict)
