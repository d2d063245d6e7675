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
