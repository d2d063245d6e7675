"""The variables of a function whose dependencies are in layers."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from fctui.archive.places import NODE, Places
from fctui.bundle.environment import DEFAULT_PATH
from fctui.bundle.manifest import ManifestFile
from fctui.model.target import Target

_Wanted = Callable[[ManifestFile, str], bool]
"""`wanted(file, rest)`: whether a file makes a directory one to search, below which it has the
path `rest`."""


def _program(file: ManifestFile, rest: str) -> bool:
    return "/" not in rest and bool(file.link or file.mode & 0o111)


def _library(file: ManifestFile, rest: str) -> bool:
    """Not the extension modules of Python, which are found by their path."""
    named = file.manager != "pip" or rest.startswith("lib")
    return "/" not in rest and file.shared_library and named


def _python(file: ManifestFile, rest: str) -> bool:  # noqa: ARG001 - one shape for all
    """A directory with installed distributions is one to import from."""
    return rest.count("/") == 1 and rest.partition("/")[0].endswith((".dist-info", ".egg-info"))


def _anything(file: ManifestFile, rest: str) -> bool:  # noqa: ARG001 - one shape for all
    return True


_WANTED: dict[str, _Wanted] = {
    "PATH": _program,
    "LD_LIBRARY_PATH": _library,
    "PYTHONPATH": _python,
}


def layer_environment(
    target: Target, variables: Mapping[str, str], places: Places
) -> dict[str, str]:
    """The bundle's variables with every directory of the bundle replaced by where its files are.

    What a preset of the target covered in the code directory has to be said now, and what a
    preset covers in the layers need not be.
    """
    found: dict[str, str] = {}
    for name in sorted({*variables, *_WANTED}):
        value = _adjusted(target, name, variables.get(name), places)
        if value is not None:
            found[name] = value
    modules = f"{target.layer_dir}/{NODE}/node_modules"
    preset = target.presets.get("NODE_PATH", "")
    in_layers = any(place == modules for place, *_ in places.directories("node_modules"))
    if in_layers and modules not in preset.split(":"):
        found["NODE_PATH"] = ":".join([modules, *([preset] if preset else [])])
    return found


def _adjusted(target: Target, name: str, value: str | None, places: Places) -> str | None:
    """One variable's value, None where it need not be set."""
    preset = target.presets.get(name, "")
    searched = [*(value or preset).split(":")]
    if name == "PYTHONPATH":
        searched += [path for path in target.python_path if path not in searched]
    present = {posixpath.normpath(path) for path in preset.split(":") if path}
    if name == "PYTHONPATH":
        present |= {posixpath.normpath(path) for path in target.python_path}
    wanted = _WANTED.get(name, _anything)
    new: list[str] = []
    for path in searched:
        for place in _moved(target, path, wanted, places):
            if place not in present and place not in new:
                new.append(place)
    if value is None:
        kept = preset or (DEFAULT_PATH if name == "PATH" else "")
        return ":".join([*new, *([kept] if kept else [])]) if new else None
    rest = [path for path in value.split(":") if path and not _is_gone(target, path, places)]
    value = ":".join(dict.fromkeys([*new, *rest]))
    return None if not new and set(rest) <= present else value or None


def _moved(target: Target, path: str, wanted: _Wanted, places: Places) -> list[str]:
    """Where a file or directory of the code directory has gone in the layers, if it is wanted."""
    inside = _in_bundle(target, path)
    if inside is None or (not inside and wanted is _anything):
        return []
    if (moved := places.in_layer(inside)) is not None:
        return [f"{target.layer_dir}/{moved}"]
    found = set()
    for place, rest, file in places.directories(inside):
        in_layer = place == target.layer_dir or place.startswith(f"{target.layer_dir}/")
        if in_layer and place not in found and wanted(file, rest):
            found.add(place)
    return sorted(found)


def _is_gone(target: Target, path: str, places: Places) -> bool:
    """Whether nothing is left of a file or directory in the code directory."""
    inside = _in_bundle(target, path)
    if inside is None:
        return False
    if places.in_layer(inside) is not None:
        return True
    return not any(place == posixpath.normpath(path) for place, *_ in places.directories(inside))


def _in_bundle(target: Target, path: str) -> str | None:
    """A path of the target relative to the code directory, None outside of it."""
    normal = posixpath.normpath(path) if path.startswith("/") else ""
    if normal == target.code_dir:
        return ""
    if normal.startswith(f"{target.code_dir}/"):
        return normal[len(target.code_dir) + 1 :]
    return None
