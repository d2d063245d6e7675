"""Walking through a directory that has no manifest: sizes by lstat(2), owners by what installers
leave behind.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.explore.catalog import About, Catalog, Columns
from fctui.explore.content import hashes_of
from fctui.explore.guess import guess_categories, guess_owners
from fctui.model.errors import UsageError
from fctui.model.plan import is_shared_library
from fctui.tasks.text import clean


class Found(Struct, frozen=True):
    """What lies below a directory, as lstat(2) tells it, a column for each thing. `unread` are
    directories that could not be looked into.
    """

    paths: list[str]
    sizes: list[int]
    modes: list[int]
    mtimes: list[int]
    links: dict[str, str]
    unread: tuple[str, ...] = ()


def of_directory(top: Path) -> Catalog:
    """Any directory. Raises UsageError where it cannot be read at all."""
    found = walk(top)
    owners = guess_owners(top, found.paths)
    columns = Columns(
        paths=found.paths,
        sizes=found.sizes,
        owners=owners,
        categories=list(guess_categories(found.paths, owners, found.links)),
        libraries=[is_shared_library(path) for path in found.paths],
        links=found.links,
    )
    about = About(kind="directory", place=top, unread=found.unread)

    sizes = dict(zip(found.paths, found.sizes, strict=True))

    def hashes(paths: Sequence[str]) -> Sequence[str]:
        return _hash_alike(top, paths, sizes, found.links)

    return Catalog(columns, about, hashes=hashes, locate=lambda path: top / path)


def walk(top: Path) -> Found:
    """Every file and link; directories count only by what is in them, links are not followed."""
    paths: list[str] = []
    sizes: list[int] = []
    modes: list[int] = []
    mtimes: list[int] = []
    links: dict[str, str] = {}
    unread: list[str] = []
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        try:
            # By descriptor: each stat then looks up one name and not a whole path.
            directory = os.open(f"{top}/{prefix}", os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            if not prefix:
                raise UsageError(f"{clean(str(top))} cannot be read: {error.strerror}.") from error
            unread.append(prefix)
            continue
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    name = prefix + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{name}/")
                        continue
                    status = entry.stat(follow_symlinks=False)
                    paths.append(name)
                    sizes.append(status.st_size)
                    modes.append(status.st_mode)
                    mtimes.append(status.st_mtime_ns)
                    if entry.is_symlink():
                        links[name] = os.readlink(entry.name, dir_fd=directory)
        except FileNotFoundError:
            continue  # removed meanwhile, like the directory or in it
        finally:
            os.close(directory)
    return Found(paths, sizes, modes, mtimes, links, tuple(unread))


def _hash_alike(
    top: Path, paths: Sequence[str], sizes: Mapping[str, int], links: Mapping[str, str]
) -> list[str]:
    """Hashes of the files that are not alone with their size; only those can have a twin."""
    counts = Counter(sizes.values())
    wanted = [p for p in paths if sizes[p] and counts[sizes[p]] > 1 and p not in links]
    found = hashes_of(top, wanted)
    return [found.get(path, "") for path in paths]
