"""What a disk refuses, said so that a user can do something about it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from fctui.model.errors import TaskError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextlib.contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn an OSError of the store in `place` into a TaskError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise TaskError(
                f"The disk is full: the store in {place} has no more room.",
                hint="fctui cache prune makes some; FCTUI_CACHE_DIR names another place.",
            ) from error
        where = f" ({error.filename})" if error.filename else ""
        raise TaskError(
            f"The store in {place} cannot be used: {error.strerror or error}{where}.",
            hint="Name another place with FCTUI_CACHE_DIR.",
        ) from error
