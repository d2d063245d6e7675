"""Copying the example to where a person can change it."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from fctui.model.errors import UsageError


def copy_example(directory: Path) -> bool:
    """Copy the example into a directory; False where it lies there already, edited or not.

    Raises UsageError for a directory that has other files in it.
    """
    with as_file(files("fctui.demo") / "thumbnail") as example:
        names = sorted(path.name for path in example.iterdir() if path.is_file())
        if all((directory / name).is_file() for name in names):
            return False
        if directory.exists() and any(directory.iterdir()):
            raise UsageError(
                f"{directory} has other files in it.", hint="Name a new directory: fctui demo DIR."
            )
        directory.mkdir(parents=True, exist_ok=True)
        for name in names:
            (directory / name).write_bytes((example / name).read_bytes())
    return True
