"""Requirements that are directories of this machine: whether one is as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})


def directory_state(top: Path, without: frozenset[str] = frozenset()) -> str:
    """A hash of the paths, sizes and times of the files below a directory; `without` are names of
    directories that do not count. Blocks.
    """
    digest = hashlib.sha256()
    for directory, names, files in os.walk(top):
        names[:] = sorted(set(names) - without - _VERSION_CONTROL)
        for name in sorted(files):
            status = os.lstat(os.path.join(directory, name))
            path = os.path.relpath(os.path.join(directory, name), top)
            facts = f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0"
            digest.update(facts.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
