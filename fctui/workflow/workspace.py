"""Several functions below one directory: finding them, and how far each of them is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, read_manifest
from fctui.model.errors import FctuiError, UsageError
from fctui.model.target import Limits
from fctui.project.imports.read import TEMPLATE_NAMES, read_templates
from fctui.project.load_settings import OWN_FILE, SHARED_FILE, read_toml
from fctui.project.project import APT_FILES, MAVEN_FILES, Project, load_project
from fctui.targets.load import load_target

State = Literal["new", "built", "changed", "wrong"]

_DEEPEST = 6
_MOST = 20_000
# Directories that are looked into: a home directory would take for ever.

_NOT_OURS = frozenset({"node_modules", "__pycache__", "site-packages", "target", "venv", "dist"})

_FILES = frozenset(
    {*APT_FILES, *MAVEN_FILES, "package.json", "requirements.txt", "requirements", SHARED_FILE}
)
# Only a directory that has one of them is looked at closely.


class Member(Struct, frozen=True):
    """One function. `directory` is absolute, `target` its target's name; `told` is the same where
    only a template says it, and "" where the settings decide. `problem` is why it cannot be read.

    `state` is `built` where a bundle stands for this target, `changed` where a file of the
    project's dependencies or settings is newer than it; `size` is the bundle's, in bytes.
    """

    name: str
    directory: Path
    target: str
    state: State
    managers: tuple[str, ...] = ()
    size: int | None = None
    limits: Limits = Limits()
    problem: str = ""
    told: str = ""


class _Found(Struct, frozen=True):
    """A directory that may be a function, what a template says of it, and whether it is said."""

    directory: Path
    name: str = ""
    target: str = ""
    problem: str = ""
    said: bool = False


def find_members(root: Path) -> tuple[Member, ...]:
    """The functions of a directory, by path.

    Those are functions that have settings of their own, or that a template tells of. Where there
    are none of these, every directory is one that has dependency files; the top is left out
    where others are below it, for its files are the repository's own.

    Raises UsageError for what is no directory.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no directory.", hint="Name the directory of a repository.")
    root = root.resolve()
    found = list(_walk(root, root))
    told = {each.directory: each for each in found if each.said and not each.name}
    for each in found:  # what a template tells wins over what is merely there
        if each.said and each.name:
            told[each.directory] = each
    if told:
        chosen = list(told.values())
    else:
        below = [each for each in found if each.directory != root]
        chosen = [each for each in below if not _within(each, below)] or found
    return tuple(_member(each, root) for each in sorted(chosen, key=lambda e: e.directory))


def workspace_of(directory: Path) -> Path:
    """The directory whose functions a function is one of: the highest one above it, within its
    repository, that has a template or `.git`; else its own.
    """
    directory = directory.resolve()
    above: list[Path] = []
    for place in (directory, *directory.parents):
        above.append(place)
        if (place / ".git").exists():
            return place
    marked = [p for p in above[:_DEEPEST] if any((p / n).is_file() for n in TEMPLATE_NAMES)]
    return marked[-1] if marked else directory


def _walk(root: Path, top: Path) -> Iterator[_Found]:
    waiting, looked = [(root, 0)], 0
    while waiting and looked < _MOST:
        directory, depth = waiting.pop()
        looked += 1
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
            continue
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names or (directory / MANIFEST_PATH).is_file():
            continue  # an environment, a bundle
        yield from _in_directory(directory, names, top)
        if depth < _DEEPEST:
            waiting += [
                (directory / entry.name, depth + 1)
                for entry in reversed(entries)
                if entry.is_dir(follow_symlinks=False)
                and not entry.name.startswith(".")
                and entry.name not in _NOT_OURS
            ]


def _in_directory(directory: Path, names: set[str], top: Path) -> Iterator[_Found]:
    if names & set(TEMPLATE_NAMES):
        try:
            functions = read_templates(directory)
        except UsageError as error:
            yield _Found(directory, problem=error.message, said=True)
            return
        for place, told in functions.found.items():
            if place.is_relative_to(top) and _declares(place):
                yield _Found(place, told.name, told.target, said=True)
    if OWN_FILE in names or (SHARED_FILE in names and _shared_settings(directory)):
        yield _Found(directory, said=True)
    elif names & _FILES and _declares(directory):
        yield _Found(directory)


def _member(found: _Found, root: Path) -> Member:
    directory = found.directory
    inside = directory.relative_to(root).as_posix()
    name = found.name or (inside if inside != "." else directory.name)
    if found.problem:
        return Member(name, directory, "", "wrong", problem=found.problem)
    try:
        project = load_project(directory)
        target = _target(project, found.target)
        facts = load_target(str(directory / target) if target.endswith(".toml") else target)
    except FctuiError as error:
        return Member(name, directory, found.target, "wrong", problem=error.message)
    managers = tuple(dict.fromkeys(file.manager for file in project.files if file.used))
    if project.settings.apt.packages:
        managers = tuple(dict.fromkeys((*managers, "apt")))
    state, size = _state(project, facts.id)
    told = found.target if target == found.target and not _names_target(project) else ""
    return Member(name, directory, target, state, managers, size, facts.limits, told=told)


def _target(project: Project, told: str) -> str:
    """That of the settings where they name one, else that of the template."""
    if told and not _names_target(project):
        return told
    named = project.settings.target
    return named if isinstance(named, str) else named[0]


def _names_target(project: Project) -> bool:
    path = project.settings_file
    if path is None:
        return False
    data = read_toml(path)
    return "target" in (data["tool"]["fctui"] if path.name == SHARED_FILE else data)


def _state(project: Project, target: str) -> tuple[State, int | None]:
    bundle = project.root / project.settings.bundle.output
    try:
        manifest = read_manifest(bundle)
    except UsageError:
        return "new", None
    made = (bundle / MANIFEST_PATH).stat().st_mtime_ns
    files = [file.path for file in project.files if file.used]
    files += [project.settings_file] if project.settings_file else []
    newer = any(path.stat().st_mtime_ns > made for path in files if path.is_file())
    changed = newer or manifest.target != target
    return ("changed" if changed else "built"), manifest.totals.size


def _declares(directory: Path) -> bool:
    """Whether there are dependency files in use; a directory that cannot be read has none."""
    try:
        return any(file.used for file in load_project(directory).files)
    except FctuiError:
        return True  # it has them, and what is wrong is told of it


def _shared_settings(directory: Path) -> bool:
    try:
        tool = read_toml(directory / SHARED_FILE).get("tool")
    except UsageError:
        return False
    return isinstance(tool, dict) and "fctui" in tool


def _within(found: _Found, others: list[_Found]) -> bool:
    """Whether it lies in another one: requirements of a function's tests are no function."""
    return any(
        other.directory != found.directory and found.directory.is_relative_to(other.directory)
        for other in others
    )
