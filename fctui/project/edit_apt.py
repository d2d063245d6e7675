"""Changing lists of Debian packages, and `[apt] packages` of the settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fctui.model.errors import UsageError
from fctui.project.apt_file import parse_apt_package, read_apt_file, words
from fctui.project.edit_file import Document, Edit, read_document
from fctui.project.edit_pyproject import dumped_toml, parsed_toml
from fctui.project.load_settings import SHARED_FILE
from fctui.project.project import Project

_PARTS = re.compile(r"(\s*)(\S+)")


def add_apt(project: Project, text: str) -> Edit:
    """Declare a package in the list, in the place of one of its name and architecture."""
    wanted = parse_apt_package(text)
    files = project.of("apt")
    document = read_document(files[0].path if files else project.root / "apt.txt", project.root)
    present = [word for line in document.text.splitlines() for word in words(line)]
    if text in present:
        raise UsageError(f"{document.path.name} declares {text} already.")
    changed = _changed(document, wanted.name, wanted.arch, text)
    if changed is not None:
        return document.edit(changed, f"change {wanted.name} to {text} in {document.path.name}")
    return document.append(text, f"add {text} to {document.path.name}")


def append_apt(project: Project, packages: Sequence[str]) -> Edit:
    """Declare many packages at once, in apt.txt where the list in use cannot have them.

    An Aptfile with repositories is no list that is read: apt.txt takes its place.
    """
    files = project.of("apt")
    try:
        usable = bool(files) and read_apt_file(files[0].path) is not None
    except UsageError:
        usable = False
    path = files[0].path if usable else project.root / "apt.txt"
    document = read_document(path, project.root)
    counted = f"{len(packages)} package{'s' if len(packages) != 1 else ''}"
    return document.append(document.newline.join(packages), f"add {counted} to {path.name}")


def remove_apt(project: Project, name: str) -> Edit | None:
    """Take a package out of the list, or out of the settings."""
    plain, _, arch = name.partition(":")
    meant = (arch,) if arch else ("", None)  # without an architecture, else with any
    for each in meant:
        for file in project.of("apt"):
            document = read_document(file.path, project.root)
            changed = _changed(document, plain, each, "")
            if changed is not None:
                return document.edit(changed, f"remove {name} from {file.path.name}")
        edit = _remove_from_settings(project, plain, each)
        if edit is not None:
            return edit
    return None


def _changed(document: Document, name: str, arch: str | None, instead: str) -> str | None:
    """The list with the first such package replaced and the others taken away; None without one.

    A line that held nothing else goes with its comment.
    """
    lines: list[str] = []
    found = False
    for line in document.text.splitlines(keepends=True):
        kept, hit = [], False
        code = line.partition("#")[0]
        for gap, word in _PARTS.findall(code):
            if not _is(word, name, arch):
                kept.append(gap + word)
                continue
            hit = True
            if instead and not found:
                kept.append(gap + instead)
            found = True
        if not hit:
            lines.append(line)
        elif kept:
            lines.append("".join(kept).lstrip() + line[len(code.rstrip()) :])
    return "".join(lines) if found else None


def _is(word: str, name: str, arch: str | None) -> bool:
    try:
        package = parse_apt_package(word)
    except UsageError:
        return False  # a line that is wrong is told of by whoever resolves
    return package.name == name and arch in {package.arch, None}


def _remove_from_settings(project: Project, name: str, arch: str | None) -> Edit | None:
    """The package taken out of `[apt] packages`."""
    path = project.settings_file
    if path is None or not any(_is(word, name, arch) for word in project.settings.apt.packages):
        return None
    document = read_document(path, project.root)
    parsed = parsed_toml(document)
    table: Any = parsed["tool"]["fctui"] if path.name == SHARED_FILE else parsed
    packages = table["apt"]["packages"]
    for at in reversed(range(len(packages))):
        if _is(str(packages[at]), name, arch):
            del packages[at]
    return document.edit(dumped_toml(parsed, document), f"remove {name} from {path.name}")
