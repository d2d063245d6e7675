"""Where projects of uv take packages from: `[tool.uv.sources]` and `[[tool.uv.index]]`.

Source: uv's documentation, "Managing dependencies" and "Package indexes". Left unread, a package of
the project's own would come from the public index, where somebody else may have that name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import structs

from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.load_settings import read_toml
from fctui.project.requirements import Requirement
from fctui.project.settings import PipSettings

Table = Mapping[str, Any]


def uv_options(data: Table, path: Path) -> tuple[tuple[str, str], ...]:
    """The project's indexes as pip's options; explicit ones are for those that name them alone."""
    uv = _uv(data)
    found = []
    for each in _indexes(uv, path):
        if each.get("default"):
            found.append(("--index-url", each["url"]))
        elif not each.get("explicit"):
            found.append(("--extra-index-url", each["url"]))
    return tuple(found)


def sourced(requirement: Requirement, data: Table, settings: PipSettings) -> Iterator[Requirement]:
    """The requirement as its sources have it: one for each whose extra or group is in use.

    Raises UsageError for what is no source.
    """
    listed = _uv(data).get("sources", {})
    if not isinstance(listed, dict) or requirement.url:
        yield requirement
        return
    by_name = {normalized(name): value for name, value in listed.items()}
    value = by_name.get(requirement.name, [])
    entries = [value] if isinstance(value, dict) else value
    at = f"{requirement.source}: tool.uv.sources.{requirement.name}"
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise UsageError(f"{at} is not a table.")
    used = [each for each in entries if _in_use(each, settings)]
    for each in used:
        yield _from(requirement, each, data, at)
    if not used:
        yield requirement


def _from(requirement: Requirement, source: Table, data: Table, at: str) -> Requirement:
    marker = _both(requirement.marker, str(source.get("marker", "")))
    tail = f" ; {marker}" if marker else ""
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    if "index" in source:
        indexes = _indexes(_uv(data), requirement.source)
        url = next((each["url"] for each in indexes if each.get("name") == source["index"]), "")
        if not url:
            raise UsageError(f"{at} names the index {source['index']!r}, which is not there.")
        text = f"{requirement.name}{extras}{requirement.specifier}{tail}"
        return structs.replace(requirement, text=text, marker=marker, index=url)
    place = _place(source, requirement, at)
    text = f"{requirement.name}{extras} @ {place}{tail}"
    return structs.replace(requirement, text=text, specifier="", marker=marker, url=place)


def _place(source: Table, requirement: Requirement, at: str) -> str:
    """The place as a requirement names it."""
    below = f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""
    if "git" in source:
        revision = next((source[key] for key in ("rev", "tag", "branch") if source.get(key)), "")
        where = str(source["git"]).removeprefix("git+")
        return f"git+{where}{f'@{revision}' if revision else ''}{below}"
    if "url" in source:
        return f"{source['url']}{below}"
    if "path" in source:
        path = str(source["path"])
    elif source.get("workspace"):
        member = _member(requirement.name, requirement.source, at)
        path = os.path.relpath(member, requirement.source.parent)
    else:
        raise UsageError(f"{at} has no source that is known here.", hint="git, url, path, index …")
    return path if path.startswith(("/", "./", "../", "~")) else f"./{path}"


def _member(name: str, path: Path, at: str) -> Path:
    """The directory of a workspace's member."""
    for directory in path.parents:
        file = directory / "pyproject.toml"
        workspace = _uv(read_toml(file)).get("workspace") if file.is_file() else None
        if not isinstance(workspace, dict):
            continue
        for pattern in (".", *workspace.get("members", ())):
            for member in sorted(directory.glob(str(pattern))) if pattern != "." else [directory]:
                own = member / "pyproject.toml"
                project = read_toml(own).get("project", {}) if own.is_file() else {}
                if normalized(str(project.get("name", ""))) == name:
                    return member
        break
    raise UsageError(f"{at} is to be a member of the workspace, which has none of that name.")


def _in_use(source: Table, settings: PipSettings) -> bool:
    """Whether what a source is limited to, an extra or a group, is part of the bundle."""
    for key, chosen in (("extra", settings.extras), ("group", settings.groups)):
        wanted = source.get(key)
        if wanted is not None and normalized(str(wanted)) not in set(map(normalized, chosen)):
            return False
    return True


def _indexes(uv: Table, path: Path) -> list[Table]:
    listed = uv.get("index", [])
    if not isinstance(listed, list) or not all(
        isinstance(each, dict) and isinstance(each.get("url"), str) for each in listed
    ):
        raise UsageError(f"{path}: tool.uv.index is not a list of tables with an url each.")
    return listed


def _uv(data: Table) -> Table:
    tool = data.get("tool", {})
    uv = tool.get("uv", {}) if isinstance(tool, dict) else {}
    return uv if isinstance(uv, dict) else {}


def _both(one: str, other: str) -> str:
    """Two markers as one."""
    return f"({one}) and ({other})" if one and other else one or other
