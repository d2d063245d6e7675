"""From what the loader would meet to findings: what is missing, too new, for another machine."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.names import some
from fctui.model.target import Target
from fctui.native.elf import ElfFile
from fctui.native.search import Loaded, Loader, glibc_version
from fctui.native.survey import Survey
from fctui.native.system import System

_MUSL = re.compile(r"libc\.musl-|ld-musl-")
# The soname and the loader of Alpine's C library.

_EXTENSION = re.compile(r"\.(cpython-\d+[a-z]*-[\w-]+|abi3)\.so$|\.node$")
_NAMED = 4
# Files that a sentence names; the finding has them all.

Owner = tuple[str, str]
"""(manager, package id)."""


class Native(Struct, frozen=True):
    """The native side of a bundle on a target: the findings, and how each file loads."""

    findings: tuple[Finding, ...]
    loaded: dict[str, Loaded]
    files: int


def judge(
    target: Target,
    system: System,
    read: Survey,
    owner_of: Callable[[str], Owner],
    *,
    library_path: Iterable[str] = (),
) -> Native:
    """Judge all ELF files of a bundle; paths in the findings are relative to it.

    `library_path` are the directories of LD_LIBRARY_PATH as the function has it.
    """
    code = target.code_dir.rstrip("/")
    loader = Loader(
        system,
        {f"{code}/{path}": elf for path, elf in read.elves.items()},
        {f"{code}/{path}": to for path, to in read.links.items()},
        arch=target.arch,
        glibc=target.glibc,
        library_path=tuple(library_path),
    )
    foreign = {path for path, elf in read.elves.items() if is_foreign(elf, target)}
    ours = {path: elf for path, elf in read.elves.items() if path not in foreign and _loads(elf)}
    loaded = {path: _load(loader, f"{code}/{path}", elf, target) for path, elf in ours.items()}
    judging = _Judging(target, read, owner_of, loaded)
    return Native(
        (
            *judging.damaged(),
            *judging.foreign(foreign),
            *judging.missing(),
            *judging.unversioned(),
        ),
        loaded,
        len(read.elves),
    )


def is_entry(path: str, elf: ElfFile) -> bool:
    """Whether a program opens a file by itself: an executable, or a module of an interpreter."""
    if elf.interpreter or _EXTENSION.search(path):
        return True
    name = posixpath.basename(path)
    return name.endswith(".so") and not name.startswith("lib") and not elf.soname


def _loads(elf: ElfFile) -> bool:
    return elf.kind in {"shared", "executable"}


def _load(loader: Loader, path: str, elf: ElfFile, target: Target) -> Loaded:
    program = ""
    if not elf.interpreter and path.endswith(".node"):
        program = target.node.executable if target.node else ""
    elif not elf.interpreter and _EXTENSION.search(path):
        program = target.python.executable if target.python else ""
    return loader.load(path, program)


def is_foreign(elf: ElfFile, target: Target) -> bool:
    """Whether a file is for another machine or C library than the target's."""
    return elf.machine != target.arch or _is_musl(elf)


def _is_musl(elf: ElfFile) -> bool:
    return any(map(_MUSL.search, (*elf.needed, elf.interpreter)))


class _Judging:
    """Findings of one bundle, by kind."""

    def __init__(
        self,
        target: Target,
        read: Survey,
        owner_of: Callable[[str], Owner],
        loaded: Mapping[str, Loaded],
    ) -> None:
        self._target = target
        self._code = target.code_dir.rstrip("/") + "/"
        self._read = read
        self._owner_of = owner_of
        self._loaded = loaded

    def _is_nodes_own(self, soname: str) -> bool:
        """Whether the Node that loads a module is linked to it: only Debian's is."""
        node = self._target.node
        debian = node is not None and node.executable == "/usr/bin/node"
        return debian and soname.startswith("libnode.so.")

    def damaged(self) -> Iterator[Finding]:
        """Files that no loader takes."""
        for path, why in sorted(self._read.damaged.items()):
            manager, owner = self._owner_of(path)
            yield Finding(
                kind=Kind.WRONG_PLATFORM,
                subject=path,
                message=f"{path} of {owner} ({manager}) is damaged: {why}.",
                needed_by=(owner,),
                files=(path,),
                breaks=bool(_EXTENSION.search(path)),
            )

    def foreign(self, paths: Iterable[str]) -> Iterator[Finding]:
        """Files for another machine or C library. Where a package brings its file for this one as
        well, they are only ballast.
        """
        groups: dict[tuple[Owner, str], list[str]] = {}
        for path in sorted(paths):
            elf = self._read.elves[path]
            what = elf.machine if elf.machine != self._target.arch else "musl"
            groups.setdefault((self._owner_of(path), what), []).append(path)
        has_ours = {self._owner_of(path) for path in self._read.elves if path not in set(paths)}
        for ((manager, owner), what), files in groups.items():
            musl = what == "musl"
            ballast = (manager, owner) in has_ours
            wanted = "glibc" if musl else self._target.arch
            also = "; it brings others for this target" if ballast else ""
            yield Finding(
                kind=Kind.WRONG_PLATFORM if musl else Kind.WRONG_ARCHITECTURE,
                subject=files[0],
                message=(
                    f"{some(files, _NAMED)} of {owner} ({manager}) is made for {what}, and "
                    f"{self._target.title} has {wanted}{also}."
                ),
                needed_by=(owner,),
                files=tuple(files),
                breaks=not ballast,
            )

    def missing(self) -> Iterator[Finding]:
        """Names that the loader does not find, one finding each, with who needs them."""
        needers: dict[str, dict[str, bool]] = {}
        others: dict[str, str] = {}
        for path in self._entries():
            breaks = is_entry(path, self._read.elves[path]) or self._is_public(path)
            for each in self._loaded[path].missing:
                if path.endswith(".node") and self._is_nodes_own(each.soname):
                    continue
                inside = each.needer.removeprefix(self._code)
                known = needers.setdefault(each.soname, {})
                known[inside] = known.get(inside, False) or breaks
                if each.other:
                    others[each.soname] = each.other
        elsewhere = self._by_name()
        for soname, files in sorted(needers.items()):
            owners = dict.fromkeys(self._owner_of(path)[1] for path in files)
            breaks = any(files.values())
            if not breaks and soname in elsewhere:
                packages = {self._owner_of(path) for path in files}
                if packages == {self._owner_of(elsewhere[soname])}:
                    continue  # a plugin of a program that has loaded it: Java's of libjvm.so
            link: tuple[Remedy, ...] = ()
            where = f"is neither in the bundle nor on {self._target.title}"
            if soname in others:
                where += f"; {others[soname]} is for another machine"
            elif soname in elsewhere:
                where = f"lies in the bundle at {elsewhere[soname]}, where it is not looked for"
                link = (Remedy("bundle", elsewhere[soname]),)
            yield Finding(
                kind=Kind.MISSING_LIBRARY,
                subject=soname,
                message=(
                    f"{soname} {where}. Needed by {some(files, _NAMED)} of {some(owners, _NAMED)}."
                ),
                needed_by=tuple(owners),
                files=tuple(files),
                remedies=link,
                breaks=breaks,
            )

    def unversioned(self) -> Iterator[Finding]:
        """Versions that the libraries found do not have, by who asks and whom."""
        asked: dict[tuple[str, str, str], set[str]] = {}
        for path in self._entries():
            for each in self._loaded[path].unversioned:
                asked.setdefault((each.needer, each.library, each.provider), set()).add(
                    each.version
                )
        by_owner: dict[tuple[Owner, str, str], tuple[list[str], set[str]]] = {}
        for (needer, library, provider), versions in asked.items():
            inside = needer.removeprefix(self._code)
            known = by_owner.setdefault((self._owner_of(inside), library, provider), ([], set()))
            known[0].append(inside)
            known[1].update(versions)
        for ((manager, owner), library, provider), (files, versions) in sorted(by_owner.items()):
            highest = max(versions, key=_order)
            of_glibc = all(map(glibc_version, versions))
            where = provider.removeprefix(self._code)
            yield Finding(
                kind=Kind.GLIBC_TOO_NEW if of_glibc else Kind.SYMBOL_VERSION_MISSING,
                subject=files[0],
                message=(
                    f"{some(files, _NAMED)} of {owner} ({manager}) needs {highest} of {library}, "
                    + (
                        f"and {self._target.title} has glibc "
                        f"{'.'.join(map(str, self._target.glibc))}."
                        if of_glibc
                        else f"and {where} does not have it."
                    )
                ),
                needed_by=(owner,),
                files=tuple(files),
            )

    def _entries(self) -> list[str]:
        """The files that something other than the loader opens: those that no other file of the
        bundle needs, and of those that only need each other one.
        """
        entries = [path for path, elf in self._read.elves.items() if is_entry(path, elf)]
        chosen = [path for path in entries if path in self._loaded]
        reached: set[str] = set()
        for path in chosen:
            reached.update(self._loaded[path].objects)
        needed = {each for loaded in self._loaded.values() for each in loaded.objects[1:]}
        rest = [path for path in self._loaded if path not in set(chosen)]
        for path in sorted(rest, key=lambda path: self._code + path in needed):
            if self._code + path not in reached:
                chosen.append(path)
                reached.update(self._loaded[path].objects)
        return chosen

    def _by_name(self) -> dict[str, str]:
        """Where the bundle has a library, whether the loader looks there or not."""
        found: dict[str, str] = {}
        for path in self._loaded:
            for name in (self._read.elves[path].soname, posixpath.basename(path)):
                found.setdefault(name, path)
        return found

    def _is_public(self, path: str) -> bool:
        """Whether every program may find a library by its name alone: it was asked for."""
        return f"lib/{posixpath.basename(path)}" in self._read.links


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
