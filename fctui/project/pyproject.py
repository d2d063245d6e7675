"""Requirements in pyproject.toml: PEP 621's dependencies and extras, PEP 735's groups."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.load_settings import read_toml
from fctui.project.requirements import Requirement, parse_requirement
from fctui.project.settings import PipSettings
from fctui.project.uv_sources import sourced, uv_options


def pyproject_requirements(path: Path, settings: PipSettings) -> tuple[Requirement, ...]:
    """`[project] dependencies` and the extras and groups that the settings name, in this order;
    from where `[tool.uv.sources]` says.

    Raises UsageError for an extra or group that is not there, for groups that include one another,
    and for what is no requirement, with its line.
    """
    data = read_toml(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    project = _table(data, "project", path)
    wanted = _strings(project.get("dependencies", []), path, "project.dependencies")
    optional = _table(project, "optional-dependencies", path)
    for extra in settings.extras:
        key = _find(optional, extra, path, "extra")
        wanted += _strings(optional[key], path, f"project.optional-dependencies.{key}")
    groups = _table(data, "dependency-groups", path)
    for group in settings.groups:
        wanted += _group(groups, group, path, ())
    found = (parse_requirement(text, path, _line(lines, text)) for text in wanted)
    return tuple(each for one in found for each in sourced(one, data, settings))


def pyproject_options(path: Path) -> tuple[tuple[str, str], ...]:
    """What `[[tool.uv.index]]` says, as pip's options. Raises UsageError."""
    return uv_options(read_toml(path), path)


def _group(groups: dict[str, Any], name: str, path: Path, within: tuple[str, ...]) -> list[str]:
    """A group with those that it includes (PEP 735)."""
    key = _find(groups, name, path, "dependency group")
    if key in within:
        circle = " → ".join((*within, key))
        raise UsageError(f"{path}: dependency groups include one another: {circle}.")
    if not isinstance(groups[key], list):
        raise UsageError(f"{path}: dependency-groups.{key} is not a list of requirements.")
    found: list[str] = []
    for item in groups[key]:
        if isinstance(item, dict) and set(item) == {"include-group"}:
            found += _group(groups, str(item["include-group"]), path, (*within, key))
        else:
            found += _strings([item], path, f"dependency-groups.{key}")
    return found


def _find(names: dict[str, Any], wanted: str, path: Path, kind: str) -> str:
    """The key of a name; both are compared normalized (PEP 685, PEP 735)."""
    for key in names:
        if normalized(key) == normalized(wanted):
            return key
    known = f"It has {', '.join(map(repr, sorted(names)))}." if names else "It has none."
    raise UsageError(f"{path} has no {kind} {wanted!r}, which the settings name.", hint=known)


def _table(data: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise UsageError(f"{path}: {key} is not a table.")
    return value


def _strings(value: object, path: Path, where: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise UsageError(f"{path}: {where} is not a list of requirements.")


def _line(lines: list[str], text: str) -> int:
    """The line that a string of the file stands on, 0 where it is written in another way."""
    written = (json.dumps(text, ensure_ascii=False), f"'{text}'")
    return next((n for n, line in enumerate(lines, 1) if any(w in line for w in written)), 0)
