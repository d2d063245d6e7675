"""The hashes of files as they lie on the disk."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def hash_of(path: Path) -> str:
    """A file's SHA-256 in hex; "" for a link, for what is no file, and for what cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with open(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        try:
            return hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            return ""


def hashes_of(top: Path, paths: Sequence[str]) -> dict[str, str]:
    """The same of many files below a directory, on all cores."""
    if not paths:
        return {}
    with ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="hash") as threads:
        return dict(zip(paths, threads.map(hash_of, (top / path for path in paths)), strict=True))
