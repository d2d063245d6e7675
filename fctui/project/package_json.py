"""Reading package.json with the place of everything in it: npm's documentation of package.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.text_file import text_of

SECTIONS = ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies")

_GAP = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_BOM = "\ufeff"


class Member(Struct, frozen=True):
    """One `"key": value` of an object: offsets in the text, of the key and of the value."""

    key: str
    at: int
    value: Any
    start: int
    end: int


class NpmRequirement(Struct, frozen=True):
    """A package and its range as declared; `section` is one of SECTIONS, `line` counts from 1."""

    name: str
    spec: str
    section: str
    line: int


class PackageJson(Struct, frozen=True):
    """A package.json: its text (without a byte order mark) and what stands at its top level."""

    path: Path
    text: str
    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        """The package's name, "" where it has none."""
        value = self.value("name")
        return value if isinstance(value, str) else ""

    def member(self, key: str) -> Member | None:
        """A top-level member; of several with one key the last, as JSON readers do."""
        return next((each for each in reversed(self.members) if each.key == key), None)

    def value(self, key: str) -> object:
        """The value of a top-level key, None where it is not there."""
        found = self.member(key)
        return None if found is None else found.value

    def section(self, key: str) -> dict[str, str]:
        """One of the sections of requirements, empty where it is not there."""
        found = self.value(key)
        return dict(found) if isinstance(found, dict) else {}

    def requirements(self) -> tuple[NpmRequirement, ...]:
        """All requirements in the order of SECTIONS, each with its line.

        What is optional as well as plain is optional alone, as npm reads it.
        """
        optional = self.section("optionalDependencies")
        return tuple(
            NpmRequirement(inner.key, inner.value, key, self.line(inner.at))
            for key in SECTIONS
            if (found := self.member(key)) is not None
            for inner in members(self.text, found.start)
            if key != "dependencies" or inner.key not in optional
        )

    def line(self, offset: int) -> int:
        """The line that an offset lies on."""
        return self.text.count("\n", 0, offset) + 1


def read_package_json(path: Path) -> PackageJson:
    """Read a package.json. Raises UsageError with line and column for what is none."""
    return parse_package_json(text_of(path), path)


def parse_package_json(text: str, path: Path) -> PackageJson:
    """The same of text that is in memory."""
    text = text.removeprefix(_BOM)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}.",
            hint="JSON knows no comments and no comma behind the last item.",
        ) from error
    except RecursionError as error:
        raise UsageError(f"{path} is nested too deeply.", hint="Is it the right file?") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}:1:1: not a JSON object.", hint="A package.json begins with {.")
    file = PackageJson(path, text, tuple(members(text, text.index("{"))))
    for key in SECTIONS:
        _check(file, key)
    return file


def members(text: str, start: int) -> Iterator[Member]:
    """The members of the object that begins at `start`, in text that is valid JSON."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, behind = _DECODER.raw_decode(text, at)
        value_at = _skip(text, _skip(text, behind) + 1)
        value, end = _DECODER.raw_decode(text, value_at)
        yield Member(key, at, value, value_at, end)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def _check(file: PackageJson, key: str) -> None:
    """Raise UsageError for a section that is not an object of names and ranges."""
    found = file.member(key)
    if found is None:
        return
    if not isinstance(found.value, dict):
        raise UsageError(
            f"{file.path}:{file.line(found.at)}: {key!r} is not an object of names and versions.",
            hint=f'Write it as "{key}": {{"name": "^1.0.0"}}.',
        )
    for inner in members(file.text, found.start):
        if not isinstance(inner.value, str):
            raise UsageError(
                f"{file.path}:{file.line(inner.at)}: the version of {inner.key!r} is not a string.",
                hint='Write it in quotes: "^1.0.0".',
            )
