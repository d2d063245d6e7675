"""The table of all shared objects of a suite: which package has which, and where."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.native.system import merged

_PRIVATE = ("/dbg/", "/debug/", "-cross/", "/valgrind/", "/jvm/", "/firefox", "/thunderbird")
# Parts of paths whose libraries are no general ones.


class Owner(Struct, frozen=True):
    """A package that has a library, and where; `public` where every loader looks there."""

    package: str
    path: str
    public: bool


class Libraries(Struct, frozen=True):
    """A file of lines `name<TAB>path<TAB>packages`, each between line feeds. It is not `whole`
    where an archive has no list of its files, or another than it promises.
    """

    path: Path
    whole: bool

    def write(self, lines: Iterable[bytes]) -> None:
        """Replace the table."""
        temporary = self.path.with_suffix(f".{os.getpid()}")
        temporary.write_bytes(b"\n" + b"\n".join(sorted(lines)) + b"\n")
        temporary.replace(self.path)

    def add(self, lines: Iterable[bytes]) -> None:
        """Put more lines in; how old it is stays."""
        state = self.path.stat()
        self.write({*self.path.read_bytes().split(b"\n"), *lines} - {b""})
        os.utime(self.path, ns=(state.st_atime_ns, state.st_mtime_ns))

    def owners(
        self, sonames: Sequence[str], directories: Sequence[str]
    ) -> dict[str, tuple[Owner, ...]]:
        """For each soname the debs that have a file of that name, the likeliest first.

        `directories` are those that every loader looks in.
        """
        data = self.path.read_bytes()
        found = {}
        for soname in sonames:
            owners = list(_owners(data, soname, directories))
            if soname.endswith(".so"):  # asked for by a name without a version: any will do
                versioned = _owners(data, f"{soname}.", directories, whole=False)
                owners = list({owner.package: owner for owner in versioned}.values()) or owners
            found[soname] = tuple(sorted(owners, key=lambda owner: _rank(owner, soname)))
        return found


def shared_objects(data: bytes) -> set[bytes]:
    """The table's lines of one Contents list."""
    found = set()
    for line in data.splitlines():
        if b".so" not in line:
            continue
        path, _, packages = line.rpartition(b" ")
        path = path.rstrip()
        if b".so" in path.rpartition(b"/")[2]:
            found.add(table_line(path, packages))
    return found


def table_line(path: bytes, packages: bytes) -> bytes:
    """A line of the table; `packages` are those that have the file, with commas between them."""
    return b"\t".join((path.rpartition(b"/")[2], path, packages))


def _owners(
    data: bytes, name: str, directories: Sequence[str], *, whole: bool = True
) -> Iterator[Owner]:
    """The owners of files of a name, or of names that begin so."""
    needle = b"\n" + os.fsencode(name) + (b"\t" if whole else b"")
    at = data.find(needle)
    seen = set()
    while at >= 0:
        end = data.index(b"\n", at + 1)
        _, path, packages = data[at + 1 : end].decode("utf-8", "replace").split("\t")
        place = merged(f"/{path}")
        public = posixpath.dirname(place) in directories
        for package in packages.split(","):
            name = package.rpartition("/")[2]
            if name not in seen and not any(part in place for part in _PRIVATE):
                seen.add(name)
                yield Owner(name, path, public)
        at = data.find(needle, end)


def _rank(owner: Owner, soname: str) -> tuple[bool, bool, bool, int, str]:
    """Libraries where every loader looks, of packages named after them, before all others: Debian
    Policy 8.1. Development, debugging and cross packages last.
    """
    name = owner.package
    bare = soname.partition(".so")[0].lower().replace("_", "-")
    odd = name.endswith(("-dev", "-dbg", "-cross", "-udeb")) or "-cross" in name
    return not owner.public, odd, not name.startswith(bare), len(name), name
