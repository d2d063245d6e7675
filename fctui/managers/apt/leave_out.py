"""The rules of what is left out of bundles; they are data, in `leave_out.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Iterable
from importlib.resources import files

import msgspec
from msgspec import Struct

from fctui.model.errors import UsageError


class Rule(Struct, frozen=True, forbid_unknown_fields=True, rename={"exceptions": "except"}):
    """One rule: paths that match a pattern and no exception are left out."""

    name: str
    reason: str
    patterns: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are tried."""
    text = (files(__package__) / "leave_out.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File).rule


@functools.lru_cache(maxsize=16)
def matcher(keep: tuple[str, ...]) -> Callable[[str], str]:
    """A function from a path to the name of the rule that leaves it out, "" for none.

    `keep` are names of rules that are switched off. Raises UsageError for one that does not exist.
    """
    names = [rule.name for rule in rules()]
    unknown = [name for name in keep if name not in names]
    if unknown:
        raise UsageError(
            f"[apt] keep names {unknown[0]!r}, which is no rule.",
            hint=f"The rules are {', '.join(names)}.",
        )
    active = [rule for rule in rules() if rule.name not in keep]
    if not active:
        return lambda _: ""
    groups = [
        f"(?P<r{number}>{_except(rule.exceptions)}(?:{_any(rule.patterns)})$)"
        for number, rule in enumerate(active)
    ]
    match = re.compile("|".join(groups), re.DOTALL).match
    named = {f"r{number}": rule.name for number, rule in enumerate(active)}

    def rule_of(path: str) -> str:
        found = match(path)
        return named[found.lastgroup] if found and found.lastgroup else ""

    return rule_of


def _except(patterns: tuple[str, ...]) -> str:
    return f"(?!(?:{_any(patterns)})$)" if patterns else ""


def _any(patterns: Iterable[str]) -> str:
    return "|".join(_regex(pattern) for pattern in patterns)


def _regex(pattern: str) -> str:
    parts = re.split(r"(\*\*|\*)", pattern)
    return "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)
