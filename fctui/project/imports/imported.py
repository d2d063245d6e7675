"""What another tool's files say of one function: taken, or left with the reason, line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.apt_file import parse_apt_package
from fctui.project.requirements import parse_requirement
from fctui.tasks.text import clean

_NPM = re.compile(r"(?P<name>(?:@[\w~-][\w.~-]*/)?[\w~-][\w.~-]*)(?:@(?P<spec>\S+))?", re.ASCII)
_INSTALLERS = frozenset({"pip", "setuptools", "wheel"})
_LONGEST = 200
# Characters of a line that are shown: a generated file may have all of it on one.


class Place(Struct, frozen=True):
    """A line of a file, counted from 1; 0 where it stands for the whole file."""

    path: Path
    line: int = 0


class Said(Struct, frozen=True):
    """One thing that a file says: where it went (`into`), or why it was left (`reason`)."""

    place: Place
    text: str
    into: str = ""
    reason: str = ""


class Pinned(Struct, frozen=True):
    """A pip requirement as it is to be written, with hashes (`algorithm:hex`) and its origin."""

    name: str
    text: str
    place: Place
    hashes: tuple[str, ...] = ()


@dataclass
class Imported:
    """Gathers what the files of one function say. `settings` has values by table and key; "" is
    the top of fctui.toml.
    """

    directory: Path
    name: str = ""
    target: str = ""
    pip: list[Pinned] = field(default_factory=list)
    apt: dict[str, Place] = field(default_factory=dict)
    npm: dict[str, tuple[str, Place]] = field(default_factory=dict)
    settings: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)

    def took(self, place: Place, text: str, into: str) -> None:
        """Note that something was taken."""
        self.said.append(Said(place, _shown(text), into))

    def leave(self, place: Place, text: str, reason: str) -> None:
        """Note that something was not taken, and why."""
        self.said.append(Said(place, _shown(text), reason=reason))

    def take_pip(self, place: Place, text: str, hashes: tuple[str, ...] = ()) -> None:
        """A pip requirement; what is none is left with pip's complaint. Of pip and setuptools those
        are taken that a lock pins: something needs them while it runs.
        """
        try:
            parsed = parse_requirement(text, Path(), 0)
        except UsageError as error:
            self.leave(place, text, error.message)
            return
        if parsed.name in _INSTALLERS and not hashes:
            self.leave(place, text, "installs packages itself, and is not needed by the function")
            return
        self.pip.append(Pinned(parsed.name or parsed.text, text, place, hashes))
        self.took(place, text, "requirements.txt")

    def take_apt(self, place: Place, text: str) -> None:
        """A Debian package that the function needs while it runs."""
        try:
            parse_apt_package(text)
        except UsageError as error:
            self.leave(place, text, error.message)
            return
        self.apt.setdefault(text, place)
        self.took(place, text, "apt.txt")

    def take_build_package(self, place: Place, text: str) -> None:
        """A Debian package that is needed only while source distributions are compiled."""
        try:
            parse_apt_package(text)
        except UsageError as error:
            self.leave(place, text, error.message)
            return
        self.set_in_list(place, text, ("pip",), "build-packages")

    def take_npm(self, place: Place, text: str) -> None:
        """An npm package, `name` or `name@range`."""
        match = _NPM.fullmatch(text)
        if match is None:
            self.leave(place, text, "is not the name of an npm package")
            return
        self.npm.setdefault(match["name"], (match["spec"] or "*", place))
        self.took(place, text, "package.json")

    def set_in_list(self, place: Place, text: str, table: tuple[str, ...], key: str) -> None:
        """One more entry in a list of the settings."""
        values = self.settings.setdefault(table, {}).setdefault(key, [])
        if text not in values:
            values.append(text)
        self.took(place, text, setting_name(table, key))

    def set(self, place: Place, text: str, table: tuple[str, ...], key: str, value: Any) -> None:  # noqa: ANN401 - whatever TOML has
        """A setting; the first that says it wins."""
        known = self.settings.setdefault(table, {}).setdefault(key, value)
        if known == value:
            self.took(place, text, setting_name(table, key))
        else:
            self.leave(place, text, f"{setting_name(table, key)} is {known!r} already")

    def take_target(self, place: Place, text: str, target: str) -> None:
        """The runtime; where several files name one, the first wins."""
        if self.target in {"", target}:
            self.target = target
            self.took(place, text, f"target {target}")
        else:
            self.leave(place, text, f"the target is {self.target} already")


def setting_name(table: tuple[str, ...], key: str) -> str:
    """A setting as messages name it."""
    return f"[{'.'.join(table)}] {key}" if table else key


def _shown(text: str) -> str:
    line = " ".join(clean(part) for part in text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
