"""Files and findings as text and JSON."""

from __future__ import annotations

from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.plan import Category, Generated, PlannedFile, Saving
from fctui.present.files import (
    by_category,
    by_manager,
    by_owner,
    file_json,
    finding_lines,
    saving_lines,
)


def file(path: str, size: int, owner: str = "numpy", *, category: str = "platlib") -> PlannedFile:
    return PlannedFile(
        path=path,
        size=size,
        category=Category(category),
        owner=owner,
        manager="pip",
        source=Generated(b""),
        shared_library=path.endswith(".so"),
    )


def test_json_has_the_contracts_keys() -> None:
    assert file_json(file("numpy/x.so", 7)) == {
        "path": "numpy/x.so",
        "size": 7,
        "category": "platlib",
        "owner": "numpy",
        "manager": "pip",
        "shared_library": True,
    }


def test_categories_have_headings_and_libraries_a_mark() -> None:
    files = [file("b.so", 2000), file("a.py", 1), file("bin/f", 3, category="scripts")]
    assert by_category(files) == [
        "platlib  2 files  2.0 K",
        "       1 B    a.py",
        "     2.0 K  ◆ b.so",
        "scripts  1 file  3 B",
        "       3 B    bin/f",
    ]


def test_owners_stand_largest_first_and_the_rest_is_summed() -> None:
    files = [file("a", 10, "small"), file("b", 3000, "big"), file("c", 20, "mid")]
    lines = by_owner(files, 1)
    assert lines[0].split() == ["3.0", "K", "1", "pip", "big"]
    assert "2 more packages" in lines[1]
    assert "30 B" in lines[1]
    assert len(by_owner(files)) == 3


def test_managers_are_summed() -> None:
    (line,) = by_manager([file("a", 1000), file("b", 500)])
    assert line.split() == ["pip", "2", "files", "1.5", "K"]


def test_what_breaks_stands_first_with_its_cure() -> None:
    findings = [
        Finding(kind=Kind.FILE_CONFLICT, subject="a", message="two have it", breaks=False),
        Finding(
            kind=Kind.MISSING_LIBRARY,
            subject="libGL.so.1",
            message="not\x1b[2J there",
            remedies=(Remedy("apt", "libgl1"),),
        ),
    ]
    assert finding_lines(findings) == [
        "✖ missing-library: not there",
        "  cured by apt libgl1",
        "⚠ file-conflict: two have it",
    ]


def test_a_rule_that_left_out_nothing_is_not_shown() -> None:
    savings = [Saving("manuals", "apt", 7, 2000), Saving("lintian", "apt", 0, 0)]
    (line,) = saving_lines(savings)
    assert "manuals (apt)" in line


def test_paths_cannot_write_to_the_terminal() -> None:
    assert "\x1b" not in "".join(by_category([file("a\x1b[31m/b", 1)]))
