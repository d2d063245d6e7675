"""Paths in bundles and root file systems, as text: POSIX, nothing on the disk is asked."""

from __future__ import annotations

from collections.abc import Iterable

MERGED = ("bin", "sbin", "lib", "lib64", "lib32", "libx32")
"""Directories that are links into /usr since Debian 10; packages of before use both names."""

MOST_LINKS = 40
"""The kernel's own bound on links in a path: path_resolution(7)."""


def ancestors(paths: Iterable[str]) -> set[str]:
    """All directories above the paths, but for the top."""
    found: set[str] = set()
    for path in paths:
        directory = path.rpartition("/")[0]
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return found
