"""Changing Maven dependencies: `<dependency>` elements of pom.xml, lines of maven.txt."""

from __future__ import annotations

import html
import re

from fctui.model.errors import UsageError
from fctui.project.edit_file import Document, Edit, read_document
from fctui.project.maven_file import (
    Coordinate,
    coordinate_of,
    own_properties,
    parse_coordinate,
)
from fctui.project.project import MAVEN_FILES, Project
from fctui.project.xml_nodes import Node, parse_xml, replaced

_INDENT = "    "


def add_maven(project: Project, text: str) -> Edit:
    """Declare an artifact, in the place of the same one with another version.

    In a POM the version may be left out, for dependency management to say. Where the project has
    neither file, maven.txt is made.
    """
    files = project.of("maven")
    path = files[0].path if files else project.root / MAVEN_FILES[-1]
    document = read_document(path, project.root)
    if path.name != MAVEN_FILES[0]:
        return _add_line(document, parse_coordinate(text), text)
    return _add_element(document, parse_coordinate(text, bare=True), text)


def remove_maven(project: Project, name: str) -> Edit | None:
    """Take an artifact, named `group:artifact[:classifier]`, out of the file that declares it."""
    for file in project.of("maven"):
        document = read_document(file.path, project.root)
        if file.kind == "pom.xml":
            edit = _remove_element(document, name)
        else:
            edit = _remove_lines(document, name)
        if edit is not None:
            return edit
    return None


def _coordinate_in(line: str) -> Coordinate | None:
    """What a line of maven.txt declares; a wrong one is told of by whoever resolves."""
    try:
        return parse_coordinate(line.partition("#")[0].strip())
    except UsageError:
        return None


def _add_line(document: Document, wanted: Coordinate, text: str) -> Edit:
    lines = document.text.splitlines(keepends=True)
    for at, line in enumerate(lines):
        found = _coordinate_in(line)
        if found is None or found.same != wanted.same:
            continue
        if found.version == wanted.version:
            raise UsageError(f"{document.path.name}:{at + 1} declares {text} already.")
        written = line.partition("#")[0].strip()
        lines[at] = line.replace(written, text, 1)
        return document.edit("".join(lines), f"change {written} to {text} in {document.path.name}")
    return document.append(text, f"add {text} to {document.path.name}")


def _remove_lines(document: Document, name: str) -> Edit | None:
    lines = document.text.splitlines(keepends=True)
    kept = [
        line
        for line in lines
        if (found := _coordinate_in(line)) is None or name not in {found.name, found.text}
    ]
    if len(kept) == len(lines):
        return None
    return document.edit("".join(kept), f"remove {name} from {document.path.name}")


def _declared(project: Node) -> list[tuple[Coordinate, Node]]:
    properties = own_properties(project)
    nodes = project.all("dependencies", "dependency")
    return [(coordinate_of(node, properties), node) for node in nodes]


def _add_element(document: Document, wanted: Coordinate, text: str) -> Edit:
    data = document.text.encode()
    project = parse_xml(data, str(document.path))
    for found, node in _declared(project):
        if found.same != wanted.same:
            continue
        if wanted.version in {"", found.version}:
            raise UsageError(f"{document.path.name}:{node.line} declares {found.text} already.")
        data = _with_version(data, node, wanted.version)
        summary = f"change {found.text} to {text} in {document.path.name}"
        return document.edit(data.decode(), summary)
    data = _with_dependency(data, project, wanted, document.newline)
    return document.edit(data.decode(), f"add {text} to {document.path.name}")


def _with_version(data: bytes, node: Node, version: str) -> bytes:
    """The version of one dependency changed there, also where a property said it."""
    new = html.escape(version).encode()
    old = node.child("version")
    if old is not None and old.inside < old.end:
        return replaced(data, [(old.inside, old.outside, new)])
    before = node.child("artifactId")
    if before is None:
        return data
    gap = _gap(data, before.start)
    return replaced(data, [(before.end, before.end, gap + b"<version>" + new + b"</version>")])


def _with_dependency(data: bytes, project: Node, wanted: Coordinate, newline: str) -> bytes:
    """One more element behind the last, indented as its neighbours are."""
    section = project.child("dependencies")
    outer = _indent(data, project.children[0].start) if project.children else _INDENT
    step = outer or _INDENT
    if section is None:
        body = _section(wanted, outer, step, newline)
        at = _line_start(data, project.outside)
        lead = "" if at < project.outside or data[at - 1 : at] == b"\n" else newline
        return replaced(data, [(at, at, (lead + body).encode())])
    if section.inside == section.end:  # <dependencies/>
        body = _section(wanted, outer, step, newline).strip()
        return replaced(data, [(section.start, section.end, body.encode())])
    last = section.children[-1] if section.children else None
    indent = _indent(data, last.start) if last else outer + step
    element = _element(wanted, indent, step, newline)
    if last is not None:
        return replaced(data, [(last.end, last.end, f"{newline}{element}".encode())])
    at = section.inside
    tail = "" if data[at : section.outside].lstrip(b" \t").startswith((b"\n", b"\r")) else newline
    return replaced(data, [(at, at, f"{newline}{element}{tail}".encode())])


def _section(wanted: Coordinate, indent: str, step: str, newline: str) -> str:
    element = _element(wanted, indent + step, step, newline)
    return f"{indent}<dependencies>{newline}{element}{newline}{indent}</dependencies>{newline}"


def _element(wanted: Coordinate, indent: str, step: str, newline: str) -> str:
    values = {
        "groupId": wanted.group,
        "artifactId": wanted.artifact,
        "version": wanted.version,
        "type": "" if wanted.packaging == "jar" else wanted.packaging,
        "classifier": wanted.classifier,
    }
    lines = [f"{indent}{step}<{key}>{html.escape(v)}</{key}>" for key, v in values.items() if v]
    return newline.join((f"{indent}<dependency>", *lines, f"{indent}</dependency>"))


def _remove_element(document: Document, name: str) -> Edit | None:
    data = document.text.encode()
    project = parse_xml(data, str(document.path))
    gone = [node for found, node in _declared(project) if name in {found.name, found.text}]
    if not gone:
        return None
    changes = []
    for node in gone:
        start, end = _line_start(data, node.start), node.end
        behind = re.compile(rb"[ \t]*(?:\r\n|\n|$)").match(data, end)
        if start < node.start or data[start - 1 : start] in {b"\n", b""}:
            end = behind.end() if behind else end
        changes.append((start, end, b""))
    text = replaced(data, changes).decode()
    return document.edit(text, f"remove {name} from {document.path.name}")


def _line_start(data: bytes, at: int) -> int:
    """Where the line of an element begins, if only spaces stand before it there."""
    start = at
    while start and data[start - 1 : start] in {b" ", b"\t"}:
        start -= 1
    return start if start == 0 or data[start - 1 : start] == b"\n" else at


def _indent(data: bytes, at: int) -> str:
    return data[_line_start(data, at) : at].decode()


def _gap(data: bytes, at: int) -> bytes:
    """What separates an element from the one before it: a line's end and its indentation."""
    start = _line_start(data, at)
    if start == at:
        return b""
    return (b"\r\n" if data[start - 2 : start] == b"\r\n" else b"\n") + data[start:at]
