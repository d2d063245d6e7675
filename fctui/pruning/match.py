"""From a path in the bundle to the rules that would leave it out."""

from __future__ import annotations

import functools
from collections.abc import Callable

from fctui.model.globs import Globs
from fctui.pruning.rules import OWN, Choice, Rule, always_kept, rules

RuleOf = Callable[[str], str]
"""From a path to the name of the rule that leaves it out, "" for none."""


class Matcher:
    """One rule's globs for one manager."""

    def __init__(self, rule: Rule, manager: str) -> None:
        part = rule.part(manager)
        self.rule = rule
        self.unless_named = bool(part and part.unless_named)
        self.unless_mentioned = part.unless_mentioned if part else ()
        self.leave_out = Globs(part.leave_out if part else ())
        self.exceptions = Globs((*(part.exceptions if part else ()), *always_kept(manager)))

    def __call__(self, path: str) -> bool:
        """Whether the globs would leave it out."""
        return self.leave_out(path) and not self.exceptions(path)


@functools.cache
def matchers(manager: str) -> tuple[Matcher, ...]:
    """Every rule that concerns a manager, in force or not."""
    return tuple(Matcher(rule, manager) for rule in rules() if rule.part(manager))


@functools.lru_cache(maxsize=16)
def matcher(manager: str, chosen: Choice) -> RuleOf:
    """The rules in force for what can be told by the path alone."""
    active = [each for each in matchers(manager) if chosen.active(each.rule, manager)]
    own, keep, kept = Globs(chosen.globs), Globs(chosen.keep), Globs(always_kept(manager))
    is_own, is_kept = bool(chosen.globs), bool(chosen.keep)

    def rule_of(path: str) -> str:
        if is_own and own(path) and not kept(path):
            return "" if is_kept and keep(path) else OWN
        for each in active:
            if each(path):
                return "" if is_kept and keep(path) else each.rule.name
        return ""

    return rule_of
