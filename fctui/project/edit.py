"""Adding and removing requirements in the project's own files; all else in them stays as it is."""

from __future__ import annotations

from fctui.model.errors import UsageError
from fctui.project.edit_apt import add_apt, remove_apt
from fctui.project.edit_file import Edit
from fctui.project.edit_maven import add_maven, remove_maven
from fctui.project.edit_npm import add_npm, remove_npm
from fctui.project.edit_pip import add_pip, remove_pip
from fctui.project.edit_settings import add_link
from fctui.project.project import Project

__all__ = ["Edit", "add", "remove"]

_ADD = {"pip": add_pip, "apt": add_apt, "npm": add_npm, "maven": add_maven, "bundle": add_link}
_REMOVE = {"pip": remove_pip, "apt": remove_apt, "npm": remove_npm, "maven": remove_maven}


def add(project: Project, manager: str, requirement: str) -> Edit:
    """The change that declares a requirement, in the place of one of the same name if there is one.

    For the manager "bundle" it is the path of a library in the bundle that is to be linked.
    Where the project has no file for it, the change makes one: requirements.txt, apt.txt,
    package.json, maven.txt. Raises UsageError for what is not a requirement of this manager, and
    for one that is declared already in the same words.
    """
    text = requirement.strip()
    if manager not in _ADD:
        raise UsageError(f"Requirements of {manager} cannot be added here.")
    if not text:
        raise UsageError("No requirement is named.")
    return _ADD[manager](project, text)


def remove(project: Project, manager: str, name: str) -> Edit:
    """The change that takes a declared requirement away, wherever in the project it stands.

    Raises UsageError where the project itself does not declare it.
    """
    edit = _REMOVE[manager](project, name.strip()) if manager in _REMOVE else None
    if edit is not None:
        return edit
    raise UsageError(
        f"{name!r} is not declared by this project itself.",
        hint="If another package needs it, fctui why says which.",
    )
