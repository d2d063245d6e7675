"""A copy of what npm reads of a project, so that resolving never writes into the project itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from fctui.managers.npm.manifest import Manifest, read_manifest, workspace_manifests
from fctui.project.package_json import SECTIONS

LOCK_NAMES = ("npm-shrinkwrap.json", "package-lock.json")
# The first that is there counts, as in npm.

_ARCHIVES = (".tgz", ".tar.gz", ".tar")


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
    return found


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
