"""A project: a directory and the dependency files found in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.load_settings import SHARED_FILE, load_settings, read_toml, setting_line
from fctui.project.settings import Settings

APT_FILES = ("apt.txt", "Aptfile", "apt-get.list")
MAVEN_FILES = ("pom.xml", "maven.txt")
NPM_LOCKS = ("npm-shrinkwrap.json", "package-lock.json")  # npm reads the shrinkwrap first


FUNCTION = "function"
"""What a project is called that has no name."""


class DependencyFile(Struct, frozen=True):
    """One file that declares dependencies: its manager, what it is, its absolute path.

    `kind` is one of `requirements`, `pyproject`, `apt` (apt.txt, Aptfile, apt-get.list),
    `package.json`, `package-lock.json`, `pom.xml`, `maven.txt`. A file that is not `used` was found
    but is only read when the settings name it (requirements-dev.txt).
    """

    manager: str
    kind: str
    path: Path
    used: bool = True


class Project(Struct, frozen=True):
    """A function's directory. `settings_file` is where its settings were read, if anywhere.

    `name` is for showing: the files' own, or else the directory's. `owner` is what a bundle calls
    the function's own files by: nothing of where the project lies is in it.
    """

    root: Path
    name: str
    files: tuple[DependencyFile, ...]
    settings: Settings
    settings_file: Path | None = None
    owner: str = FUNCTION

    def of(self, manager: str) -> tuple[DependencyFile, ...]:
        """The dependency files of one manager that are in use."""
        return tuple(file for file in self.files if file.manager == manager and file.used)


def load_project(root: Path) -> Project:
    """Find the dependency files and read the settings of a directory.

    Of the requirement files those are used that `[pip] requirements` names, and `requirements.txt`
    where it names none: a list in the settings is the whole list. Others (requirements-dev.txt,
    requirements/*.txt) are found and left alone, as tests and tools do not belong in a bundle.
    pyproject.toml is used beside them when it has `[project] dependencies`, or when the settings
    name extras or groups. Of several lists of Debian packages the first of APT_FILES is used.

    Raises UsageError for a directory or a named file that is not there, and for wrong settings.
    A dependency file is read only when somebody asks what it declares.
    """
    if not root.is_dir():
        what = "is not a directory" if root.exists() else "does not exist"
        raise UsageError(f"{root} {what}.", hint="Name a function's directory.")
    root = root.resolve()
    settings, settings_file = load_settings(root)
    shared = root / SHARED_FILE
    pyproject = read_toml(shared) if shared.is_file() else None
    files = (
        *_requirement_files(root, settings, settings_file),
        *_pyproject(shared, pyproject, settings),
        *_first(root, APT_FILES, "apt", "apt"),
        *_first(root, ("package.json",), "npm", "package.json"),
        *_first(root, NPM_LOCKS, "npm", "package-lock.json"),
        *_first(root, MAVEN_FILES, "maven"),
    )
    declared = _declared_name(root, pyproject)
    name = declared or _shown(root.name) or FUNCTION
    return Project(root, name, files, settings, settings_file, declared or FUNCTION)


def _requirement_files(
    root: Path, settings: Settings, settings_file: Path | None
) -> list[DependencyFile]:
    named = [root / name for name in settings.pip.requirements]
    for name, path in zip(settings.pip.requirements, named, strict=True):
        if not path.is_file():
            keys = ["pip", "requirements"]
            line = setting_line(settings_file, keys, name) if settings_file else 0
            raise UsageError(
                f"{settings_file}:{line}: pip.requirements names {name!r}, which is not there.",
                hint="Make the file, or take its name out of the settings.",
            )
    used = named or [root / "requirements.txt"]
    others = (*sorted(root.glob("requirements*.txt")), *sorted(root.glob("requirements/*.txt")))
    return [
        DependencyFile("pip", "requirements", path, path in used)
        for path in dict.fromkeys((*used, *others))
        if path.is_file()
    ]


def _pyproject(path: Path, data: dict[str, Any] | None, settings: Settings) -> list[DependencyFile]:
    """pyproject.toml, in use where it declares dependencies that are asked for."""
    if data is None:
        return []
    project = data.get("project")
    used = bool(
        (isinstance(project, dict) and project.get("dependencies"))
        or settings.pip.extras
        or settings.pip.groups
    )
    return [DependencyFile("pip", "pyproject", path, used)]


def _first(
    root: Path, names: tuple[str, ...], manager: str, kind: str = ""
) -> list[DependencyFile]:
    """The first of the names that is there is used, the others are not. Without a kind each name
    is one of its own.
    """
    found = [root / name for name in names if (root / name).is_file()]
    return [DependencyFile(manager, kind or path.name, path, path == found[0]) for path in found]


def _declared_name(root: Path, pyproject: dict[str, Any] | None) -> str:
    """The project's name as its files have it, made safe to show."""
    names = [_text(pyproject, "project", "name"), _package_name(root / "package.json")]
    return next(filter(None, map(_shown, names)), "")


def _shown(name: str) -> str:
    return re.sub(r"[^\w.@/-]+", "-", name, flags=re.ASCII).strip("-./")


def _package_name(path: Path) -> str:
    """The name in a package.json; a file that cannot be read is told of where npm is asked."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return _text({"package": data}, "package", "name")


def _text(data: dict[str, Any] | None, table: str, key: str) -> str:
    inner = (data or {}).get(table)
    value = inner.get(key) if isinstance(inner, dict) else None
    return value if isinstance(value, str) else ""
