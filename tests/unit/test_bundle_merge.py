"""Merging layouts: one owner for a path, conflicts told, links followed as dpkg does."""

from __future__ import annotations

from fctui.bundle.merge import Merger
from fctui.model.contents import Contents, Entry
from fctui.model.plan import Category, Generated, Link, PlannedFile, Source, StoreFile


def planned(path: str, source: Source, owner: str, size: int = 1) -> PlannedFile:
    return PlannedFile(
        path=path, size=size, category=Category.PURELIB, owner=owner, manager="pip", source=source
    )


def test_first_owner_keeps_a_path_and_the_finding_names_both() -> None:
    merger = Merger([])
    merger.add([planned("shared/x.py", Generated(b"a"), "one")])
    merger.add([planned("shared/x.py", Generated(b"b"), "two")])
    files, findings = merger.result()
    assert [file.owner for file in files] == ["one"]
    assert len(findings) == 1
    assert findings[0].needed_by == ("one", "two")
    assert findings[0].breaks
    assert "shared/x.py" in findings[0].message


def test_a_clash_of_test_directories_breaks_nothing() -> None:
    merger = Merger([])
    merger.add([planned("tests/__init__.py", Generated(b"a"), "one")])
    merger.add([planned("tests/__init__.py", Generated(b"b"), "two")])
    _, findings = merger.result()
    assert [finding.breaks for finding in findings] == [False]


def test_the_same_content_is_no_conflict() -> None:
    one = Contents(digest="d1", entries=(Entry("a.py", 3, sha256="same"),))
    two = Contents(digest="d2", entries=(Entry("b.py", 3, sha256="same"),))
    merger = Merger([one, two])
    merger.add([planned("ns/__init__.py", StoreFile("d1", "a.py"), "one", 3)])
    merger.add([planned("ns/__init__.py", StoreFile("d2", "b.py"), "two", 3)])
    files, findings = merger.result()
    assert len(files) == 1
    assert findings == ()


def test_equal_sizes_of_unhashed_files_are_not_taken_for_equal_content() -> None:
    merger = Merger([Contents(digest="d1", entries=(Entry("a.py", 3),))])
    merger.add([planned("ns/x.py", StoreFile("d1", "a.py"), "one", 3)])
    merger.add([planned("ns/x.py", StoreFile("d2", "a.py"), "two", 3)])
    assert len(merger.result()[1]) == 1


def test_a_file_below_a_linked_directory_lies_where_the_link_leads() -> None:
    merger = Merger([])
    merger.add([planned("usr/lib/a.so", Generated(b"x"), "one")])
    merger.add(
        [
            planned("lib/b.so", Generated(b"x"), "two"),
            planned("lib", Link("usr/lib"), "two", 7),
        ]
    )
    files, findings = merger.result()
    assert [file.path for file in files] == ["lib", "usr/lib/a.so", "usr/lib/b.so"]
    assert findings == ()


def test_a_file_where_another_has_a_directory_is_a_conflict() -> None:
    merger = Merger([])
    merger.add([planned("thing", Generated(b"x"), "one")])
    merger.add([planned("thing/inner.py", Generated(b"x"), "two")])
    files, findings = merger.result()
    assert [file.path for file in files] == ["thing"]
    assert findings[0].needed_by == ("one", "two")


def test_a_directory_where_another_has_a_file_is_a_conflict() -> None:
    merger = Merger([])
    merger.add([planned("thing/inner.py", Generated(b"x"), "one")])
    merger.add([planned("thing", Generated(b"x"), "two")])
    files, findings = merger.result()
    assert [file.path for file in files] == ["thing/inner.py"]
    assert len(findings) == 1


def test_a_link_that_climbs_out_of_the_bundle_is_not_followed() -> None:
    merger = Merger([])
    merger.add([planned("out", Link("../../etc"), "one", 9)])
    merger.add([planned("out/passwd", Generated(b"x"), "two")])
    files, findings = merger.result()
    assert [file.path for file in files] == ["out"]
    assert len(findings) == 1


def test_links_in_a_circle_end() -> None:
    merger = Merger([])
    merger.add([planned("a", Link("b"), "one"), planned("b", Link("a"), "one")])
    merger.add([planned("a/x", Generated(b"x"), "two")])
    assert [file.path for file in merger.result()[0]] == ["a", "b"]
