"""A verification as text."""

from __future__ import annotations

from collections.abc import Sequence

from fctui.model.verification import Outcome, Subject, Verdict, Verification
from fctui.present.size import counted
from fctui.tasks.text import clean

SIGNS = {
    Outcome.PASSED: "✔",
    Outcome.FAILED: "✖",
    Outcome.OPTIONAL: "⚠",
    Outcome.SKIPPED: "–",
}
SHOWN = 2
# Lines for the same trouble of one package.

NAMES = {
    Subject.HANDLER: ("function module", "function modules"),
    Subject.MODULE: ("Python module", "Python modules"),
    Subject.LIBRARY: ("shared library", "shared libraries"),
    Subject.NODE_PACKAGE: ("Node package", "Node packages"),
    Subject.PROGRAM: ("program", "programs"),
}


def verdict_line(result: Verdict) -> str:
    """One trial: its sign, what was tried, whose it is, what is wrong."""
    owner = f" ({clean(result.owner)})" if result.owner not in {"", result.subject} else ""
    message = f": {clean(result.message)}" if result.message else ""
    name = NAMES[result.kind][0]
    return f"{SIGNS[result.outcome]} {name} {clean(result.subject)}{owner}{message}"


def tally(results: Sequence[Verdict]) -> list[str]:
    """For each kind how many work, and how many do not."""
    lines = []
    for kind, (_, plural) in NAMES.items():
        these = [result for result in results if result.kind is kind]
        if not these:
            continue
        parts = [f"{_count(these, Outcome.PASSED)} of {len(these)} work"]
        for outcome, said in (
            (Outcome.FAILED, "fail"),
            (Outcome.OPTIONAL, "fail where it need not matter"),
            (Outcome.SKIPPED, "could not be tried"),
        ):
            if count := _count(these, outcome):
                parts.append(f"{count} {said}")
        failed = _count(these, Outcome.FAILED)
        sign = "✖" if failed else "–" if _count(these, Outcome.SKIPPED) == len(these) else "✔"
        lines.append(f"{sign} {plural:<16}  {', '.join(parts)}")
    return lines


def verification_lines(found: Verification, *, every: bool = False) -> list[str]:
    """What failed, then the sums; with `every` each single result."""
    shown = {Outcome.FAILED, Outcome.OPTIONAL}
    listed = [r for r in found.results if every or r.outcome in shown]
    listed.sort(key=lambda result: result.outcome is not Outcome.FAILED)
    whys = dict.fromkeys(r.message for r in found.results if r.outcome is Outcome.SKIPPED)
    failed = sum(not result.ok for result in found.results)
    said = "everything works" if found.ok else f"{counted(failed, 'thing')} will not work"
    if not found.sandbox:
        said = "nothing could be run"
    elif not failed and found.lacking:
        said = f"{counted(len(found.lacking), 'thing')} lacking; all that is there works"
    elif whys and found.ok:
        said = "everything that could be tried works"
    return [
        *(map(verdict_line, listed) if every else _grouped(listed)),
        *(f"not tried: {clean(why)}" for why in whys if why),
        *(clean(note) for note in found.notes if _bare(note) not in map(_bare, whys)),
        *tally(found.results),
        f"{said} in {clean(found.sandbox)}" if found.sandbox else said,
    ]


def _bare(sentence: str) -> str:
    """What tells two sentences apart, whether or not they begin and end as sentences."""
    return sentence.rstrip(".").casefold()


def _grouped(results: Sequence[Verdict]) -> list[str]:
    """A line for each; of many with the same trouble the first only, and how many more."""
    groups: dict[tuple[str, str, str, str], list[Verdict]] = {}
    for each in results:
        key = (each.kind, each.outcome, each.owner, each.message)
        groups.setdefault(key, []).append(each)
    lines: list[str] = []
    for same in groups.values():
        lines += map(verdict_line, same[:SHOWN])
        if len(same) > SHOWN:
            lines.append(f"  and {len(same) - SHOWN} more of {clean(same[0].owner)} (--all)")
    return lines


def _count(results: Sequence[Verdict], outcome: Outcome) -> int:
    return sum(result.outcome is outcome for result in results)
