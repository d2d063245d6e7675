"""Reading a text file of the project."""

from __future__ import annotations

from pathlib import Path

from fctui.model.errors import UsageError


def text_of(path: Path) -> str:
    """A file's text without a byte order mark. Raises UsageError for what is not UTF-8, with its
    place, and for a file that cannot be read.
    """
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        raise UsageError(
            f"{path}:{line}:{column}: not UTF-8: {error.reason}.", hint="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", hint="Restore it, or make it readable."
        ) from error
