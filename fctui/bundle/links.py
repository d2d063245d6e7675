"""Links in `lib/` for every library that the bundle's system directories hold.

A system would find them through ld.so.conf(5) and its cache. On the target neither can be changed,
and LD_LIBRARY_PATH has no effect once the process runs; `lib/` in the code directory is preset.
"""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Mapping, Sequence

from fctui.model.contents import Contents
from fctui.model.paths import MOST_LINKS
from fctui.model.plan import Category, Link, PlannedFile, is_shared_library

LINK_DIRECTORY = "lib"


def library_links(
    files: Sequence[PlannedFile],
    directories: Sequence[str],
    contents: Iterable[Contents] = (),
    asked: Sequence[str] = (),
) -> tuple[PlannedFile, ...]:
    """One link `lib/<name>` for each library that a loader has to find by its name.

    These are, the first one of a name winning: those that lie directly in one of `directories`, as
    in ld.so.conf(5); in private directories that a library names in its RUNPATH with an absolute
    path (`/usr/lib/…/pulseaudio`), since that path does not exist on the target; the files that
    the project asks for, by path; and wherever else they lie, those that a library of a deb needs.
    A link leads to the file itself, not to another link, and a soname that no file is named after
    gets its link as well (ldconfig(8)).
    """
    listed = list(contents)
    elves = [elf for item in listed for elf in item.elf.values()]
    runpaths = {path.strip("/") for elf in elves for path in elf.runpath if path.startswith("/")}
    libraries = [
        file
        for file in files
        if posixpath.dirname(file.path) != LINK_DIRECTORY and is_shared_library(file.path)
    ]
    inside: dict[str, list[PlannedFile]] = {}
    for file in libraries:
        inside.setdefault(posixpath.dirname(file.path), []).append(file)
    links = _Links(files, listed)
    for directory in dict.fromkeys((*directories, *sorted(runpaths))):
        for file in inside.get(directory.strip("/"), ()):
            links.add(file)
    for path in asked:
        if path in links.by_path:
            links.add(links.by_path[path])
    needed = {soname for elf in elves for soname in elf.needed}
    for file in libraries:
        if file.manager == "apt":
            links.add(file, needed)
    return tuple(links.found[path] for path in sorted(links.found))


class _Links:
    """Links by path; who is added first keeps a name."""

    def __init__(self, files: Sequence[PlannedFile], contents: Iterable[Contents]) -> None:
        self.by_path = {file.path: file for file in files}
        self.found: dict[str, PlannedFile] = {}
        self._sonames = {
            (item.digest, path): elf.soname
            for item in contents
            for path, elf in item.elf.items()
            if elf.soname
        }

    def add(self, file: PlannedFile, only: Container[str] | None = None) -> None:
        """Link a library by its file name and its soname, or by those of them in `only`."""
        final = end_of(file, self.by_path)
        if final is None:
            return
        key = (getattr(final.source, "digest", ""), getattr(final.source, "path", ""))
        for name in (posixpath.basename(file.path), self._sonames.get(key, "")):
            path = f"{LINK_DIRECTORY}/{name}"
            wanted = name and (only is None or name in only)
            if wanted and path not in self.by_path and path not in self.found:
                self.found[path] = _link(path, final)


def end_of(file: PlannedFile, by_path: Mapping[str, PlannedFile]) -> PlannedFile | None:
    """The file at the end of a chain of links inside the bundle; None for a dangling one."""
    for _ in range(MOST_LINKS):
        if not isinstance(file.source, Link):
            return file
        where = posixpath.join(posixpath.dirname(file.path), file.source.target)
        following = by_path.get(posixpath.normpath(where))
        if following is None:
            return None
        file = following
    return None


def _link(path: str, final: PlannedFile) -> PlannedFile:
    target = posixpath.relpath(final.path, LINK_DIRECTORY)
    return PlannedFile(
        path=path,
        size=len(target.encode()),
        category=Category.LINK,
        owner=final.owner,
        manager=final.manager,
        source=Link(target),
        mode=0o777,
        shared_library=True,
    )
