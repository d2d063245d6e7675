"""Choosing among the cures of several findings."""

from __future__ import annotations

from fctui.model.finding import Finding, Kind, Remedy
from fctui.workflow.remedies import one_for_several

HEADLESS = Remedy("pip", "opencv-python-headless", "opencv-python")
BINARY = Remedy("pip", "psycopg2-binary", "psycopg2")


def missing(name: str, *remedies: Remedy) -> Finding:
    return Finding(kind=Kind.MISSING_LIBRARY, subject=name, message="", remedies=remedies)


def test_the_variant_that_cures_most_is_told_with_how_many() -> None:
    found = [
        missing("libGL.so.1", Remedy("apt", "libgl1", size=9), HEADLESS),
        missing("libxcb.so.1", Remedy("apt", "libxcb1", size=1), HEADLESS),
        missing("libpq.so.5", Remedy("apt", "libpq5"), BINARY),
    ]
    assert one_for_several(found) == (HEADLESS, 2)
    assert one_for_several(found[1:]) is None
    assert one_for_several([]) is None
    debs = [missing("a", Remedy("apt", "same")), missing("b", Remedy("apt", "same"))]
    assert one_for_several(debs) is None  # debs are added as they are; nothing is given up
