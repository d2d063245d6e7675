"""The rules of what a bundle can do without; they are data, in `rules.toml`."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

from fctui.model.errors import UsageError

How = Literal["paths", "foreign", "strip"]

DEFAULT, ALL = "default", "all"
# What `prune` may have beside the names of rules.

OWN = "project"
# The rule that the globs of a project's settings make.


class Part(Struct, frozen=True, forbid_unknown_fields=True,
           rename={"leave_out": "leave-out", "exceptions": "except", "unless_named": "unless-named",
                   "unless_mentioned": "unless-mentioned"}):  # fmt: skip
    """What a rule says of one package manager's files: `leave_out` without `exceptions`."""

    on: Literal["always", "default", "asked"]
    leave_out: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    unless_named: bool = False
    unless_mentioned: tuple[str, ...] = ()


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One rule; `source` is who says that nobody needs what it leaves out."""

    name: str
    reason: str
    source: str
    how: How = "paths"
    pip: Part | None = None
    apt: Part | None = None
    npm: Part | None = None
    maven: Part | None = None

    def part(self, manager: str) -> Part | None:
        """What it says of one manager, if anything."""
        found: Part | None = getattr(self, manager, None)
        return found


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    kept: dict[str, tuple[str, ...]]
    rule: tuple[Rule, ...]


class Choice(Struct, frozen=True):
    """What a project's settings choose: `asked` and `kept` are names of rules, `default` stands for
    those that are on by default; `globs` are left out and `keep` stay whatever the rules say.
    """

    asked: frozenset[str] = frozenset()
    default: bool = False
    kept: frozenset[str] = frozenset()
    globs: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def active(self, rule: Rule, manager: str) -> bool:
        """Whether a rule is in force for one manager's files."""
        part = rule.part(manager)
        if part is None or rule.name in self.kept:
            return False
        by_default = part.on == "default" and self.default
        return part.on == "always" or by_default or rule.name in self.asked

    @property
    def always_only(self) -> bool:
        """Whether nothing has been asked for: no package has to be read for what is left out."""
        return not (self.asked or self.default or self.globs)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    return _read().rule


def always_kept(manager: str) -> tuple[str, ...]:
    """Globs of what stays whatever the rules say."""
    return _read().kept.get(manager, ())


@functools.cache
def version() -> str:
    """A hash of the rules: what was found out by them holds as long as they are the same."""
    return hashlib.sha256(_text().encode()).hexdigest()


@functools.lru_cache(maxsize=64)
def choice(prune: str | tuple[str, ...], keep: tuple[str, ...]) -> Choice:
    """What `[bundle]` prune and keep say. Raises UsageError for a rule that does not exist."""
    words = (prune,) if isinstance(prune, str) else prune
    names = [rule.name for rule in rules()]
    for key, known, said in (("prune", [DEFAULT, ALL, *names], words), ("keep", names, keep)):
        for word in said:
            if word not in known and not _is_glob(word):
                raise UsageError(
                    f"[bundle] {key} names {word!r}, which is no rule.",
                    hint=f"The rules are {', '.join(names)}; a glob has a / or a * in it.",
                )
    return Choice(
        asked=frozenset(names if ALL in words else (word for word in words if word in names)),
        default=DEFAULT in words or ALL in words,
        kept=frozenset(word for word in keep if word in names),
        globs=tuple(word for word in words if _is_glob(word)),
        keep=tuple(word for word in keep if _is_glob(word)),
    )


def words(chosen: Choice) -> tuple[str | tuple[str, ...], tuple[str, ...]]:
    """What to write as `[bundle]` prune and keep for a choice."""
    names = [rule.name for rule in rules()]
    asked = [
        name
        for name in names
        if name in chosen.asked and not (chosen.default and _by_default(name))
    ]
    prune = (*([DEFAULT] if chosen.default else []), *asked, *chosen.globs)
    keep = (*(name for name in names if name in chosen.kept), *chosen.keep)
    return (DEFAULT if prune == (DEFAULT,) else prune), keep


def _by_default(name: str) -> bool:
    """Whether `default` puts all of a rule in force."""
    rule = next(rule for rule in rules() if rule.name == name)
    parts = (rule.pip, rule.apt, rule.npm, rule.maven)
    return all(part.on != "asked" for part in parts if part)


def _is_glob(word: str) -> bool:
    return "/" in word or "*" in word


@functools.cache
def _text() -> str:
    return (files(__package__) / "rules.toml").read_text(encoding="utf-8")


@functools.cache
def _read() -> _File:
    return msgspec.convert(tomllib.loads(_text()), _File)
