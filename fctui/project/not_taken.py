"""Why a file of the project is not in its bundle: the rules of `find_code`, told for one path."""

from __future__ import annotations

import os
from pathlib import Path

from fctui.model.paths import ancestors
from fctui.project.code import (
    LOCKS,
    SKIPPED_DIRECTORIES,
    SKIPPED_ENDINGS,
    SKIPPED_NAMES,
    STAGING,
    find_code,
    is_foreign,
    is_packed,
    output_paths,
    patterns_of,
)
from fctui.project.project import Project


def why_not_taken(project: Project, output: Path, path: str) -> str:
    """The reason in words, for a path relative to the project; "" where it is taken in, or is not
    there. `output` is where the bundle is made. Raises UsageError like `find_code`.
    """
    path = os.path.normpath(path)
    if path.startswith(("../", "/")) or not os.path.lexists(project.root / path):
        return ""
    if not project.settings.bundle.code:
        return "[bundle] code = false leaves out all files of the project"
    directory = os.path.isdir(project.root / path) and not os.path.islink(project.root / path)
    above = sorted({*ancestors([path]), *([path] if directory else [])})
    for each in above:
        reason = _directory(project, output, each)
        if reason:
            return reason
    if directory:
        return ""
    return _file(project, output, path)


def _directory(project: Project, output: Path, path: str) -> str:
    name = os.path.basename(path)
    if os.path.islink(project.root / path):
        return f"{path} is a link, and what it leads to is not followed"
    if path in _outputs(project, output):
        return f"{path}/ is where bundles are made"
    if name in SKIPPED_DIRECTORIES:
        return f"directories with the name {name} are left out of every bundle"
    if STAGING.match(name):
        return f"{path}/ is a bundle that is being made"
    with os.scandir(project.root / path) as entries:
        if is_foreign(list(entries)):
            return f"{path}/ is a virtual environment, a cache or a bundle"
    return _pattern(project, f"{path}/")


def _file(project: Project, output: Path, path: str) -> str:
    name = os.path.basename(path)
    if path in _outputs(project, output):
        return f"{path} is where bundles are made"
    if name in SKIPPED_NAMES or LOCKS.fullmatch(name):
        return f"files with the name {name} are left out of every bundle"
    ending = next((ending for ending in SKIPPED_ENDINGS if name.endswith(ending)), "")
    if ending:
        return f"files that end with {ending} are left out of every bundle"
    if name.endswith(".zip") and is_packed(str(project.root / path)):
        return f"{path} was packed of a bundle by fctui"
    return _pattern(project, path) or dict(find_code(project, output).left_out).get(path, "")


def _outputs(project: Project, output: Path) -> set[str]:
    outputs = (output, Path(project.settings.bundle.output))
    return {path for each in outputs for path in output_paths(project.root, each)}


def _pattern(project: Project, path: str) -> str:
    """The pattern that leaves a path out: the last one that matches, as in git."""
    patterns = patterns_of(project)
    if not patterns:
        return ""
    import pathspec

    found = pathspec.GitIgnoreSpec.from_lines([line for line, _ in patterns]).check_file(path)
    if not found.include or found.index is None:
        return ""
    pattern, where = patterns[found.index]
    place = where.removeprefix(f"{project.root}/")
    return f"{pattern.strip()!r} in {place or 'the settings'} leaves it out"
