"""The function's own files as a part of the plan."""

from __future__ import annotations

from pathlib import Path

from fctui.model.plan import Category, Link, PlannedFile, ProjectFile, is_shared_library
from fctui.project.code import code_files
from fctui.project.project import Project


def planned_code(project: Project, output: Path) -> tuple[PlannedFile, ...]:
    """The files that the project puts at the bundle's root, none where the settings say so."""
    if not project.settings.bundle.code:
        return ()
    return tuple(
        PlannedFile(
            path=path,
            size=size,
            category=Category.LINK if link else Category.CODE,
            owner=project.name,
            manager="project",
            source=Link(link) if link else ProjectFile(path),
            mode=0o755 if mode & 0o111 else 0o644,
            shared_library=is_shared_library(path),
        )
        for path, size, mode, link in code_files(project, output)
    )
