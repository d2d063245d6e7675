"""The function's own files as a part of the plan."""

from __future__ import annotations

from pathlib import Path

from fctui.model.plan import Category, Link, PlannedFile, ProjectFile, is_shared_library
from fctui.project.code import CodeFile, code_files
from fctui.project.project import Project

CLASSES = "target/classes/"
_NOT_AT_RUN_TIME = ("target/", "src/main/", "src/test/", ".mvn/")


def planned_code(project: Project, output: Path) -> tuple[PlannedFile, ...]:
    """The files that the project puts at the bundle's root, none where the settings say so.

    With a POM the classes that `mvn compile` has made lie at the root, where a runtime looks for
    them, and neither the sources nor Maven's other output is there: "Introduction to the Standard
    Directory Layout".
    """
    if not project.settings.bundle.code:
        return ()
    java = any(file.kind == "pom.xml" for file in project.of("maven"))
    planned: dict[str, PlannedFile] = {}
    for file in code_files(project, output):
        place = _java_place(file[0]) if java else file[0]
        if place and (place not in planned or place != file[0]):
            planned[place] = _planned(project, place, file)
    return tuple(planned.values())


def _java_place(path: str) -> str:
    """Where a file of a project with a POM lies in the bundle; "" for nowhere."""
    if path.startswith(CLASSES):
        return path.removeprefix(CLASSES)
    return "" if path.startswith(_NOT_AT_RUN_TIME) else path


def _planned(project: Project, place: str, file: CodeFile) -> PlannedFile:
    path, size, mode, link = file
    return PlannedFile(
        path=place,
        size=size,
        category=Category.LINK if link else Category.CODE,
        owner=project.owner,
        manager="project",
        source=Link(link) if link else ProjectFile(path),
        mode=0o755 if mode & 0o111 else 0o644,
        shared_library=is_shared_library(path),
    )
