"""Copying the example to where a person can change it."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from fctui.model.errors import UsageError

MARK = "fctui.toml"


def copy_example(directory: Path) -> bool:
    """Copy the example into a directory; False where it lies there already.

    Raises UsageError for a directory that has other files in it.
    """
    if (directory / MARK).is_file():
        return False
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            f"{directory} has other files in it.", hint="Name a new directory: fctui demo DIR."
        )
    directory.mkdir(parents=True, exist_ok=True)
    with as_file(files("fctui.demo") / "thumbnail") as example:
        for path in sorted(example.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = directory / path.relative_to(example)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    return True
