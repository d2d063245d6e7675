"""Reading a package.json: what it declares, and where in the file: package-json(5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from fctui.project.package_json import SECTIONS, read_package_json


class Manifest(Struct, frozen=True):
    """A package.json. `data` is the object as it stands, `lines` tells where a package is required,
    counted from 1.
    """

    path: Path
    data: dict[str, Any]
    lines: Mapping[str, int] = {}

    @property
    def directory(self) -> Path:
        """Where the file lies."""
        return self.path.parent

    @property
    def declared(self) -> dict[str, dict[str, str]]:
        """The requirements by section, see `declared_by`."""
        return declared_by(self.data)

    @property
    def workspaces(self) -> tuple[str, ...]:
        """The glob patterns of its workspaces."""
        found = self.data.get("workspaces")
        if isinstance(found, dict):
            found = found.get("packages")
        return tuple(p for p in found if isinstance(p, str)) if isinstance(found, list) else ()

    @property
    def overrides(self) -> dict[str, Any]:
        """The versions that it forces on packages wherever they are required."""
        found = self.data.get("overrides")
        return found if isinstance(found, dict) else {}


def declared_by(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The four dependency sections as npm understands them: an optional one is no plain one."""
    found = {section: _specs(data.get(section)) for section in SECTIONS}
    for name in found["optionalDependencies"]:
        found["dependencies"].pop(name, None)
    return found


def optional_peers(data: Mapping[str, Any]) -> frozenset[str]:
    """The peers that need not be there, by `peerDependenciesMeta`."""
    meta = data.get("peerDependenciesMeta")
    if not isinstance(meta, dict):
        return frozenset()
    return frozenset(n for n, m in meta.items() if isinstance(m, dict) and m.get("optional"))


def _specs(section: object) -> dict[str, str]:
    if not isinstance(section, dict):
        return {}
    return {name: spec for name, spec in section.items() if isinstance(spec, str)}


def read_manifest(path: Path) -> Manifest:
    """Read a package.json. Raises UsageError with file and line for what is none."""
    file = read_package_json(path)
    return Manifest(
        path,
        {member.key: member.value for member in file.members},
        {each.name: each.line for each in reversed(file.requirements())},
    )


def workspace_manifests(root: Manifest) -> Iterator[Manifest]:
    """The package.json files of the project's workspaces, in order, each once.

    A pattern that begins with `!` takes away what those before it brought (@npmcli/map-workspaces).
    """
    found: dict[Path, None] = {}
    for pattern in root.workspaces:
        clean = pattern.lstrip("!").removeprefix("./").strip("/")
        if not clean or ".." in clean.split("/"):
            continue
        for path in sorted(root.directory.glob(f"{clean}/package.json")):
            if "node_modules" in path.relative_to(root.directory).parts:
                continue
            if pattern.startswith("!"):
                found.pop(path, None)
            else:
                found.setdefault(path)
    for path in found:
        yield read_manifest(path)
