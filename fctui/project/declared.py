"""What a project declares for each manager, gathered from all of its files and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import structs

from fctui.model.errors import UsageError
from fctui.project.apt_file import AptPackage, parse_apt_package, read_apt_file
from fctui.project.load_settings import read_toml
from fctui.project.project import Project
from fctui.project.requirements import (
    Requirement,
    Requirements,
    parse_requirement,
    read_requirements,
)


def pip_requirements(project: Project) -> Requirements:
    """The requirements of all files in use: requirement files and pyproject.toml.

    Of pyproject.toml come `[project] dependencies`, the extras and the dependency groups (PEP 735)
    that the settings name. Raises UsageError for what is no requirement, with file and line.
    """
    files = project.of("pip")
    read = read_requirements([file.path for file in files if file.kind == "requirements"])
    declared = [
        requirement
        for file in files
        if file.kind == "pyproject"
        for requirement in _pyproject(file.path, project)
    ]
    paths = (*read.files, *(file.path for file in files if file.kind == "pyproject"))
    return structs.replace(
        read, requirements=(*read.requirements, *declared), files=tuple(dict.fromkeys(paths))
    )


def apt_packages(project: Project) -> tuple[AptPackage, ...]:
    """The Debian packages of the list and of the settings, each name once, the list first."""
    found: dict[str, AptPackage] = {}
    for file in project.of("apt"):
        for package in read_apt_file(file.path):
            found.setdefault(package.text, package)
    for text in project.settings.apt.packages:
        found.setdefault(text, parse_apt_package(text, project.settings_file, 0))
    return tuple(found.values())


def _pyproject(path: Path, project: Project) -> Iterator[Requirement]:
    data = read_toml(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    table = data.get("project") or {}
    wanted = list(_strings(table.get("dependencies", []), path, "project.dependencies"))
    optional = table.get("optional-dependencies") or {}
    for extra in project.settings.pip.extras:
        if extra not in optional:
            raise UsageError(f"{path} has no extra {extra!r}.", hint=_known(optional))
        wanted += _strings(optional[extra], path, f"project.optional-dependencies.{extra}")
    for group in project.settings.pip.groups:
        wanted += _group(data.get("dependency-groups") or {}, group, path, ())
    for text in wanted:
        yield parse_requirement(text, path, _line(lines, text))


def _group(groups: dict[str, Any], name: str, path: Path, within: tuple[str, ...]) -> list[str]:
    """A dependency group with those that it includes (PEP 735); names are compared normalized."""
    normalized = {_normalized(key): key for key in groups}
    key = normalized.get(_normalized(name))
    if key is None:
        raise UsageError(f"{path} has no dependency group {name!r}.", hint=_known(groups))
    if key in within:
        circle = " → ".join((*within, key))
        raise UsageError(f"{path}: dependency groups include one another: {circle}.")
    found: list[str] = []
    for item in groups[key]:
        if isinstance(item, dict) and set(item) == {"include-group"}:
            found += _group(groups, str(item["include-group"]), path, (*within, key))
        else:
            found += _strings([item], path, f"dependency-groups.{key}")
    return found


def _strings(value: object, path: Path, where: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise UsageError(f"{path}: {where} is not a list of requirements.")


def _line(lines: list[str], text: str) -> int:
    """The line that a string of the file stands on, 0 when it is written in another way."""
    return next(
        (n for n, line in enumerate(lines, 1) if f'"{text}"' in line or f"'{text}'" in line), 0
    )


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _known(names: dict[str, Any]) -> str:
    return f"It has {', '.join(sorted(names))}." if names else "It has none."
