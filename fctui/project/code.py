"""The function's own files: everything in its directory but what no function needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from fctui.project.project import Project

IGNORE_FILES = (".fcignore", ".funignore", ".fctuiignore")
# Files of patterns that people have already: Serverless Devs', funcraft's, and our own.

SKIPPED_DIRECTORIES = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules", ".fctui", ".venv", "venv"}
    | {".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".idea", ".vscode"}
    | {".s", ".fun", ".serverless", ".aws-sam", ".terraform"}
)
# Version control, caches, editors, virtual environments, other tools' build directories.

SKIPPED_ENDINGS = (".pyc", ".pyo", ".swp", "~", ".orig", ".rej")
SKIPPED_NAMES = frozenset({".DS_Store", "Thumbs.db", ".gitignore", ".gitattributes", *IGNORE_FILES})

CodeFile = tuple[str, int, int, str]
"""(path relative to the project, bytes, permission bits, link target or "")"""


def code_files(project: Project, output: Path) -> tuple[CodeFile, ...]:
    """The files that go into the bundle beside the dependencies, sorted by path.

    Left out are SKIPPED_*, any directory with a `pyvenv.cfg`, the output and what stands beside
    it while it is being made, and what `[bundle] exclude` or an ignore file matches (gitignore
    patterns). A symbolic link is kept as one; one that leads out of the project is left out.
    """
    root = str(project.root)
    ignored = _ignored(project)
    skipped = _output_paths(project.root, output)
    found: list[CodeFile] = []
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(f"{root}/{prefix}") as entries:
            listed = list(entries)
        if prefix and any(entry.name == "pyvenv.cfg" for entry in listed):
            continue
        for entry in listed:
            path = prefix + entry.name
            if path in skipped or any(path.startswith(f"{s}.fctui-") for s in skipped.values()):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_DIRECTORIES and not ignored(f"{path}/"):
                    waiting.append(f"{path}/")
            elif not _skipped(entry.name) and not ignored(path):
                _take(entry, path, root, found)
    return tuple(sorted(found))


def _take(entry: os.DirEntry[str], path: str, root: str, found: list[CodeFile]) -> None:
    status = entry.stat(follow_symlinks=False)
    if entry.is_symlink():
        target = os.readlink(entry.path)
        leads = os.path.normpath(os.path.join(os.path.dirname(entry.path), target))
        if leads.startswith(f"{root}/"):
            relative = os.path.relpath(leads, os.path.dirname(entry.path))
            found.append((path, len(os.fsencode(relative)), 0o777, relative))
    elif entry.is_file(follow_symlinks=False):
        found.append((path, status.st_size, status.st_mode & 0o777, ""))


def _skipped(name: str) -> bool:
    return name in SKIPPED_NAMES or name.endswith(SKIPPED_ENDINGS)


def _output_paths(root: Path, output: Path) -> dict[str, str]:
    """The output's path relative to the project, and how the names of its siblings begin."""
    where = os.path.abspath(output if output.is_absolute() else root / output)
    relative = os.path.relpath(where, root)
    if relative.startswith(".."):
        return {}
    directory, _, name = relative.rpartition("/")
    return {relative: f"{directory}/.{name}" if directory else f".{name}"}


def _ignored(project: Project) -> Callable[[str], bool]:
    patterns = list(project.settings.bundle.exclude)
    for name in IGNORE_FILES:
        path = project.root / name
        if path.is_file():
            patterns += path.read_text(encoding="utf-8", errors="replace").splitlines()
    if not patterns:
        return lambda _path: False
    import pathspec

    return pathspec.PathSpec.from_lines("gitignore", patterns).match_file
