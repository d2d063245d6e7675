"""Putting a finished directory in the place of another in one step: renameat2(2)."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import shutil
import tempfile
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


def staging_prefix(output: Path) -> str:
    """How the names of an output's staging directories begin; they stand beside it."""
    return f".{output.name}.fctui-"


def make_staging(output: Path) -> Path:
    """A new empty directory beside the output, so on the same file system."""
    output.parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=staging_prefix(output), dir=output.parent))
    path.chmod(0o755)  # mkdtemp makes it 0700; a bundle is read by another user on the target
    return path


def recover(output: Path) -> None:
    """Remove what a killed build left, and put the old bundle back where the swap was cut in two.

    The caller holds the output's lock, so no staging directory belongs to a living build.
    """
    replaced = _replaced(output)
    if replaced.is_dir() and not output.exists():
        replaced.rename(output)
    if not output.parent.is_dir():
        return
    for left in output.parent.glob(f"{glob.escape(staging_prefix(output))}*"):
        remove_tree(left)


def swap_in(staging: Path, output: Path) -> None:
    """Make `staging` the output, in one step where the file system can exchange two names.

    What stood at the output before is removed afterwards. Where names cannot be exchanged the
    old bundle is moved aside for the moment, and `recover` mends a kill between the two renames.
    """
    if not output.exists():
        staging.rename(output)
        return
    if _exchange(staging, output):
        remove_tree(staging)
        return
    replaced = _replaced(output)
    output.rename(replaced)
    staging.rename(output)
    remove_tree(replaced)


def remove_tree(path: Path) -> None:
    """Remove a directory; files in it may be read-only, and it may be gone already."""
    shutil.rmtree(path, ignore_errors=True)


def _replaced(output: Path) -> Path:
    return output.parent / f"{staging_prefix(output)}replaced"


def _exchange(one: Path, other: Path) -> bool:
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    args = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if renameat2(*args) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(other))
