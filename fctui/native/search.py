"""The search that the loader of the target would make: ld.so(8), without running anything.

For each needed name: what is loaded already; the RPATH of who needs it and of those that loaded
it; LD_LIBRARY_PATH; its RUNPATH; the cache of ldconfig(8); the default directories.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from fctui.native.elf import ElfFile
from fctui.native.system import Files, System, sonames


class Missing(Struct, frozen=True):
    """A name that the loader does not find. `needer` is the path of the file that needs it,
    `other` a file of that name that was passed over since it is for another machine, or "".
    """

    soname: str
    needer: str
    other: str = ""


class Unversioned(Struct, frozen=True):
    """A version that a library lacks: `needer` asks `library` (found at `provider`) for it."""

    needer: str
    library: str
    version: str
    provider: str


class Loaded(Struct, frozen=True):
    """What loading one file brings: the paths of all objects in the loader's order (its own
    first), what is missing, and what was only found because something else had loaded it before.
    """

    path: str
    objects: tuple[str, ...]
    missing: tuple[Missing, ...] = ()
    unversioned: tuple[Unversioned, ...] = ()
    lucky: tuple[Missing, ...] = ()


class _Object(Struct):
    """One loaded object: `path` is the one that it was found by, whose directory is `$ORIGIN`."""

    path: str
    real: str
    elf: ElfFile
    loader: _Object | None


class _Scope:
    """What is loaded so far, by all names that it may be asked for, and what was not found."""

    def __init__(self, names: dict[str, _Object]) -> None:
        self.names = names
        self.objects: list[_Object] = []
        self.missing: list[Missing] = []
        self.lucky: list[Missing] = []
        self._real = {each.real: each for each in names.values()}

    def add(self, loaded: _Object, asked: str) -> None:
        """Add an object that was asked for by a name, unless it is there under another."""
        known = self._real.setdefault(loaded.real, loaded)
        if known is loaded:
            self.objects.append(loaded)
        for name in (asked, loaded.elf.soname):
            if name:
                self.names.setdefault(name, known)


class Loader:
    """Loads files of a bundle as they would be on a target."""

    def __init__(
        self,
        system: System,
        elves: Mapping[str, ElfFile],
        links: Mapping[str, str],
        *,
        arch: str,
        glibc: tuple[int, int],
        library_path: Sequence[str] = (),
    ) -> None:
        """`elves` and `links` are those of the bundle by absolute path on the target."""
        self._files = Files({**system.elves, **elves}, {**system.links, **links})
        self._cache = sonames(system)
        self._arch = arch
        self._glibc = glibc
        self._library_path = tuple(library_path)
        self._directories = system.directories
        self._searched: dict[tuple[str, tuple[str, ...], tuple[str, ...]], _Hit] = {}
        self._processes: dict[str, Mapping[str, _Object]] = {}

    def load(self, path: str, program: str = "") -> Loaded:
        """Load one file with everything it needs, breadth first as the loader does.

        `program` is what opens it by dlopen(3), an interpreter whose own libraries are loaded
        already; "" for a file that is the program itself, or where that is not known.
        """
        found = self._files.find(path)
        if found is None:
            return Loaded(path, ())
        scope = _Scope(dict(self._process(program)) if program else {})
        scope.add(_Object(path, found[0], found[1], None), "")
        for needer in scope.objects:
            for soname in needer.elf.needed:
                hit = self._search(soname, needer)
                if soname in scope.names:
                    if hit.elf is None:
                        scope.lucky.append(Missing(soname, needer.real))
                elif hit.elf is None:
                    scope.missing.append(Missing(soname, needer.real, hit.other))
                else:
                    scope.add(_Object(hit.path, hit.real, hit.elf, needer), soname)
        return Loaded(
            path,
            tuple(each.real for each in scope.objects),
            tuple(scope.missing),
            tuple(self._unversioned(scope)),
            tuple(scope.lucky),
        )

    def _process(self, program: str) -> Mapping[str, _Object]:
        """All names that are loaded in a process of a program; none where it is not known."""
        known = self._processes.get(program)
        if known is None:
            scope = _Scope({})
            found = self._files.find(program)
            if found is not None:
                scope.add(_Object(program, found[0], found[1], None), "")
            for needer in scope.objects:
                for soname in needer.elf.needed:
                    hit = self._search(soname, needer)
                    if hit.elf is not None and soname not in scope.names:
                        scope.add(_Object(hit.path, hit.real, hit.elf, needer), soname)
            known = self._processes[program] = scope.names
        return known

    def _unversioned(self, scope: _Scope) -> Iterable[Unversioned]:
        for needer in scope.objects:
            for library, versions in needer.elf.requires.items():
                provider = scope.names.get(library)
                if provider is None or not provider.elf.defines:
                    continue  # a library without any versions: the loader only warns
                defined = provider.elf.defines
                for version in versions:
                    if version not in defined and not self._has(version, defined):
                        yield Unversioned(needer.real, library, version, provider.real)

    def _has(self, version: str, defined: Sequence[str]) -> bool:
        """Whether the target's own C library has a version that the profile's, of an older
        release, has not: profiles of systems other than Debian are made from its packages.
        """
        number = glibc_version(version)
        return "GLIBC_PRIVATE" in defined and number is not None and number <= self._glibc

    def _search(self, soname: str, needer: _Object) -> _Hit:
        rpath: tuple[str, ...] = ()
        runpath = self._expanded(needer.elf.runpath, needer.path)
        if not needer.elf.runpath:
            above: _Object | None = needer
            while above is not None:
                if above.elf.rpath and not above.elf.runpath:
                    rpath += self._expanded(above.elf.rpath, above.path)
                above = above.loader
        key = (soname, rpath, runpath)
        hit = self._searched.get(key)
        if hit is None:
            hit = self._searched[key] = self._look(soname, rpath, runpath)
        return hit

    def _look(self, soname: str, rpath: tuple[str, ...], runpath: tuple[str, ...]) -> _Hit:
        other = ""
        for path in self._candidates(soname, rpath, runpath):
            found = self._files.find(path)
            if found is None:
                continue
            if found[1].machine == self._arch:
                return _Hit(path, found[0], found[1])
            other = other or found[0]
        return _Hit("", "", None, other)

    def _candidates(
        self, soname: str, rpath: tuple[str, ...], runpath: tuple[str, ...]
    ) -> Iterable[str]:
        if "/" in soname:
            yield soname
            return
        for directory in (*rpath, *self._library_path, *runpath):
            yield posixpath.join(directory, soname)
        if soname in self._cache:
            yield self._cache[soname]
        for directory in self._directories:
            yield posixpath.join(directory, soname)

    def _expanded(self, paths: Sequence[str], origin: str) -> tuple[str, ...]:
        """Dynamic string tokens replaced: ld.so(8). An empty path is the current directory."""
        if not paths:
            return ()
        values = {
            "ORIGIN": posixpath.dirname(origin),
            "LIB": f"lib/{self._arch}-linux-gnu",
            "PLATFORM": self._arch,
        }
        found = []
        for path in paths:
            for name, value in values.items():
                path = path.replace(f"${{{name}}}", value).replace(f"${name}", value)  # noqa: PLW2901
            found.append(posixpath.normpath(path))
        return tuple(found)


class _Hit(Struct, frozen=True):
    path: str
    real: str
    elf: ElfFile | None
    other: str = ""


def glibc_version(version: str) -> tuple[int, int] | None:
    """`GLIBC_2.34` as (2, 34); None for a version of another kind."""
    parts = version.removeprefix("GLIBC_").split(".")
    if not version.startswith("GLIBC_") or not all(part.isdecimal() for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1]) if len(parts) > 1 else 0
