"""Changing the settings in fctui.toml or [tool.fctui]; comments and layout stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from fctui.model.errors import UsageError
from fctui.project.check_settings import problems
from fctui.project.edit_file import Edit, read_document
from fctui.project.edit_pyproject import dumped_toml, parsed_toml
from fctui.project.load_settings import OWN_FILE, SHARED_FILE
from fctui.project.project import Project
from fctui.project.settings import InstallOption, override

_OPTION = ("pip", "install-option")


def set_method(project: Project, method: str) -> Edit:
    """The change that makes a method the project's own. Raises UsageError for one that is none."""
    override(project.settings, method=method)
    return _set(project, ("pip",), {"method": method}, f"set pip.method to {method}")


def set_rpath(project: Project, *, on: bool) -> Edit:
    """The change that lets libraries of the bundle find each other by RUNPATHs, or no more."""
    what = f"{'set' if on else 'remove'} bundle.rpath"
    return _set(project, ("bundle",), {"rpath": on}, what)


def set_install_option(project: Project, given: InstallOption) -> Edit:
    """The change that names the directories of the method install-option; what is "" goes.

    Raises UsageError for a directory that lies outside of the bundle.
    """
    settings = project.settings
    changed = structs.replace(settings, pip=structs.replace(settings.pip, install_option=given))
    for keys, _, said, hint in problems(changed):
        if keys[: len(_OPTION)] == _OPTION:
            raise UsageError(f"{keys[-1]}: {said}", hint=hint)
    return _set(project, _OPTION, structs.asdict(given), "set pip.install-option")


def add_link(project: Project, path: str) -> Edit:
    """The change that asks for a link to a library of the bundle, so that it is found by name."""
    present = project.settings.bundle.links
    if path in present:
        raise UsageError(f"[bundle] links has {path} already.")
    return _set(project, ("bundle",), {"links": [*present, path]}, f"link {path}")


def fill_settings(
    project: Project, values: Mapping[tuple[str, ...], Mapping[str, Any]]
) -> tuple[Edit, tuple[tuple[str, Any], ...]]:
    """The change that fills in what the settings do not say yet, by table and key; () is the top.

    Lists are added to. Returned beside it is what stands there with another value, and stays.
    """
    import tomlkit

    path = project.settings_file or project.root / OWN_FILE
    document = read_document(path, project.root)
    parsed = parsed_toml(document)
    top: Any = parsed["tool"]["fctui"] if path.name == SHARED_FILE else parsed
    kept: list[tuple[str, Any]] = []
    for table, wanted in sorted(values.items()):
        here = top
        for name in table:
            if name not in here:
                here[name] = tomlkit.table()
            here = here[name]
        for key, value in wanted.items():
            if key not in here:
                here[key] = value
            elif isinstance(value, list):
                here[key].extend(each for each in value if each not in here[key])
            elif here[key] != value:
                kept.append((".".join((*table, key)), here[key]))
    names = ", ".join(".".join((*table, key)) for table, inner in values.items() for key in inner)
    return document.edit(dumped_toml(parsed, document), f"set {names}"), tuple(kept)


def set_prune(project: Project, prune: str | Sequence[str], keep: Sequence[str]) -> Edit:
    """The change that says what is left out of the bundle, and what stays."""
    chosen = prune if isinstance(prune, str) else list(prune)
    return _set(project, ("bundle",), {"prune": chosen, "keep": list(keep)}, "set bundle.prune")


def _set(project: Project, table: Sequence[str], values: Mapping[str, Any], what: str) -> Edit:
    """The change of some keys of a table; a table that is left without any goes as well."""
    import tomlkit

    path = project.settings_file or project.root / OWN_FILE
    document = read_document(path, project.root)
    parsed = parsed_toml(document)
    here: Any = parsed["tool"]["fctui"] if path.name == SHARED_FILE else parsed
    above, name = here, ""
    for name in table:
        above = here
        if name not in here:
            if not any(values.values()):
                return document.edit(document.text, f"{what} in {path.name}")
            here[name] = tomlkit.table()
        here = here[name]
    for key, value in values.items():
        if value:
            here[key] = value
        elif key in here:
            del here[key]
    if not here:
        del above[name]
    return document.edit(dumped_toml(parsed, document), f"{what} in {path.name}")
