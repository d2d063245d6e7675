"""A verification in words."""

from __future__ import annotations

from msgspec.structs import replace

from fctui.model.finding import Finding, Kind
from fctui.model.verification import Outcome, Subject, Verdict, Verification
from fctui.present.verification import verification_lines


def library(name: str, outcome: Outcome, message: str = "") -> Verdict:
    return Verdict(
        kind=Subject.LIBRARY, subject=name, outcome=outcome, message=message, owner="big"
    )


def test_the_same_trouble_is_told_twice_and_then_counted() -> None:
    results = tuple(library(f"l{n}.so", Outcome.FAILED, "no libx.so.1") for n in range(9))
    lines = verification_lines(Verification(sandbox="somewhere", results=results))
    assert lines[0] == "✖ shared library l0.so (big): no libx.so.1"
    assert "and 7 more of big" in lines[2]
    assert lines[-1] == "9 things will not work in somewhere"
    every = verification_lines(Verification(sandbox="somewhere", results=results), every=True)
    assert sum(line.startswith("✖ shared library ") for line in every) == 9


def test_what_was_not_tried_is_said() -> None:
    results = (library("a.so", Outcome.PASSED), library("b.so", Outcome.SKIPPED, "no Node"))
    found = Verification(sandbox="somewhere", results=results, notes=("No Node.", "Slow."))
    lines = verification_lines(found)
    assert found.ok
    assert "No Node." not in lines  # said once is enough
    assert "Slow." in lines
    assert "not tried: no Node" in lines
    assert lines[-1] == "everything that could be tried works in somewhere"


def test_names_cannot_be_escape_codes() -> None:
    results = (library("\x1b[31mred.so", Outcome.FAILED, "\x1b]0;title\x07"),)
    text = "\n".join(verification_lines(Verification(sandbox="x", results=results)))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_nothing_could_be_run() -> None:
    results = (library("a.so", Outcome.SKIPPED, "no bubblewrap"),)
    lines = verification_lines(Verification(sandbox="", results=results, notes=("Nothing.",)))
    assert lines[-1] == "nothing could be run"


def test_what_never_came_into_the_bundle_is_not_passed_over() -> None:
    gone = Finding(kind=Kind.UNRESOLVED, subject="x", message="x could not be built.")
    results = (library("a.so", Outcome.PASSED),)
    found = Verification(sandbox="somewhere", results=results, findings=(gone,))
    assert not found.ok
    assert verification_lines(found)[-1] == "1 thing lacking; all that is there works in somewhere"
    only = Verification(sandbox="x", results=results, findings=(replace(gone, breaks=False),))
    assert only.ok
