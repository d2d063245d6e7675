"""Changing pip requirements: lines of requirement files, arrays of pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.edit_file import Document, Edit, read_document
from fctui.project.edit_pyproject import add_to_pyproject, remove_from_pyproject
from fctui.project.project import Project
from fctui.project.requirement_lines import expanded, logical_lines, split_options
from fctui.project.requirements import Requirement, parse_requirement, read_requirements


class _Span(Struct, frozen=True):
    """A requirement of a file and the physical lines, counted from 1, that it takes."""

    requirement: Requirement
    text: str
    first: int
    last: int


def add_pip(project: Project, text: str) -> Edit:
    """Declare a requirement where one of its name stands; else in the first requirements file.

    pyproject.toml is taken where the project has no requirements file in use.
    """
    if len(text.splitlines()) != 1:
        raise UsageError(f"{text!r} is more than one line.")
    wanted = parse_requirement(text, Path(), 0)
    files = [file.path for file in project.of("pip") if file.kind == "requirements"]
    for path in _sources(files, lambda declared: _same(declared, wanted)):
        document = read_document(path, project.root)
        spans = [span for span in _spans(document) if _same(span.requirement, wanted)]
        return _replaced(document, spans, wanted, text)
    shared = next((f.path for f in project.of("pip") if f.kind == "pyproject"), None)
    if shared is not None:
        document = read_document(shared, project.root)
        edit = add_to_pyproject(document, wanted, text, project.settings.pip, new=not files)
        if edit is not None:
            return edit
    path = files[0] if files else project.root / "requirements.txt"
    return read_document(path, project.root).append(text, f"add {text} to {path.name}")


def append_pip(
    project: Project, requirements: Sequence[tuple[str, tuple[str, ...]]], origin: str
) -> Edit:
    """Declare many requirements at once, each with its hashes, below a comment that says from
    where; in the first requirements file, or a new requirements.txt.
    """
    files = [file.path for file in project.of("pip") if file.kind == "requirements"]
    path = files[0] if files else project.root / "requirements.txt"
    document = read_document(path, project.root)
    lines = [f"# from {origin}"]
    for text, hashes in requirements:
        parts = [text, *(f"    --hash={each}" for each in hashes)]
        lines += [*(f"{part} \\" for part in parts[:-1]), parts[-1]]
    body = document.newline.join(lines)
    counted = f"{len(requirements)} requirement{'s' if len(requirements) != 1 else ''}"
    return document.append(body, f"add {counted} to {path.name}")


def remove_pip(project: Project, name: str) -> Edit | None:
    """Take every requirement of a name out of the first file that has it.

    What has no name (a directory, a URL) is named by its text.
    """
    wanted = normalized(name)

    def meant(declared: Requirement) -> bool:
        return declared.name == wanted or name in {declared.text, declared.url}

    files = [file.path for file in project.of("pip") if file.kind == "requirements"]
    for path in _sources(files, meant):
        document = read_document(path, project.root)
        lines = document.text.splitlines(keepends=True)
        for span in reversed([span for span in _spans(document) if meant(span.requirement)]):
            del lines[span.first - 1 : _behind_notes(lines, span.last)]
        return document.edit("".join(lines), f"remove {name} from {path.name}")
    for file in project.of("pip"):
        if file.kind == "pyproject":
            document = read_document(file.path, project.root)
            return remove_from_pyproject(document, wanted, project.settings.pip)
    return None


def _sources(files: list[Path], meant: Callable[[Requirement], bool]) -> tuple[Path, ...]:
    """The files, included ones too, that have a requirement that is meant."""
    read = read_requirements(files)
    return tuple(dict.fromkeys(r.source for r in read.requirements if meant(r)))


def _spans(document: Document) -> Iterator[_Span]:
    for line in logical_lines(document.text):
        plain, options = split_options(line.text, f"{document.path}:{line.first}: ")
        editable = next((value for option, value in options if option == "--editable"), "")
        if plain or editable:
            text = line.text if plain else editable
            made = parse_requirement(expanded(text), document.path, line.first)
            yield _Span(made, text, line.first, line.last)


def _same(one: Requirement, other: Requirement) -> bool:
    return one.name == other.name if other.name else one.text == other.text


def _replaced(document: Document, spans: list[_Span], wanted: Requirement, text: str) -> Edit:
    """One requirement in the place of another.

    Where several of a name stand, one for each marker, the one with the same marker is meant;
    without one, the new requirement stands for them all.
    """
    meant = [span for span in spans if span.requirement.marker == wanted.marker]
    chosen = meant[0] if meant else spans[0]
    gone = [] if meant else spans[1:]
    if not gone and chosen.text == text:
        raise UsageError(f"{document.path.name}:{chosen.first} declares {text} already.")
    lines = document.text.splitlines(keepends=True)
    for span in reversed(gone):
        del lines[span.first - 1 : _behind_notes(lines, span.last)]
    last = lines[chosen.last - 1]
    content = last.rstrip("\r\n")
    comment = re.search(r"\s+#.*$", content)
    indent = re.match(r"\s*", lines[chosen.first - 1])
    line = f"{indent[0] if indent else ''}{text}{comment[0] if comment else ''}"
    lines[chosen.first - 1 : chosen.last] = [line + last[len(content) :]]
    return document.edit("".join(lines), f"change {chosen.text} to {text} in {document.path.name}")


def _behind_notes(lines: list[str], last: int) -> int:
    """The index behind the indented comments that follow a line: pip-compile's "via" notes."""
    while last < len(lines) and re.match(r"[ \t]+#", lines[last]):
        last += 1
    return last
