"""Walking through a bundle on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def walk(top: Path) -> Iterator[tuple[str, os.stat_result]]:
    """(path relative to the top, lstat) of every file and link below a directory; directories
    count only by what is in them.
    """
    waiting = [("", str(top))]
    while waiting:
        prefix, directory = waiting.pop()
        with os.scandir(directory) as entries:
            for entry in entries:
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{path}/", entry.path))
                else:
                    yield path, entry.stat(follow_symlinks=False)
