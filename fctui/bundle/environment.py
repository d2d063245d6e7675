"""The environment variables that a function needs beyond what its runtime already sets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence

from fctui.bundle.links import LINK_DIRECTORY
from fctui.bundle.places.apply import Applied, Directories
from fctui.model.finding import Finding, Kind
from fctui.model.plan import Category, PlannedFile
from fctui.model.target import Target

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What Debian's login and its container images set where a runtime's own value is not published.

PROGRAM_DIRECTORIES = (
    "bin",
    "usr/local/bin",
    "usr/bin",
    "usr/local/sbin",
    "sbin",
    "usr/sbin",
    "usr/games",
    "node_modules/.bin",
)


def environment(
    target: Target,
    files: Iterable[PlannedFile],
    python_dirs: Sequence[str] = (),
    applied: Applied | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The variables to set on the function, in the bundle's place on the target.

    `python_dirs` are the directories of the bundle that must be on `sys.path` ("" is its root),
    `applied` what the rules of compiled-in places add, `given` the project's own variables, which
    win. Variables that the target's presets cover are left out. Packages of npm need no NODE_PATH:
    Node looks for `node_modules` in every directory above the file that requires (Node.js,
    "Modules").
    """
    found: dict[str, str] = {}
    programs: set[str] = set()
    links = False
    wanted = set(PROGRAM_DIRECTORIES)
    for file in files:
        directory = file.path.rpartition("/")[0]
        if directory in wanted and (file.mode & 0o111 or file.category is Category.LINK):
            programs.add(directory)
        elif directory == LINK_DIRECTORY and file.shared_library:
            links = True
    path = tuple(d for d in PROGRAM_DIRECTORIES if d in programs)
    _extend(found, target, "PATH", Directories(path, DEFAULT_PATH))
    _extend(found, target, "LD_LIBRARY_PATH", Directories((LINK_DIRECTORY,) if links else ()))
    _extend(found, target, "PYTHONPATH", Directories(tuple(python_dirs)))
    if applied is not None:
        for name, directories in applied.directories:
            _extend(found, target, name, directories)
        found |= applied.values
    return {**found, **(given or {})}


def environment_findings(target: Target, variables: dict[str, str]) -> tuple[Finding, ...]:
    """A finding where the variables exceed what the provider accepts."""
    limit = target.limits.environment
    size = sum(len(f"{name}={value}".encode()) for name, value in variables.items())
    if limit is None or size <= limit:
        return ()
    return (
        Finding(
            kind=Kind.ENVIRONMENT_TOO_LARGE,
            subject=target.id,
            message=f"The environment takes {size} bytes; {target.title} accepts {limit}.",
        ),
    )


def _extend(found: dict[str, str], target: Target, name: str, directories: Directories) -> None:
    """Put directories of the bundle before (or behind) what a variable has by now."""
    value = found.get(name, target.presets.get(name, ""))
    present = {posixpath.normpath(p) for p in value.split(":") if p}
    if name == "PYTHONPATH":
        present |= {posixpath.normpath(p) for p in target.python_path}
    wanted = dict.fromkeys(directories.places)
    places = [posixpath.normpath(posixpath.join(target.code_dir, d)) for d in wanted]
    missing = [place for place in places if place not in present]
    if not missing:
        return
    kept = [value] if value else [] if directories.default is None else [directories.default]
    found[name] = ":".join([*kept, *missing] if directories.behind else [*missing, *kept])
