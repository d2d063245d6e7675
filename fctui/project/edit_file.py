"""A change of one file: computed first, shown, then written in one step, and taken back."""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import stat
import tempfile
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import TaskError, UsageError
from fctui.tasks.text import clean

_BOM = b"\xef\xbb\xbf"
_NEW_FILE_MODE = 0o666  # less the umask, as any program makes a file


class Edit(Struct, frozen=True):
    """A change of one file, not yet made. `before` is None where there is no file yet."""

    path: Path
    before: bytes | None
    after: bytes
    summary: str

    @property
    def diff(self) -> tuple[str, ...]:
        """The change as lines of a unified diff, without its headers, safe to show."""
        old = (self.before or b"").decode("utf-8", "replace").splitlines()
        new = self.after.decode("utf-8", "replace").splitlines()
        lines = list(difflib.unified_diff(old, new, lineterm="", n=1))
        return tuple(clean(line) for line in lines[2:])

    def apply(self) -> None:
        """Write the file in one step, with the mode that it has.

        Raises UsageError, having changed nothing, if somebody has changed it since it was read or
        if it is a link now; TaskError where it cannot be written.
        """
        _write(self.path, self.before, self.after)

    def undo(self) -> None:
        """Put back what stood there before; raises as `apply` does."""
        if self.before is not None:
            _write(self.path, self.after, self.before)
            return
        with contextlib.suppress(FileNotFoundError):
            if self.path.read_bytes() != self.after:
                raise _changed(self.path)
            self.path.unlink()


class Document(Struct, frozen=True):
    """A text file as read for an edit: its text without a byte order mark, and its bytes.

    `before` is None where there is no file yet.
    """

    path: Path
    text: str = ""
    before: bytes | None = None

    @property
    def newline(self) -> str:
        """How the file ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def edit(self, text: str, summary: str) -> Edit:
        """The change to another text, which keeps the byte order mark."""
        mark = _BOM if (self.before or b"").startswith(_BOM) else b""
        return Edit(self.path, self.before, mark + text.encode("utf-8"), clean(summary))

    def append(self, line: str, summary: str) -> Edit:
        """The change that adds a line at the end."""
        gap = self.newline if self.text and not self.text.endswith("\n") else ""
        return self.edit(f"{self.text}{gap}{line}{self.newline}", summary)


def read_document(path: Path, root: Path) -> Document:
    """A file of the project for an edit, empty where there is none.

    Raises UsageError for what is not changed from here: a file out of the project, a symbolic
    link, text that is not UTF-8.
    """
    if not path.parent.resolve().is_relative_to(root):
        raise UsageError(
            f"{path} is not a file of this project, so it is not changed here.",
            hint="Edit it by hand.",
        )
    if path.is_symlink():
        raise UsageError(
            f"{path.name} is a symbolic link, so it is not changed here.",
            hint=f"Edit {os.path.realpath(path)} by hand.",
        )
    try:
        before = path.read_bytes()
    except FileNotFoundError:
        return Document(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return Document(path, before.removeprefix(_BOM).decode("utf-8"), before)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8, so it is not changed here.", hint="Edit it by hand."
        ) from error


def _write(path: Path, expected: bytes | None, data: bytes) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path.name} is not a plain file any more; nothing was written.")
    try:
        if (path.read_bytes() if status is not None else None) != expected:
            raise _changed(path)
        replace(path, data)
    except OSError as error:
        hint = "Free some space." if error.errno in {errno.ENOSPC, errno.EDQUOT} else ""
        raise TaskError(f"{path} cannot be written: {error.strerror}.", hint=hint) from error


def replace(path: Path, data: bytes) -> None:
    """Write a file in one step, with the mode and owner that it has. Raises OSError."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if status is None:
                os.fchmod(file.fileno(), _NEW_FILE_MODE & ~_umask())
            else:
                os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
                if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                    with contextlib.suppress(PermissionError):
                        os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _umask() -> int:
    """The process's umask, which can only be read by setting it: umask(2)."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _changed(path: Path) -> UsageError:
    return UsageError(
        f"{path.name} has changed since it was read; nothing was written.",
        hint="Look at it again, then repeat.",
    )
