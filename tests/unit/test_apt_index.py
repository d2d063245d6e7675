"""Indexing package lists and searching them; relations between packages."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.index_build import build_index
from fctui.managers.apt.relations import (
    Available,
    Relation,
    Satisfiers,
    compare,
    holds,
    parse_provides,
    parse_relations,
)
from fctui.managers.apt.stanza import field, paragraphs
from tests.support.debs import Deb, stanza

MAIN = (
    Deb("libgl1", "1.6.0-1", summary="Vendor neutral GL dispatch library"),
    Deb("libgl-dev", "1.6.0-1", summary="Development files for GL"),
    Deb("imagemagick", "8:6.9", summary="image manipulation programs"),
    Deb("gimp", "2.10", summary="GNU Image Manipulation Program"),
    Deb("mailx", "1", fields={"Provides": "mailer (= 3), mail-reader"}),
    Deb("base", "1", fields={"Essential": "yes"}),
    Deb("needed", "1", fields={"Priority": "required"}),
)
SECURITY = (
    Deb("libgl1", "1.6.0-1+deb12u1", summary="Vendor neutral GL dispatch library"),
    Deb("gimp", "2.9", summary="older than main has it"),
    Deb("evil", "1", summary="\x1b[31mred\x1b[0m\ttab ünïcode"),
)


def write(path: Path, debs: tuple[Deb, ...]) -> Path:
    path.write_text("\n".join(stanza(deb.control) for deb in debs))
    return path


@pytest.fixture
def index(tmp_path: Path) -> PackageIndex:
    lists = [
        (write(tmp_path / "main", MAIN), "amd64"),
        (write(tmp_path / "sec", SECURITY), "amd64"),
    ]
    lists.append((write(tmp_path / "i386", MAIN[:1]), "i386"))
    build_index(lists, "amd64", tmp_path / "index")
    return PackageIndex(tmp_path / "index")


def test_the_newest_version_counts(index: PackageIndex) -> None:
    with index:
        gl, gimp = index.hit("libgl1"), index.hit("gimp")
        assert gl is not None
        assert gimp is not None
        assert gl.version == "1.6.0-1+deb12u1"
        assert gimp.version == "2.10"
        assert index.versions("libgl1") == ["1.6.0-1+deb12u1", "1.6.0-1"]
        assert gl.installed_size == 12 * 1024
        assert index.hit("libgl") is None
        assert index.hit("zzz") is None
        assert "libgl1:i386" in index
        assert "" not in index


def test_a_stanza_is_as_in_the_list(index: PackageIndex) -> None:
    with index:
        assert index.stanza("libgl1", "1.6.0-1") == stanza(MAIN[0].control).rstrip("\n")
        assert index.stanza("libgl1", "7") is None
        assert field(index.stanza("needed") or "", "Priority") == "required"
        assert index.required == ("base", "needed")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("libgl1", ["libgl1"]),
        ("libgl", ["libgl1", "libgl-dev"]),
        ("GL", ["libgl1", "libgl-dev"]),
        ("magick", ["imagemagick"]),
        ("image manip", ["gimp", "imagemagick"]),
        ("neutral", ["libgl1"]),
        ("   ", []),
        ("nothing like it", []),
        ("a[/b]", []),
    ],
)
def test_search(index: PackageIndex, query: str, first: list[str]) -> None:
    with index:
        found = [hit.name for hit in index.search(query) if ":" not in hit.name]
        assert found[: len(first)] == first
        assert bool(found) == bool(first)


def test_a_hostile_summary_is_harmless(index: PackageIndex) -> None:
    with index:
        hit = index.hit("evil")
        assert hit is not None
        assert hit.summary == "red tab ünïcode"


def test_providers_and_near_names(index: PackageIndex) -> None:
    with index:
        assert index.providers("mailer") == [("mailx", Relation("mailer", "", "=", "3"))]
        assert index.providers("mail") == []
        assert "imagemagick" in index.near("imagemagik")


def test_a_large_list_is_searched_at_once(tmp_path: Path) -> None:
    debs = tuple(
        Deb(f"lib{number:05}-{'xyz'[number % 3]}", summary=f"library number {number}")
        for number in range(20_000)
    )
    build_index([(write(tmp_path / "main", debs), "amd64")], "amd64", tmp_path / "index")
    with PackageIndex(tmp_path / "index") as index:
        begun = time.perf_counter()
        for query in ("l", "lib", "lib1", "123", "library 777", "x"):
            assert index.search(query)
        assert time.perf_counter() - begun < 1.0  # 15 ms where it is quiet


def test_a_file_of_another_version_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match="no index"):
        PackageIndex(tmp_path / "index")


def test_relations() -> None:
    text = (
        "libc6 (>= 2.36), default-mta | mail-transport-agent, python3:any (<< 3.12) [amd64] <!x>,"
    )
    assert parse_relations(text) == (
        (Relation("libc6", "", ">=", "2.36"),),
        (Relation("default-mta", "", "", ""), Relation("mail-transport-agent", "", "", "")),
        (Relation("python3", "any", "<<", "3.12"),),
    )
    assert parse_relations("") == ()


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("1.0~rc1", "1.0"),
        ("9", "1:1"),
        ("1.0-1", "1.0-1+b1"),
        ("1.2", "1.10"),
        ("2.36-9", "2.36-10"),
    ],
)
def test_versions(lower: str, higher: str) -> None:
    assert compare(lower, higher) < 0 < compare(higher, lower)
    assert holds(higher, Relation("x", "", ">>", lower))
    assert not holds(higher, Relation("x", "", "<=", lower))
    assert holds(lower, Relation("x", "", "=", lower))


def test_who_satisfies() -> None:
    packages = [
        Available("one", "one", "2", "amd64"),
        Available("two", "two", "1", "all", parse_provides("virtual (= 5), plain")),
        Available("one:i386", "one", "2", "i386"),
    ]
    satisfiers = Satisfiers(packages, "amd64")

    def ids(text: str, arch: str = "amd64") -> list[str]:
        return [found.id for found in satisfiers.of(parse_relations(text)[0][0], arch)]

    assert ids("one (>= 1)") == ["one"]
    assert ids("one (>= 3)") == []
    assert ids("one", "i386") == ["one:i386"]
    assert ids("one:any") == ["one", "one:i386"]
    assert ids("virtual (>= 4)") == ["two"]
    assert ids("plain") == ["two"]
    assert ids("plain (>= 1)") == []


def test_fields_and_paragraphs() -> None:
    text = "Package: x\nDepends: a,\n b (>= 1),\n c\nSize: 5\n"
    assert field(text, "Depends") == "a,  b (>= 1),  c"
    assert field(text, "Size") == "5"
    assert field(text, "size") == ""
    first, second = paragraphs("# c\nTypes: deb\nSigned-By:\n -----BEGIN\n .\n\n\nURIs: x\n")
    assert first == {"types": "deb", "signed-by": "\n-----BEGIN\n."}
    assert second == {"uris": "x"}
