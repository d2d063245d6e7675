"""Reading uv.lock: the part of its graph that holds on the target, with every version's files.

Source: uv's documentation, "Lockfile"; version 1 of the format.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from fctui.managers.pip.candidates import Candidates
from fctui.managers.pip.uv_project import PROJECT_NAME
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.access import bare

_VERSION = 1
# The lock format's version that is understood; revisions of it are compatible.


class Locked(Struct, frozen=True):
    """One package of the lock as far as the target needs it. `registry` is the index it is from,
    "" for a URL or a path; `place` is where a package without files lies (a directory, git).
    """

    name: str
    version: str
    requires: tuple[str, ...]
    candidates: Candidates
    registry: str = ""
    place: str = ""
    extras: tuple[str, ...] = ()


def read_lock(text: str, base: Path, holds: Callable[[str], bool]) -> dict[str, Locked]:
    """The packages that the target gets, by normalized name.

    `base` is the directory of the lock, `holds` judges a marker for the target. Raises TaskError
    for a lock of another format.
    """
    data = tomllib.loads(text)
    if data.get("version") != _VERSION:
        raise TaskError(
            f"uv.lock has version {data.get('version')}, which is not understood.",
            hint="Install the uv that fctui names in its dependencies.",
        )
    packages = data.get("package", [])
    known: dict[tuple[str, str], dict[str, Any]] = {}
    versions: dict[str, list[str]] = {}
    for package in packages:
        version = package.get("version", "")
        known[package["name"], version] = package
        versions.setdefault(package["name"], []).append(version)
    return _Walk(known, versions, base, holds).all()


class _Walk:
    """Follows the edges that hold from the root package, with the extras that they ask for."""

    def __init__(
        self,
        known: Mapping[tuple[str, str], dict[str, Any]],
        versions: Mapping[str, list[str]],
        base: Path,
        holds: Callable[[str], bool],
    ) -> None:
        self._known = known
        self._versions = versions
        self._base = base
        self._holds = holds
        self._requires: dict[str, dict[str, None]] = {}
        self._extras: dict[str, dict[str, None]] = {}
        self._taken: dict[str, str] = {}

    def all(self) -> dict[str, Locked]:
        """Every package reached."""
        waiting: list[tuple[str, str]] = [(PROJECT_NAME, "")]
        seen: set[tuple[str, str]] = set()
        self._take(PROJECT_NAME, "")
        while waiting:
            step = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            name, extra = step
            package = self._known[name, self._taken[name]]
            for edge in self._edges(package, extra):
                required = edge["name"]
                self._take(required, edge.get("version", ""))
                self._requires.setdefault(name, {})[required] = None
                waiting.append((required, ""))
                for asked in edge.get("extra", ()):
                    self._extras.setdefault(required, {})[asked] = None
                    waiting.append((required, asked))
        return {name: self._locked(name) for name in sorted(self._taken) if name != PROJECT_NAME}

    def _edges(self, package: dict[str, Any], extra: str) -> Iterable[dict[str, Any]]:
        edges = (
            package.get("optional-dependencies", {}).get(extra, ())
            if extra
            else package.get("dependencies", ())
        )
        return [edge for edge in edges if self._holds(edge.get("marker", ""))]

    def _take(self, name: str, version: str) -> None:
        """Choose the version of a package; where the lock forks, the one for the target."""
        if name in self._taken:
            return
        versions = self._versions[name]
        if version in versions:
            self._taken[name] = version
            return
        for each in versions:
            markers = self._known[name, each].get("resolution-markers", ())
            if not markers or any(map(self._holds, markers)):
                self._taken[name] = each
                return
        self._taken[name] = versions[0]

    def _locked(self, name: str) -> Locked:
        package = self._known[name, self._taken[name]]
        source = package.get("source", {})
        registry = source.get("registry", "")
        sdist = package.get("sdist")
        files = [*package.get("wheels", ()), *([sdist] if sdist else [])]
        artifacts = [self._artifact(file, source) for file in files]
        wheels = tuple(a for a in artifacts if a.filename.endswith(".whl"))
        sdists = [a for a in artifacts if not a.filename.endswith(".whl")]
        place = f"git+{source['git']}" if "git" in source else ""
        for kind in ("directory", "editable", "virtual"):
            if kind in source:
                place = str(self._absolute(source[kind]))
        return Locked(
            name=name,
            version=package.get("version", ""),
            requires=tuple(sorted(self._requires.get(name, ()))),
            candidates=Candidates(wheels, sdists[0] if sdists else None),
            registry=registry,
            place=place,
            extras=tuple(sorted(self._extras.get(name, ()))),
        )

    def _artifact(self, file: dict[str, Any], source: dict[str, str]) -> Artifact:
        """One file: of an index by URL, of a local index by path, or what the source itself is."""
        if "url" in file:
            url = file["url"]
        elif "path" in file and "registry" in source:
            url = self._absolute(source["registry"]).joinpath(file["path"]).as_uri()
        elif "path" in file:
            url = self._absolute(file["path"]).as_uri()
        elif "path" in source:
            url = self._absolute(source["path"]).as_uri()
        else:
            url = source.get("url", "")
        filename = file.get("filename") or unquote(urlsplit(url).path).rpartition("/")[2]
        index = bare(source.get("registry", ""))
        return Artifact(filename, url, file.get("size"), file.get("hash", ""), index)

    def _absolute(self, path: str) -> Path:
        path = path.removeprefix("file://")
        return Path(os.path.normpath(self._base / path))
