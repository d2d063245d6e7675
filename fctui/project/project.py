"""A project: a directory and the dependency files found in it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from fctui.project.settings import Settings


class DependencyFile(Struct, frozen=True):
    """One file that declares dependencies: its manager, what it is, its absolute path.

    `kind` is one of `requirements`, `pyproject`, `apt` (apt.txt, Aptfile, apt-get.list), `package.json`,
    `package-lock.json`, `pom.xml`.
    """

    manager: str
    kind: str
    path: Path


class Project(Struct, frozen=True):
    """A function's directory. `settings_file` is where its settings were read, if anywhere."""

    root: Path
    name: str
    files: tuple[DependencyFile, ...]
    settings: Settings
    settings_file: Path | None = None

    def of(self, manager: str) -> tuple[DependencyFile, ...]:
        """The dependency files of one manager."""
        return tuple(file for file in self.files if file.manager == manager)


def load_project(root: Path) -> Project:
    """Find the dependency files and read the settings of a directory.

    Raises UsageError for a directory that is not there and for wrong settings.
    """
    raise NotImplementedError
