"""Telling what an answer from the sandbox means for the function."""

from __future__ import annotations

import re
import signal
from collections.abc import Collection, Iterable, Mapping, Sequence

from fctui.bundle.subjects import Candidate
from fctui.model.finding import Finding, Kind
from fctui.model.names import some
from fctui.model.verification import Outcome, Subject, Verdict
from fctui.native.complaint import Complaint, complaints
from fctui.sandbox.trial import Answer

_NOTHING_TO_LOAD = 3
# The exit status of require.js for a package that has no code of its own.

_CRASHES = {signal.SIGSEGV, signal.SIGILL, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE}
_CRASHES |= {signal.SIGSYS, signal.SIGTRAP}
_NOT_STARTED = frozenset({126, 127})
# What a shell, env(1) and the runner end with when a program cannot be started: POSIX, 2.8.2.

_BROKEN = re.compile(
    r"error while loading shared libraries:|^(?:ImportError|ModuleNotFoundError|SyntaxError)\b"
    r"|^Error: Cannot find module|\bcode: '(?:ERR_)?MODULE_NOT_FOUND'",
    re.MULTILINE,
)
# A program that ends so has not started, whatever its exit status is.

_LONGEST = 300


def verdict(candidate: Candidate, answer: Answer, present: Collection[str]) -> Verdict:
    """What came of one trial. `present` are the names of the bundle's own libraries."""
    said = complaints(answer.text)
    outcome, message = _judge(candidate, answer, said, present)
    if outcome is Outcome.FAILED and candidate.optional:
        outcome = Outcome.OPTIONAL
    return Verdict(
        kind=candidate.kind,
        subject=candidate.subject,
        outcome=outcome,
        message=message,
        manager=candidate.manager,
        owner=candidate.owner,
        seconds=answer.seconds,
    )


def skipped(candidate: Candidate, why: str) -> Verdict:
    """What could not be tried."""
    return Verdict(
        kind=candidate.kind,
        subject=candidate.subject,
        outcome=Outcome.SKIPPED,
        message=why,
        manager=candidate.manager,
        owner=candidate.owner,
    )


def findings(
    tried: Iterable[tuple[Candidate, Answer, Verdict]], present: Collection[str]
) -> tuple[Finding, ...]:
    """What the loader complained of, one finding for each library or version, with all that need
    it. Of what is optional, and of what a module opened in vain without failing, only a remark.
    """
    needed: dict[Complaint, dict[Candidate, bool]] = {}
    for candidate, answer, given in tried:
        said = [each for each in complaints(answer.text) if each.kind is not None]
        said += [Complaint(Kind.MISSING_LIBRARY, name) for name in answer.missed]
        if given.outcome is Outcome.PASSED:
            said = [each for each in said if each.name in answer.missed]
        for each in said:
            if each.name in present and each.kind is Kind.MISSING_LIBRARY:
                continue
            failed = given.outcome is Outcome.FAILED
            needed.setdefault(each, {})[candidate] = failed
    return tuple(_finding(each, who, present) for each, who in needed.items())


def _finding(
    complaint: Complaint, who: Mapping[Candidate, bool], present: Collection[str]
) -> Finding:
    owners = tuple(dict.fromkeys(each.owner for each in who))
    files = tuple(each.subject for each in who if each.kind is not Subject.MODULE)
    subjects = some([each.subject for each in who])
    if complaint.kind is Kind.MISSING_LIBRARY:
        message = f"{complaint.name} is not there; needed by {subjects}."
        here = sorted(name for name in present if name.startswith(f"{complaint.name}."))
        if complaint.name.endswith(".so") and here:
            message = (
                f"{here[0]} is in the bundle, but {subjects} looks for it by find_library of "
                "ctypes, which asks ldconfig(8) and a compiler: neither knows the bundle. In the "
                "code, before that: ctypes.util.find_library = "
                f'{{"{_asked(complaint.name)}": "{here[0]}"}}.get'
            )
    else:
        message = f"{complaint.sentence}, which the target has not ({subjects})."
    return Finding(
        kind=complaint.kind or Kind.UNRESOLVED,
        subject=complaint.name,
        message=message,
        needed_by=owners,
        files=files,
        breaks=any(who.values()),
    )


def _asked(name: str) -> str:
    """What find_library is asked for a library's plain name: `libz.so` → `z`."""
    return name.removeprefix("lib").removesuffix(".so")


def _judge(
    candidate: Candidate, answer: Answer, said: Sequence[Complaint], present: Collection[str]
) -> tuple[Outcome, str]:
    if candidate.kind is Subject.PROGRAM:
        return _program(answer, said)
    if answer.late:
        return Outcome.FAILED, f"it does not end within {candidate.trial.limit:g} seconds"
    if answer.status == 0:
        return Outcome.PASSED, ""
    if candidate.kind is Subject.NODE_PACKAGE and answer.status == _NOTHING_TO_LOAD:
        return Outcome.PASSED, "it has nothing to load"
    if candidate.kind is Subject.LIBRARY:
        return _library(answer, said, present)
    return Outcome.FAILED, _why(answer, said)


def _library(
    answer: Answer, said: Sequence[Complaint], present: Collection[str]
) -> tuple[Outcome, str]:
    """A library that is not loaded alone may still be by who uses it: one whose needs another
    directory of the bundle has, one that takes symbols from the program that loads it.
    """
    why = _why(answer, said)
    if said and all(each.kind is None for each in said):
        return Outcome.OPTIONAL, f"{why}: whatever loads it has to have it"
    missing = [each for each in said if each.kind is Kind.MISSING_LIBRARY]
    if said and len(missing) == len(said) and all(each.name in present for each in missing):
        return Outcome.OPTIONAL, f"{why} unless something else has loaded it before"
    return Outcome.FAILED, why


def _program(answer: Answer, said: Sequence[Complaint]) -> tuple[Outcome, str]:
    if answer.late:
        return Outcome.PASSED, "it starts, and runs on"
    if answer.status < 0 and -answer.status in _CRASHES:
        return Outcome.FAILED, _signal(answer)
    if answer.status == 0:
        return Outcome.PASSED, ""
    if answer.status in _NOT_STARTED or said or _BROKEN.search(answer.text):
        return Outcome.FAILED, _why(answer, said)
    return Outcome.PASSED, ""


def _why(answer: Answer, said: Sequence[Complaint]) -> str:
    """One line: what the loader says, else the exception, else the last thing printed."""
    if said:
        return some([each.sentence for each in said])
    if answer.missed:
        return f"{some(answer.missed)} is not there"
    if answer.status < 0 and not answer.error:
        return _signal(answer)
    lines = [line.strip() for line in answer.text.splitlines() if line.strip()]
    if not lines:
        return answer.error or f"it ends with status {answer.status}"
    named = [line for line in lines if _BROKEN.search(line) or re.match(r"\w*Error\b", line)]
    line = lines[0] if answer.error else (named or lines[-1:])[0]
    return line[:_LONGEST]


def _signal(answer: Answer) -> str:
    try:
        return f"it is ended by {signal.Signals(-answer.status).name}"
    except ValueError:
        return answer.text.strip()[:_LONGEST] or "it did not end by itself"
