"""Links in `lib/` for every library that the bundle's system directories hold.

A system would find them through ld.so.conf(5) and its cache. On the target neither can be changed,
and LD_LIBRARY_PATH has no effect once the process runs; `lib/` in the code directory is preset.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from fctui.model.contents import Contents
from fctui.model.plan import Category, Link, PlannedFile, is_shared_library

LINK_DIRECTORY = "lib"


def library_links(
    files: Sequence[PlannedFile], directories: Sequence[str], contents: Iterable[Contents] = ()
) -> tuple[PlannedFile, ...]:
    """One link `lib/<name>` for each library that lies directly in one of `directories`.

    The first directory wins, as in ld.so.conf(5). Private directories that a library of the
    bundle names in its RUNPATH with an absolute path (`/usr/lib/…/pulseaudio`) are searched too,
    since that path does not exist on the target. A link leads to the file itself, not to another
    link, and a soname that no file is named after gets its link as well (ldconfig(8)).
    """
    listed = list(contents)
    runpaths = dict.fromkeys(
        path.strip("/")
        for item in listed
        for elf in item.elf.values()
        for path in elf.runpath
        if path.startswith("/")
    )
    sonames = {
        (item.digest, path): elf.soname
        for item in listed
        for path, elf in item.elf.items()
        if elf.soname
    }
    by_path = {file.path: file for file in files}
    inside: dict[str, list[PlannedFile]] = {}
    for file in files:
        directory, _, name = file.path.rpartition("/")
        if directory != LINK_DIRECTORY and is_shared_library(name):
            inside.setdefault(directory, []).append(file)
    found: dict[str, PlannedFile] = {}
    for directory in dict.fromkeys((*directories, *runpaths)):
        for file in inside.get(directory.strip("/"), ()):
            final = _final(file, by_path)
            if final is None:
                continue
            key = (getattr(final.source, "digest", ""), getattr(final.source, "path", ""))
            for name in (posixpath.basename(file.path), sonames.get(key, "")):
                path = f"{LINK_DIRECTORY}/{name}"
                if name and path not in by_path and path not in found:
                    found[path] = _link(path, final)
    return tuple(found[path] for path in sorted(found))


def _final(file: PlannedFile, by_path: Mapping[str, PlannedFile]) -> PlannedFile | None:
    """The file at the end of a chain of links inside the bundle; None for a dangling one."""
    for _ in range(40):  # the kernel's own bound, see path_resolution(7)
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
