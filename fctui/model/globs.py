"""Globs as the rules of this house have them: `*` within a directory, `**` also across them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PARTS = re.compile(r"(\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])")
_ANYWHERE = "**/"


class Globs:
    """Several globs at once; upper and lower case are the same.

    Files lie together in directories, so what a glob of directories (`**/tests/**`) says of one is
    remembered, and one of names alone (`**/*.pyi`) never looks at the directory.
    """

    def __init__(self, globs: Iterable[str]) -> None:
        every = tuple(globs)
        names = [g for g in every if g.startswith(_ANYWHERE) and "/" not in g[3:] and g[3:] != "**"]
        trees = [g for g in every if g not in names and g.endswith("/**") and g != "**/**"]
        whole = [g for g in every if g not in names and g not in trees]
        self._names = _compiled(g.removeprefix(_ANYWHERE) for g in names)
        self._trees = _compiled(f"{g.removesuffix('**')}" for g in trees)
        self._whole = _compiled(whole)
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> bool:
        """Whether a file's path matches one of them."""
        directory, _, name = path.rpartition("/")
        return bool(
            (self._names and self._names.fullmatch(name))
            or (self._trees and self.top(directory))
            or (self._whole and self._whole.fullmatch(path))
        )

    def top(self, directory: str) -> str:
        """The uppermost directory of a path, itself included, that they match with everything
        below; "" where none is.
        """
        if self._trees is None or not directory:
            return ""
        known = self._known.get(directory)
        if known is None:
            known = self.top(directory.rpartition("/")[0])
            if not known and self._trees.fullmatch(f"{directory}/"):
                known = directory
            self._known[directory] = known
        return known


def regex(glob: str) -> str:
    """The regular expression, without anchors, of one glob. `**/` is also no directory at all,
    `?` and `[abc]`, `[!abc]` are one character within a directory.
    """
    return "".join(_part(part) for part in _PARTS.split(glob))


def _compiled(globs: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(map(regex, globs))
    return re.compile(joined, re.DOTALL | re.IGNORECASE) if joined else None


def _part(part: str) -> str:
    match part:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
    if part.startswith("[") and part.endswith("]") and len(part) > 2:
        negated = part.startswith("[!")
        inner = part[2 if negated else 1 : -1].replace("\\", r"\\").replace("^", r"\^")
        return f"[^/{inner}]" if negated else f"[{inner}]"
    return re.escape(part)
