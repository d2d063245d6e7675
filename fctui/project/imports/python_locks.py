"""Reading poetry.lock and uv.lock: what the project itself needs, with pins, markers and hashes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.markers import InvalidMarker, Marker

from fctui.model.names import normalized
from fctui.project.imports.imported import Imported, Place
from fctui.project.load_settings import SHARED_FILE, read_toml
from fctui.project.text_file import text_of

_HEADER = re.compile(r"\s*\[\[package\]\]")
_LONGEST = 2000
# Characters of a marker that was put together: beyond it, it is left out, which asks for more
# packages than are needed and never for less.

_MOST_WAYS = 8
# Conditions of one package; with more of them it is asked for always.


@dataclass
class _Package:
    """A locked package. `edges` are (name, version or "", marker, extras)."""

    name: str
    version: str
    place: Place
    edges: list[tuple[str, str, str, tuple[str, ...]]] = field(default_factory=list)
    hashes: tuple[str, ...] = ()
    extras: dict[str, list[tuple[str, str, str, tuple[str, ...]]]] = field(default_factory=dict)
    source: str = ""  # where it is from, if not from an index
    markers: set[str] = field(default_factory=set)
    reached: bool = False


def read_uv_lock(path: Path, into: Imported) -> None:
    """What is reached from the project without its groups: `uv sync --no-dev` installs that."""
    data = read_toml(path)
    packages = []
    projects = []
    for entry, place in _entries(data, path):
        package = _Package(normalized(str(entry.get("name"))), str(entry.get("version", "")), place)
        package.edges = list(map(_uv_edge, _tables(entry, "dependencies")))
        optional = entry.get("optional-dependencies", {})
        package.extras = {key: list(map(_uv_edge, tables)) for key, tables in optional.items()}
        files = [*_tables(entry, "wheels"), *_tables({"s": [entry.get("sdist")]}, "s")]
        package.hashes = tuple(str(each["hash"]) for each in files if each.get("hash"))
        source = entry.get("source", {})
        place_of = source.get("editable") or source.get("virtual") or source.get("directory")
        if place_of == ".":
            projects.append(package)
        elif "registry" not in source:
            package.source = str(place_of or source.get("git") or source.get("url") or "")
        packages.append(package)
    roots = [edge for project in projects for edge in project.edges]
    _take(into, packages, roots, apart={id(each) for each in projects})


def read_poetry_lock(path: Path, into: Imported) -> None:
    """What is reached from `[tool.poetry.dependencies]` or `[project]` of pyproject.toml."""
    data = read_toml(path)
    old_files = data.get("metadata", {}).get("files", {})
    packages = []
    for entry, place in _entries(data, path):
        name = str(entry.get("name"))
        package = _Package(normalized(name), str(entry.get("version", "")), place)
        for key, wanted in entry.get("dependencies", {}).items():
            package.edges += _poetry_edges(key, wanted)
        for key, listed in entry.get("extras", {}).items():
            names = (re.match(r"[\w.-]+", str(text)) for text in listed)
            package.extras[key] = [(normalized(n[0]), "", "", ()) for n in names if n]
        files = entry.get("files") or old_files.get(name, ())
        package.hashes = tuple(str(each["hash"]) for each in files if "hash" in each)
        source = entry.get("source", {})
        if source.get("type") in {"git", "directory", "url", "file"}:
            package.source = str(source.get("url", ""))
        packages.append(package)
    shared = path.parent / SHARED_FILE
    roots = list(_poetry_roots(read_toml(shared))) if shared.is_file() else []
    if not roots:  # nobody says what is asked for: what the lock itself calls the main group
        main = [e for e, _ in _entries(data, path) if _is_main(e)]
        roots = [(normalized(str(e.get("name"))), "", "", ()) for e in main]
    _take(into, packages, roots, apart=set())


def _take(
    into: Imported,
    packages: list[_Package],
    roots: list[tuple[str, str, str, tuple[str, ...]]],
    apart: set[int],
) -> None:
    """Walk the graph from the roots; each way to a package adds its condition."""
    by_name: dict[str, list[_Package]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    waiting = [(*root, "") for root in roots]
    seen: set[tuple[str, str, str, tuple[str, ...], str]] = set()
    while waiting:
        name, version, marker, extras, above = step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        condition = _and(above, marker)
        for package in by_name.get(name, ()):
            if id(package) in apart or version not in {"", package.version}:
                continue
            known = package.reached and (not package.markers or condition in package.markers)
            chosen = [edge for extra in extras for edge in package.extras.get(extra, ())]
            if known:
                waiting += [(*edge, condition) for edge in chosen]
                continue
            if not condition or len(package.markers) >= _MOST_WAYS:
                package.markers, condition = set(), ""
            else:
                package.markers.add(condition)
            package.reached = True
            waiting += [(*edge, condition) for edge in (*package.edges, *chosen)]
    for package in packages:
        if id(package) not in apart:
            _take_package(into, package, several=len(by_name[package.name]) > 1)


def _take_package(into: Imported, package: _Package, *, several: bool) -> None:
    shown = f"{package.name} {package.version}".strip()
    if not package.reached:
        into.leave(package.place, shown, "is for development or an extra only")
    elif package.source:
        into.leave(package.place, f"{shown} from {package.source}", "is not from an index")
    else:
        marker = " or ".join(f"({each})" for each in sorted(package.markers))
        if len(package.markers) == 1:
            marker = next(iter(package.markers))
        if not _is_marker(marker) or (len(marker) > _LONGEST and not several):
            marker = ""
        text = f"{package.name}=={package.version}" + (f" ; {marker}" if marker else "")
        into.take_pip(package.place, text, package.hashes)


def _entries(data: Mapping[str, Any], path: Path) -> Iterator[tuple[Mapping[str, Any], Place]]:
    """The packages with the lines of their headers, which stand in the same order."""
    lines = text_of(path).splitlines()
    places = [number for number, line in enumerate(lines, 1) if _HEADER.match(line)]
    listed = _tables(data, "package")
    for at, entry in enumerate(listed):
        yield entry, Place(path, places[at] if len(places) == len(listed) else 0)


def _uv_edge(edge: Mapping[str, Any]) -> tuple[str, str, str, tuple[str, ...]]:
    extras = tuple(map(str, edge.get("extra", ())))
    version, marker = str(edge.get("version", "")), str(edge.get("marker", ""))
    return normalized(str(edge.get("name"))), version, marker, extras


def _poetry_edges(name: str, wanted: object) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """A dependency is a range, a table, or a list of tables, one for each marker."""
    for each in wanted if isinstance(wanted, list) else [wanted]:
        table = each if isinstance(each, dict) else {}
        if not table.get("optional"):
            extras = tuple(map(str, table.get("extras", ())))
            yield normalized(name), "", str(table.get("markers", "")), extras


def _poetry_roots(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    tool = data.get("tool", {}).get("poetry", {}).get("dependencies", {})
    for name, wanted in tool.items():
        if normalized(name) != "python":
            yield from _poetry_edges(name, wanted)
    for text in data.get("project", {}).get("dependencies", ()):
        found = re.match(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?[^;]*(?:;(.*))?", str(text))
        if found:
            extras = tuple(e.strip() for e in (found[2] or "").split(",") if e.strip())
            yield normalized(found[1]), "", (found[3] or "").strip(), extras


def _is_main(entry: Mapping[str, Any]) -> bool:
    if entry.get("optional"):
        return False
    groups = entry.get("groups") or [entry.get("category", "main")]
    return "main" in groups or "default" in groups


def _and(one: str, other: str) -> str:
    if not one or not other or one == other:
        return one or other
    return f"({one}) and ({other})" if len(one) + len(other) < _LONGEST else one


def _is_marker(text: str) -> bool:
    try:
        return not text or bool(Marker(text))
    except InvalidMarker:
        return False


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [each for each in data.get(key, ()) if isinstance(each, dict)]
