"""The files of a plan's debs, and which of them a pattern names."""

from __future__ import annotations

import bisect
import posixpath
import re
from collections.abc import Iterable, Iterator

from fctui.model.paths import MERGED, MOST_LINKS, ancestors
from fctui.model.plan import Link, PlannedFile
from fctui.model.target import Target


class Tree:
    """Planned files by path, with the directories above them, for lookups by pattern."""

    def __init__(self, target: Target, files: Iterable[PlannedFile]) -> None:
        self._target = target
        self._files = {file.path: file for file in files}
        self._paths = sorted({*self._files, *ancestors(self._files)})

    def add(self, file: PlannedFile) -> None:
        """Add a file, or put it in the place of another."""
        if file.path not in self._files:
            for path in (file.path, *ancestors([file.path])):
                at = bisect.bisect_left(self._paths, path)
                if self._paths[at : at + 1] != [path]:
                    self._paths.insert(at, path)
        self._files[file.path] = file

    def match(self, pattern: str) -> Iterator[str]:
        """The paths that a pattern names, sorted."""
        pattern = self.fill(pattern)
        if "*" not in pattern:
            if self.has(pattern):
                yield pattern
            return
        before = pattern.partition("*")[0]
        fits = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"), re.DOTALL).fullmatch
        at = bisect.bisect_left(self._paths, before)
        while at < len(self._paths) and self._paths[at].startswith(before):
            if fits(self._paths[at]):
                yield self._paths[at]
            at += 1

    def match_any(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """The paths that any of the patterns names, each once, in the patterns' order."""
        return tuple(dict.fromkeys(path for each in patterns for path in self.match(each)))

    def has(self, path: str) -> bool:
        """Whether a file, link or directory stands at a path."""
        at = bisect.bisect_left(self._paths, path)
        return self._paths[at : at + 1] == [path]

    def file(self, path: str) -> PlannedFile | None:
        """The file at the end of a path, links followed; None where there is none."""
        for _ in range(MOST_LINKS):
            file = self._files.get(path)
            if file is None or not isinstance(file.source, Link):
                return file
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.source.target))
        return None

    def absolute(self, path: str) -> str:
        """Where the bundle has what a system has at an absolute path, relative to the bundle;
        "" where it does not.
        """
        bare = posixpath.normpath(path).lstrip("/")
        top, _, rest = bare.partition("/")
        other = f"usr/{bare}" if top in MERGED else rest if top == "usr" else ""
        return next((each for each in (bare, other) if each and self.file(each)), "")

    def fill(self, pattern: str) -> str:
        """A pattern with the target's own names in it."""
        if "{" not in pattern:
            return pattern
        python = ".".join(map(str, self._target.python_xy or ("none",)))
        return (
            pattern.replace("{multiarch}", self._target.multiarch)
            .replace("{arch}", self._target.debian_arch)
            .replace("{python}", python)
        )

    def files(self) -> Iterator[PlannedFile]:
        """All files and links."""
        yield from self._files.values()
