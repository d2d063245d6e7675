"""A copy of what npm reads of a project, so that resolving never writes into the project itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from fctui.managers.npm.manifest import Manifest, read_manifest, workspace_manifests
from fctui.project.package_json import SECTIONS

LOCK_NAMES = ("npm-shrinkwrap.json", "package-lock.json")
# The first that is there counts, as in npm.

YARN_LOCK = "yarn.lock"
# npm takes the versions of one of Yarn 1 where there is no lock of its own.

OTHER_LOCKS = (YARN_LOCK, "pnpm-lock.yaml", "bun.lock")
# What it does not understand: of newer Yarns, of pnpm and Bun.

_ARCHIVES = (".tgz", ".tar.gz", ".tar")

_BEGINNING = 1000
# Bytes of a lock in which it says whose it is.


def local_paths(manifest: Manifest) -> Iterator[str]:
    """The paths, relative to the manifest, of requirements that are directories or tarballs here.

    npm-package-arg: `file:path`, or a bare path that begins like one. Absolute ones need no copy.
    """
    for section in SECTIONS:
        for spec in manifest.declared[section].values():
            path = spec.removeprefix("file:")
            is_path = spec.startswith(("file:", "./", "../"))
            if is_path and not path.startswith(("/", "~")):
                yield path


def gather(root: Manifest, workspaces: tuple[Manifest, ...]) -> dict[str, Path]:
    """The files that a resolution depends on, by their path relative to the project: package.json
    files of the project, its workspaces and local dependencies, locks, `.npmrc`, local tarballs.
    """
    found: dict[str, Path] = {}
    waiting = [root, *workspaces]
    while waiting:
        manifest = waiting.pop(0)
        name = os.path.relpath(manifest.path, root.directory)
        if name in found:
            continue
        found[name] = manifest.path
        for path in local_paths(manifest):
            place = Path(os.path.normpath(manifest.directory / path))
            inner = place / "package.json"
            if inner.is_file():
                local = read_manifest(inner)
                waiting += [local, *workspace_manifests(local)]
            elif place.is_file() and place.name.endswith(_ARCHIVES):
                found[os.path.relpath(place, root.directory)] = place
    for name in (*LOCK_NAMES, ".npmrc"):
        if (root.directory / name).is_file():
            found[name] = root.directory / name
    yarn = root.directory / YARN_LOCK
    if not any(name in found for name in LOCK_NAMES) and is_yarn_1(yarn):
        found[YARN_LOCK] = yarn
    return found


def leads_out(files: Iterable[str]) -> bool:
    """Whether directories beside the project are among what was gathered. A bundle gets copies of
    them, for no link can lead there.
    """
    return any(path.startswith("../") and path.endswith("/package.json") for path in files)


def is_yarn_1(path: Path) -> bool:
    """Whether there is a lock of Yarn 1, the only Yarn's that npm reads."""
    with suppress(OSError), path.open("rb") as file:
        return b"# yarn lockfile v1" in file.read(_BEGINNING)
    return False


def unread_locks(directory: Path) -> list[str]:
    """Locks of other tools whose versions npm does not take, where there is none of its own."""
    if any((directory / name).is_file() for name in LOCK_NAMES):
        return []
    return [
        name
        for name in OTHER_LOCKS
        if (directory / name).is_file() and not (name == YARN_LOCK and is_yarn_1(directory / name))
    ]


def stage(files: Mapping[str, Path], into: Path) -> Path:
    """Copy gathered files below an empty directory, as they lie to each other; returns the copy of
    the project's directory.
    """
    ups = max(path.count("../") for path in files)
    project = into.joinpath(*["up"] * ups, "project")
    for path, source in files.items():
        target = Path(os.path.normpath(project / path))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return project
