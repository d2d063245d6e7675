"""What a project declares for pip, gathered from all of its files and settings."""

from __future__ import annotations

from msgspec import structs

from fctui.project.project import Project
from fctui.project.pyproject import pyproject_options, pyproject_requirements
from fctui.project.requirements import Requirements, read_requirements


def pip_requirements(project: Project) -> Requirements:
    """The requirements of all files in use: requirement files, then pyproject.toml.

    Of pyproject.toml come `[project] dependencies`, the extras and the dependency groups (PEP 735)
    that the settings name, from the sources and indexes of uv's tables. Raises UsageError for what
    is no requirement, with file and line.
    """
    files = project.of("pip")
    read = read_requirements([file.path for file in files if file.kind == "requirements"])
    shared = [file.path for file in files if file.kind == "pyproject"]
    found = [r for path in shared for r in pyproject_requirements(path, project.settings.pip)]
    return structs.replace(
        read,
        requirements=(*read.requirements, *found),
        options=(*read.options, *(each for path in shared for each in pyproject_options(path))),
        files=tuple(dict.fromkeys((*read.files, *shared))),
    )
