"""Changing the requirements of a package.json: one section's text, and nothing around it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from fctui.model.errors import UsageError
from fctui.project.edit_file import Document, Edit, read_document
from fctui.project.package_json import PackageJson, parse_package_json
from fctui.project.project import Project
from fctui.tasks.text import clean

_REQUIREMENT = re.compile(r"((?:@[\w~-][\w.~-]*/)?[\w~-][\w.~-]*)(?:@(.+))?", re.ASCII)
_LONGEST = 214  # characters of a package's name: npm's documentation of package.json, "name"
_ANY = "*"
_COLLATION = "_-.@/~0123456789abcdefghijklmnopqrstuvwxyz"  # CLDR's root collation


def add_npm(project: Project, text: str) -> Edit:
    """Declare a package in `dependencies`, or in `optionalDependencies` if it stands there.

    As npm does, it leaves `devDependencies`, and the section is sorted. Without a range a package
    that is declared keeps its own, and any version is asked for of another.
    """
    match = _REQUIREMENT.fullmatch(text)
    if match is None or len(match[1]) > _LONGEST or clean(text) != text:
        raise UsageError(
            f"{text!r} is not the name of an npm package.",
            hint="Write a name, with @ and a range behind it if you like: sharp@^0.34.",
        )
    name, document = match[1], _document(project)
    file = parse_package_json(document.text or "{}", document.path)
    section = "optionalDependencies" if name in file.section("optionalDependencies") else ""
    section = section or "dependencies"
    before, dev = file.section(section).get(name), file.section("devDependencies").get(name)
    spec = match[2] or before or dev or _ANY
    if before == spec:
        raise UsageError(
            f"{document.path.name} declares {name}@{spec} already.",
            hint=f"Write {name}@RANGE for another version.",
        )
    changed = file.section(section) | {name: spec}
    result = _with_section(file, section, changed)
    if dev is not None:
        file = parse_package_json(result, document.path)
        rest = {key: v for key, v in file.section("devDependencies").items() if key != name}
        result = _with_section(file, "devDependencies", rest)
    verb = f"change {name}@{before} to" if before else "add"
    return document.edit(result, f"{verb} {name}@{spec} in {document.path.name}")


def declare_npm(project: Project, packages: Mapping[str, str]) -> Edit:
    """Declare many packages at once, by name and range, in `dependencies`."""
    document = _document(project)
    file = parse_package_json(document.text or "{}", document.path)
    changed = file.section("dependencies") | dict(packages)
    text = _with_section(file, "dependencies", changed)
    counted = f"{len(packages)} package{'s' if len(packages) != 1 else ''}"
    return document.edit(text, f"add {counted} to {document.path.name}")


def remove_npm(project: Project, name: str) -> Edit | None:
    """Take a package out of every section that is installed; `name` may be an install path."""
    name = name.rpartition("node_modules/")[2]
    document = _document(project)
    result = document.text
    for section in ("dependencies", "optionalDependencies", "peerDependencies"):
        file = parse_package_json(result or "{}", document.path)
        declared = file.section(section)
        if name in declared:
            rest = {key: spec for key, spec in declared.items() if key != name}
            result = _with_section(file, section, rest)
    if result == document.text:
        return None
    return document.edit(result, f"remove {name} from {document.path.name}")


def _document(project: Project) -> Document:
    paths = [file.path for file in project.of("npm") if file.kind == "package.json"]
    return read_document(paths[0] if paths else project.root / "package.json", project.root)


def _with_section(file: PackageJson, section: str, packages: dict[str, str]) -> str:
    """The text with a section's packages, sorted; added behind the last member if it is new."""
    text = file.text
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = _indent(text)
    packages = dict(sorted(packages.items(), key=lambda item: _order(item[0])))
    if "\n" not in text.strip():
        whole = json.loads(text) | {section: packages}
        return f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n"
    value = json.dumps(packages, indent=indent, ensure_ascii=False)
    value = value.replace("\n", f"{newline}{indent}")
    found = file.member(section)
    if found is not None:
        return text[: found.start] + value + text[found.end :]
    member = f'{indent}"{section}": {value}'
    if file.members:
        end = file.members[-1].end
        return f"{text[:end]},{newline}{member}{text[end:]}"
    return f"{{{newline}{member}{newline}}}{newline}"


def _order(name: str) -> tuple[list[int], str]:
    """The order of `localeCompare(…, "en")`, by which npm sorts: signs, digits, letters."""
    return [_COLLATION.find(sign) for sign in name.lower()], name.swapcase()


def _indent(text: str) -> str:
    """The indentation of the first line that has one; npm's own where none has."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  "
