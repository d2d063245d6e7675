"""Merging the managers' layouts into one tree: every path once, conflicts as findings."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Sequence

from msgspec import structs

from fctui.model.contents import Contents
from fctui.model.finding import Finding, Kind
from fctui.model.paths import MOST_LINKS
from fctui.model.plan import Category, Generated, Link, PlannedFile, StoreFile

HARMLESS_TOPS = frozenset({"tests", "test", "docs", "doc", "examples", "benchmarks", "scripts"})
# Top-level directories that many wheels ship by mistake: a clash there is worth knowing, but
# nothing that a function imports.


class Merger:
    """Takes files in the order of their precedence; the first to claim a path keeps it."""

    def __init__(self, contents: Iterable[Contents]) -> None:
        self._listed = {c.digest: c for c in contents}
        self._hashes: dict[str, dict[str, str]] = {}
        self._files: dict[str, PlannedFile] = {}
        self._directories: dict[str, str] = {"": ""}
        self._clashes: dict[tuple[str, str, str, str], list[str]] = {}
        self._breaking: set[tuple[str, str, str, str]] = set()

    def add(self, files: Sequence[PlannedFile]) -> None:
        """Add one manager's files. Links first: a file below a linked directory lies where the
        link leads, as dpkg unpacks it.
        """
        for file in sorted(files, key=lambda file: not isinstance(file.source, Link)):
            self._add(file)

    def result(self) -> tuple[tuple[PlannedFile, ...], tuple[Finding, ...]]:
        """The files sorted by path, and one finding for each pair of owners that clash."""
        files = tuple(self._files[path] for path in sorted(self._files))
        return files, tuple(self._finding(key, paths) for key, paths in self._clashes.items())

    def _add(self, file: PlannedFile) -> None:
        directory, _, name = file.path.rpartition("/")
        resolved = self._directory(directory)
        if resolved is None:
            self._clash(file, self._blocker(directory), directory)
            return
        path = f"{resolved}/{name}" if resolved else name
        if path != file.path:
            file = structs.replace(file, path=path)
        present = self._files.get(path)
        if present is None and path not in self._directories:
            self._files[path] = file
        elif present is None:
            if not isinstance(file.source, Link):
                self._clash(file, self._under(path), path)
        elif not self._same(present, file):
            self._clash(file, present, path)

    def _directory(self, path: str) -> str | None:
        """Where a directory lies once links are followed; None where a file stands in its way."""
        known = self._directories.get(path)
        if known is not None:
            return known
        above, _, name = path.rpartition("/")
        parent = self._directory(above)
        if parent is None:
            return None
        here = f"{parent}/{name}" if parent else name
        for _ in range(MOST_LINKS):
            standing = self._files.get(here)
            if standing is None:
                break
            if not isinstance(standing.source, Link):
                return None
            target = standing.source.target
            here = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
            if here.startswith(("..", "/")):
                return None
        else:
            return None
        self._directories[path] = here
        self._directories.setdefault(here, here)
        return here

    def _blocker(self, directory: str) -> PlannedFile:
        while directory not in self._files:
            directory = posixpath.dirname(directory)
        return self._files[directory]

    def _under(self, directory: str) -> PlannedFile:
        return next(f for path, f in self._files.items() if path.startswith(directory + "/"))

    def _same(self, one: PlannedFile, other: PlannedFile) -> bool:
        if isinstance(one.source, Link) and isinstance(other.source, Link):
            return one.source == other.source
        if one.size != other.size:
            return False
        first = self._hash(one)
        return one.size == 0 or (first != "" and first == self._hash(other))

    def _hash(self, file: PlannedFile) -> str:
        match file.source:
            case StoreFile(digest=digest, path=path):
                if digest not in self._hashes and digest in self._listed:
                    entries = self._listed[digest].entries
                    self._hashes[digest] = {entry.path: entry.sha256 for entry in entries}
                return self._hashes.get(digest, {}).get(path, "")
            case Generated(data=data):
                return hashlib.sha256(data).hexdigest()
        return ""

    def _clash(self, dropped: PlannedFile, kept: PlannedFile, path: str) -> None:
        key = (kept.manager, kept.owner, dropped.manager, dropped.owner)
        if kept.owner == dropped.owner and kept.manager == dropped.manager:
            return
        self._clashes.setdefault(key, []).append(path)
        importable = dropped.category in {Category.PURELIB, Category.PLATLIB}
        own_code = kept.category is Category.CODE
        if importable and not own_code and path.partition("/")[0] not in HARMLESS_TOPS:
            self._breaking.add(key)

    def _finding(self, key: tuple[str, str, str, str], paths: list[str]) -> Finding:
        kept_manager, kept, dropped_manager, dropped = key
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        return Finding(
            kind=Kind.FILE_CONFLICT,
            subject=paths[0],
            needed_by=(kept, dropped),
            breaks=key in self._breaking,
            message=(
                f"{kept} ({kept_manager}) and {dropped} ({dropped_manager}) both bring "
                f"{paths[0]}{others} with different content; that of {kept} is kept."
            ),
        )
