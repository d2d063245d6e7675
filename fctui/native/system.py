"""What a system has that a loader could find there: libraries, their links, programs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from fctui.model.captured import Captured
from fctui.model.paths import MERGED, MOST_LINKS
from fctui.native.elf import ElfFile

DEFAULT_DIRECTORIES = ("/lib/{multiarch}", "/usr/lib/{multiarch}", "/lib64", "/usr/lib64")
PLAIN_DIRECTORIES = ("/lib", "/usr/lib")
# Where the loader looks last: ld.so(8), and Debian's multiarch patch of it.

PROGRAM_DIRECTORIES = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/games")


class System(Struct, frozen=True):
    """The native side of a root file system; all paths absolute and real, `/usr` merged.

    `elves` are its shared objects, `links` its symbolic links to files and directories,
    `directories` those of ld.so.conf(5) in their order. `programs` are the paths that a script's
    first line may name. `source` says where this is known from.
    """

    elves: dict[str, ElfFile]
    links: dict[str, str] = field(default_factory=dict)
    directories: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    source: str = ""


def captured_system(captured: Captured, source: str) -> System:
    """The native side of a runtime as it was captured there."""
    elves = {
        path: ElfFile(**{name: getattr(each, name) for name in ElfFile.__struct_fields__})
        for path, each in captured.libraries.items()
    }
    return System(elves, captured.links, captured.directories, captured.programs, source)


def merged(path: str) -> str:
    """An absolute path as it is where `/bin`, `/lib` and the like lead into `/usr`."""
    return f"/usr{path}" if path[1:].partition("/")[0] in MERGED else path


def default_directories(multiarch: str) -> tuple[str, ...]:
    """The directories that the loader searches last, `/usr` merged, each once."""
    every = (*DEFAULT_DIRECTORIES, *PLAIN_DIRECTORIES)
    return tuple(dict.fromkeys(merged(path.format(multiarch=multiarch)) for path in every))


def configured_directories(texts: Iterable[str], multiarch: str) -> tuple[str, ...]:
    """The directories that files of ld.so.conf.d name, then the defaults: ldconfig(8)."""
    named = []
    for text in texts:
        for line in text.splitlines():
            path = line.partition("#")[0].strip()
            if path.startswith("/"):
                named.append(merged(posixpath.normpath(path)))
    return tuple(dict.fromkeys((*named, *default_directories(multiarch))))


class Files:
    """The files of several trees as one file system: what a path leads to, links followed."""

    def __init__(self, elves: Mapping[str, ElfFile], links: Mapping[str, str]) -> None:
        """Both by absolute path; link targets as they stand."""
        self._elves = elves
        self._links = links
        self._directories: dict[str, str] = {"/": "/"}
        self._found: dict[str, tuple[str, ElfFile] | None] = {}

    def find(self, path: str) -> tuple[str, ElfFile] | None:
        """The ELF file that a path leads to, with its real path; None where there is none."""
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> tuple[str, ElfFile] | None:
        for _ in range(MOST_LINKS):
            directory, _, name = path.rpartition("/")
            real = posixpath.join(self._real(directory or "/"), name)
            elf = self._elves.get(real)
            if elf is not None:
                return real, elf
            target = self._links.get(real)
            if target is None:
                return None
            path = posixpath.normpath(posixpath.join(posixpath.dirname(real), target))
        return None

    def _real(self, directory: str) -> str:
        """A directory with the links on its way followed."""
        known = self._directories.get(directory)
        if known is not None:
            return known
        self._directories[directory] = directory  # a link that leads to itself leads nowhere
        above, _, name = directory.rpartition("/")
        here = merged(posixpath.join(self._real(above or "/"), name))
        target = self._links.get(here)
        if target is not None:
            here = self._real(posixpath.normpath(posixpath.join(posixpath.dirname(here), target)))
        self._directories[directory] = here
        return here


def sonames(system: System, directories: Sequence[str] = ()) -> dict[str, str]:
    """What ldconfig(8) would put into the cache: soname or file name to path, the first
    directory first.
    """
    inside: dict[str, list[str]] = {}
    for path in (*system.elves, *system.links):
        inside.setdefault(posixpath.dirname(path), []).append(path)
    found: dict[str, str] = {}
    for directory in dict.fromkeys((*directories, *system.directories)):
        for path in inside.get(directory, ()):
            name = posixpath.basename(path)
            elf = system.elves.get(path)
            if ".so" in name:
                found.setdefault(name, path)
            if elf is not None and elf.soname:
                found.setdefault(elf.soname, path)
    return found
