"""Where the symbolic links of debs lead, once the debs lie in a bundle and not at `/`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping

from fctui.model.paths import MERGED, MOST_LINKS, ancestors


class Tree:
    """The paths of a bundle's debs: files, directories and links."""

    def __init__(self, files: Iterable[str], links: Mapping[str, str]) -> None:
        """`links` maps a path to where its link leads, as in the deb."""
        self._files = set(files)
        self._links = dict(links)
        self._directories = {"", *ancestors((*self._files, *self._links))}

    def add_link(self, path: str, target: str) -> None:
        """Add a link that no deb has."""
        self._links[path] = target
        self._directories.update(ancestors([path]))

    def find(self, path: str) -> str | None:
        """The path, relative to the bundle, under which a path of a system is there; None if not.

        It is another one than asked for where the bundle has it on the other side of a merged
        /usr. Links on the way are followed, the last one is not.
        """
        wanted = path.lstrip("/")
        top, _, rest = wanted.partition("/")
        candidates = [wanted]
        if top in MERGED:
            candidates.append(f"usr/{wanted}")
        elif top == "usr" and rest.partition("/")[0] in MERGED:
            candidates.append(rest)
        return next((each for each in candidates if self._leads(each)), None)

    def _leads(self, path: str) -> bool:
        """Whether a file, directory or link that ends in one stands at a path."""
        for _ in range(MOST_LINKS):
            if path in self._files or path in self._directories:
                return True
            if path in self._links:
                path = destination(path, self._links[path])
                continue
            through = self._through_link(path)
            if through is None:
                return False
            path = through
        return False

    def _through_link(self, path: str) -> str | None:
        """The path with the first link among its directories followed."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            above = "/".join(parts[:count])
            if above in self._links:
                return f"{destination(above, self._links[above])}/{'/'.join(parts[count:])}"
            if above not in self._directories:
                other = self.find_directory(above)
                return None if other is None else f"{other}/{'/'.join(parts[count:])}"
        return None

    def find_directory(self, path: str) -> str | None:
        """A directory on the other side of a merged /usr."""
        other = f"usr/{path}" if path.partition("/")[0] in MERGED else path.removeprefix("usr/")
        return other if other != path and other in self._directories else None


def destination(path: str, target: str) -> str:
    """Where a link at `path` leads, as a path without the leading `/`. `..` at the root stays."""
    joined = posixpath.join("/", posixpath.dirname(path), target)
    return posixpath.normpath(joined).lstrip("/")


def relative(path: str, to: str) -> str:
    """A link target at `path` that leads to `to`, both relative to the bundle."""
    return posixpath.relpath(to or ".", posixpath.dirname(path) or ".")
