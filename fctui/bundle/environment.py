"""The environment variables that a function needs beyond what its runtime already sets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from fctui.bundle.links import LINK_DIRECTORY
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
    target: Target, files: Iterable[PlannedFile], python_dirs: Sequence[str] = ()
) -> dict[str, str]:
    """The variables to set on the function, in the bundle's place on the target.

    `python_dirs` are the directories of the bundle that must be on `sys.path` ("" is its root).
    Variables that the target's presets cover are left out. NODE_PATH is never needed: Node looks
    for `node_modules` in every directory above the file that requires (Node.js, "Modules").
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
    _extend(found, target, "PATH", [d for d in PROGRAM_DIRECTORIES if d in programs])
    _extend(found, target, "LD_LIBRARY_PATH", [LINK_DIRECTORY] if links else [])
    _extend(found, target, "PYTHONPATH", list(python_dirs))
    return found


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


def _extend(found: dict[str, str], target: Target, name: str, directories: list[str]) -> None:
    preset = target.presets.get(name, "")
    present = {posixpath.normpath(p) for p in preset.split(":") if p}
    if name == "PYTHONPATH":
        present |= {posixpath.normpath(p) for p in target.python_path}
    wanted = dict.fromkeys(directories)
    places = [posixpath.normpath(posixpath.join(target.code_dir, d)) for d in wanted]
    missing = [place for place in places if place not in present]
    if not missing:
        return
    kept = preset or (DEFAULT_PATH if name == "PATH" else "")
    found[name] = ":".join([*missing, *([kept] if kept else [])])
