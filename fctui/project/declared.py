"""What a project declares for each manager, gathered from all of its files and settings."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, structs

from fctui.project.apt_file import AptPackage, parse_apt_package, read_apt_file
from fctui.project.load_settings import setting_line
from fctui.project.maven_file import Coordinate, pom_dependencies, read_maven_list, read_pom
from fctui.project.package_json import NpmRequirement, read_package_json
from fctui.project.project import Project
from fctui.project.pyproject import pyproject_requirements
from fctui.project.requirements import Requirements, read_requirements


class Declared(Struct, frozen=True):
    """One requirement as a user sees it: its name, what is written, file and line.

    `path` is absolute, `line` counts from 1, 0 where it is unknown. `name` is what the manager
    calls it; for a place that does not tell its name it is the place.
    """

    name: str
    requirement: str
    path: Path
    line: int


def declared(project: Project, manager: str) -> tuple[Declared, ...]:
    """What the project itself requires of one manager, in the order of its files.

    Of npm these are what an installation without dev dependencies takes. Raises UsageError for a
    file that cannot be read, with its line.
    """
    if manager == "pip":
        return tuple(
            Declared(r.name or r.url or r.text, r.text, r.source, r.line)
            for r in pip_requirements(project).requirements
        )
    if manager == "apt":
        return tuple(
            Declared(p.name, p.text, p.source or project.root, p.line)
            for p in apt_packages(project)
        )
    if manager == "npm":
        return tuple(
            Declared(r.name, f"{r.name}@{r.spec}", path, r.line)
            for path, r in npm_requirements(project)
            if r.section != "devDependencies"
        )
    if manager == "maven":
        return tuple(
            Declared(c.name, c.text, path, c.line) for path, c in maven_coordinates(project)
        )
    return ()


def pip_requirements(project: Project) -> Requirements:
    """The requirements of all files in use: requirement files, then pyproject.toml.

    Of pyproject.toml come `[project] dependencies`, the extras and the dependency groups (PEP 735)
    that the settings name. Raises UsageError for what is no requirement, with file and line.
    """
    files = project.of("pip")
    read = read_requirements([file.path for file in files if file.kind == "requirements"])
    shared = [file.path for file in files if file.kind == "pyproject"]
    found = [r for path in shared for r in pyproject_requirements(path, project.settings.pip)]
    return structs.replace(
        read,
        requirements=(*read.requirements, *found),
        files=tuple(dict.fromkeys((*read.files, *shared))),
    )


def apt_packages(project: Project) -> tuple[AptPackage, ...]:
    """The Debian packages of the list and of the settings, each text once, the list first."""
    found: dict[str, AptPackage] = {}
    for file in project.of("apt"):
        for package in read_apt_file(file.path):
            found.setdefault(package.text, package)
    where = project.settings_file
    for text in project.settings.apt.packages:
        line = setting_line(where, ["apt", "packages"], text) if where else 0
        found.setdefault(text, parse_apt_package(text, where, line))
    return tuple(found.values())


def npm_requirements(project: Project) -> tuple[tuple[Path, NpmRequirement], ...]:
    """The requirements of package.json in all its sections, with the file's path."""
    return tuple(
        (file.path, requirement)
        for file in project.of("npm")
        if file.kind == "package.json"
        for requirement in read_package_json(file.path).requirements()
    )


def maven_coordinates(project: Project) -> tuple[tuple[Path, Coordinate], ...]:
    """The dependencies that the POM has itself, or those of maven.txt, with the file's path."""
    found: list[tuple[Path, Coordinate]] = []
    for file in project.of("maven"):
        if file.kind == "pom.xml":
            listed = pom_dependencies(read_pom(file.path)[1])
        else:
            listed = read_maven_list(file.path)
        found += [(file.path, coordinate) for coordinate in listed]
    return tuple(found)
