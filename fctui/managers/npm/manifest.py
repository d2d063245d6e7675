"""Reading a package.json: what it declares, and where in the file: package-json(5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from fctui.model.errors import UsageError

_BOM = b"\xef\xbb\xbf"
SECTIONS = ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies")


class Manifest(Struct, frozen=True):
    """A package.json. `data` is the object as it stands, `raw` the bytes of the file."""

    path: Path
    raw: bytes
    data: dict[str, Any] = field(default_factory=dict)

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

    def line_of(self, name: str) -> int:
        """The line, counted from 1, where a package is required; 0 where it is not found."""
        text = self.raw.decode("utf-8", "replace")
        for section in SECTIONS:
            start = re.search(rf'"{section}"\s*:\s*\{{', text)
            if start is None or name not in self.data.get(section, {}):
                continue
            found = text.find(json.dumps(name, ensure_ascii=False), start.end())
            if found >= 0:
                return text.count("\n", 0, found) + 1
        return 0


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
    """Read a package.json. Raises UsageError with file, line and column for what is none."""
    try:
        raw = path.read_bytes().removeprefix(_BOM)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", hint="Restore it, or make it readable."
        ) from error
    data = parse_json(raw, path)
    for section in SECTIONS:
        if not isinstance(data.get(section, {}), dict):
            line = _line_of_key(raw, section)
            raise UsageError(
                f'{path}:{line}: "{section}" must be an object of names and versions.',
                hint=f'Write it as "{section}": {{"name": "^1.0.0"}}.',
            )
    return Manifest(path, raw, data)


def parse_json(raw: bytes, path: Path) -> dict[str, Any]:
    """The object in a JSON file; UsageError with line and column where there is none."""
    try:
        data = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise UsageError(
            f"{path}:{line}:{column}: the file is not UTF-8.", hint="Save it as UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}.",
            hint="Correct that place; JSON knows no comments and no comma after the last item.",
        ) from error
    except RecursionError as error:
        raise UsageError(f"{path} is nested too deeply.", hint="Is it the right file?") from error
    if not isinstance(data, dict):
        raise UsageError(
            f"{path}:1:1: the file must hold one JSON object.", hint="Start it with {."
        )
    return data


def _line_of_key(raw: bytes, key: str) -> int:
    found = raw.find(f'"{key}"'.encode())
    return raw.count(b"\n", 0, max(found, 0)) + 1


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
