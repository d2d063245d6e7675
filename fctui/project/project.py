"""A project: a directory and the dependency files found in it."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.load_settings import load_settings, read_toml
from fctui.project.settings import Settings

APT_FILES = ("apt.txt", "Aptfile", "apt-get.list")
NPM_LOCKS = ("npm-shrinkwrap.json", "package-lock.json")  # npm reads the shrinkwrap first


class DependencyFile(Struct, frozen=True):
    """One file that declares dependencies: its manager, what it is, its absolute path.

    `kind` is one of `requirements`, `pyproject`, `apt` (apt.txt, Aptfile, apt-get.list),
    `package.json`, `package-lock.json`, `pom.xml`. A file that is not `used` was found but is
    only read when the settings name it (requirements-dev.txt).
    """

    manager: str
    kind: str
    path: Path
    used: bool = True


class Project(Struct, frozen=True):
    """A function's directory. `settings_file` is where its settings were read, if anywhere."""

    root: Path
    name: str
    files: tuple[DependencyFile, ...]
    settings: Settings
    settings_file: Path | None = None

    def of(self, manager: str) -> tuple[DependencyFile, ...]:
        """The dependency files of one manager that are in use."""
        return tuple(file for file in self.files if file.manager == manager and file.used)


def load_project(root: Path) -> Project:
    """Find the dependency files and read the settings of a directory.

    Of the requirement files `requirements.txt` is used, or those that the settings name; others
    (`requirements-dev.txt`) are found and left alone. Raises UsageError for a directory that is
    not there, a named file that is not there, and wrong settings.
    """
    if not root.is_dir():
        raise UsageError(f"There is no directory {root}.", hint="Name a function's directory.")
    root = root.resolve()
    settings, settings_file = load_settings(root)
    files = (
        *_requirement_files(root, settings),
        *_pyproject(root, settings),
        *_first(root, APT_FILES, "apt", "apt"),
        *_first(root, ("package.json",), "npm", "package.json"),
        *_first(root, NPM_LOCKS, "npm", "package-lock.json"),
        *_first(root, ("pom.xml",), "maven", "pom.xml"),
    )
    return Project(root, _name(root), files, settings, settings_file)


def _requirement_files(root: Path, settings: Settings) -> list[DependencyFile]:
    named = [root / name for name in settings.pip.requirements]
    for path in named:
        if not path.is_file():
            raise UsageError(
                f"The settings name {path.name} as a requirements file; it is not there.",
                hint="Mend [pip] requirements in the settings.",
            )
    used = named or [root / "requirements.txt"]
    found = dict.fromkeys([*used, *sorted(root.glob("requirements*.txt"))])
    return [
        DependencyFile("pip", "requirements", path, path in used)
        for path in found
        if path.is_file()
    ]


def _pyproject(root: Path, settings: Settings) -> list[DependencyFile]:
    """pyproject.toml, where it declares dependencies that are asked for."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return []
    data = read_toml(path)
    project = data.get("project", {})
    wanted = bool(
        (isinstance(project, dict) and project.get("dependencies"))
        or settings.pip.extras
        or settings.pip.groups
    )
    return [DependencyFile("pip", "pyproject", path, wanted)]


def _first(root: Path, names: tuple[str, ...], manager: str, kind: str) -> list[DependencyFile]:
    return [DependencyFile(manager, kind, root / n) for n in names if (root / n).is_file()][:1]


def _name(root: Path) -> str:
    """The project's name as its files have it, else the directory's, made safe to show."""
    name: object = root.name
    pyproject = root / "pyproject.toml"
    if pyproject.is_file():
        project = read_toml(pyproject).get("project")
        if isinstance(project, dict):
            name = project.get("name") or name
    return re.sub(r"[^\w.@/-]+", "-", str(name)).strip("-") or "function"
