"""The function's own files as a part of the plan."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from fctui.model.plan import (
    Category,
    LeftOut,
    Link,
    PlannedFile,
    ProjectFile,
    is_shared_library,
)
from fctui.project.code import CodeFile, find_code
from fctui.project.project import Project

CLASSES = "target/classes/"
_NOT_AT_RUN_TIME = ("target/", "src/main/", "src/test/", ".mvn/")


class PlannedCode(Struct, frozen=True):
    """The function's own files in the bundle, and those that could not be taken into it."""

    files: tuple[PlannedFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def planned_code(project: Project, output: Path) -> PlannedCode:
    """What the project puts at the bundle's root, nothing where the settings say so.

    With a POM the classes that `mvn compile` has made lie at the root, where a runtime looks for
    them, and neither the sources nor Maven's other output is there: "Introduction to the Standard
    Directory Layout".
    """
    if not project.settings.bundle.code:
        return PlannedCode()
    java = any(file.kind == "pom.xml" for file in project.of("maven"))
    planned: dict[str, PlannedFile] = {}
    found = find_code(project, output)
    for file in found.files:
        place = _java_place(file[0]) if java else file[0]
        if place and (place not in planned or place != file[0]):
            planned[place] = _planned(project, place, file)
    left_out = tuple(LeftOut(path, reason) for path, reason in found.left_out)
    return PlannedCode(tuple(planned.values()), left_out)


def why_not_there(project: Project, output: Path, path: str) -> str:
    """Why a file of the project is not in a bundle made at `output`, in words; "" where it is, or
    where there is no such file.
    """
    from fctui.project.not_taken import why_not_taken

    reason = why_not_taken(project, output, path)
    java = any(file.kind == "pom.xml" for file in project.of("maven"))
    if not reason and java and not _java_place(path) and (project.root / path).is_file():
        return f"with a pom.xml only {CLASSES} of what Maven reads and writes goes into the bundle"
    return reason


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
