"""The report as a file: it asks nobody, believes no name, and is the same each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from fctui.bundle.manifest import MANIFEST_PATH, read_manifest
from fctui.explore.budget import Budget
from fctui.explore.catalog import Catalog
from fctui.explore.read import of_bundle
from fctui.explore.zipped import zipped
from fctui.model.advisory import Advisory, Audit, Severity, Untold
from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.plan import Origin, Saving
from fctui.model.verification import Outcome, Subject, Verdict, Verification
from fctui.present.report.facts import Asked, Facts, facts_of
from fctui.present.report.page import page
from fctui.present.report.picture import HEIGHT, WIDTH, Box, boxes
from fctui.sbom.licences import licences
from fctui.targets.load import load_target
from tests.support.catalogs import catalog_of, make_bundle, origin, planned

EVIL = "<script>alert(1)</script>\x1b[31m'\"&{{7*7}}"
MANAGERS = {"pip", "apt", "npm", "maven", "project", "fctui", "other"}


class Tags(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.text += data


def facts(bundle: Path, asked: Asked) -> tuple[Facts, Catalog]:
    manifest, catalog = read_manifest(bundle), of_bundle(bundle)
    target = load_target("debian12")
    packed = zipped(catalog)
    gauges = Budget(catalog, target, packed).gauges()
    found = licences(bundle, manifest)
    return facts_of("f", manifest, catalog, target, gauges, packed, found, asked), catalog


def written(bundle: Path, asked: Asked) -> str:
    told, catalog = facts(bundle, asked)
    return page(told, boxes(catalog)).decode()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    data = b"x" * 5000
    meta = b"Metadata-Version: 2.4\nName: numpy\nVersion: 1\nLicense-Expression: MIT\n"
    contents: dict[str, bytes | str] = {
        "numpy/core.so": b"n" * 40_000,
        "numpy/again.py": data,
        "numpy/numpy-1.dist-info/METADATA": meta,
        "leaf/same.py": data,
        "leaf/link": "same.py",
    }
    made = [origin("numpy", "leaf", declared="requirements.txt:1"), origin("leaf")]
    return make_bundle(tmp_path / "bundle", contents, made)


def everything(text: str) -> Asked:
    """All that can be asked, with one text for every message."""
    bad = Finding(
        kind=Kind.MISSING_LIBRARY,
        subject=text,
        message=text,
        needed_by=("numpy",),
        remedies=(Remedy("apt", text, size=5),),
        chains=(("requirements.txt:1", text),),
    )
    known = Advisory(
        manager="pip",
        package="leaf",
        name=text,
        version=text,
        id="CVE-1",
        severity=Severity.HIGH,
        summary=text,
        fixed=(text,),
        url="javascript:alert(1)",
    )
    trial = Verdict(kind=Subject.MODULE, subject=text, outcome=Outcome.FAILED, message=text)
    return Asked(
        findings=(bad,),
        verification=Verification(sandbox="a sandbox", results=(trial,), notes=(text,)),
        audit=Audit(vulnerabilities=(known,), untold=(Untold("npm", (text,), text),)),
        notes=(text,),
    )


def test_it_says_what_is_there(bundle: Path) -> None:
    text = Tags(written(bundle, everything("plain words"))).text
    for expected in (
        "numpy",
        "requirements.txt:1",
        "MIT",
        "1 thing will break it",
        "cured by apt plain words (+5 B)",
        "fixed in plain words",
        "not told  npm: 1 package",
        "Python modules    0 of 1 work, 1 fail",
        "1 time, wasting 5.0 K",
    ):
        assert expected in text


def test_its_sums_are_those_of_the_files(bundle: Path) -> None:
    told, catalog = facts(bundle, Asked(findings=()))
    on_disk = sum(path.lstat().st_size for path in bundle.rglob("*") if not path.is_dir())
    assert dict(told.summary)["size"].endswith(f"({on_disk:,} bytes)")
    assert dict(told.summary)["files"] == "6"
    tables = {table.id: table for table in told.tables}
    files = sum(int(row.cells[3].replace(",", "")) for row in tables["packages"].rows)
    assert files == len(catalog)
    assert all(len(row.cells) == len(table.head) for table in told.tables for row in table.rows)


def test_what_was_not_asked_is_not_answered(bundle: Path) -> None:
    text = written(bundle, Asked(findings=()))
    assert 'id="vulnerabilities"' not in text
    assert 'id="verified"' not in text
    assert "Nothing was found that would break it" in text


def test_no_name_is_believed(bundle: Path) -> None:
    raw = written(bundle, everything(EVIL))
    assert "\x1b" not in raw
    parsed = Tags(raw)
    tags = {tag for tag, _ in parsed.tags}
    assert not tags & {"script", "iframe", "object", "img", "link", "base", "form"}
    assert "<script>alert(1)</script>'\"&{{7*7}}" in parsed.text
    assert "49" not in parsed.text
    assert not [a for _, attributes in parsed.tags for a in attributes if a.startswith("on")]
    assert "javascript:" not in raw


def test_hostile_file_names(tmp_path: Path) -> None:
    contents: dict[str, bytes | str] = {f"numpy/{'</svg><b>'}x": b"x" * 9000}
    where = make_bundle(tmp_path / "bundle", contents)
    manifest = (where / MANIFEST_PATH).read_bytes()
    assert msgspec.json.decode(manifest)["files"]
    parsed = Tags(written(where, Asked(findings=())))
    assert ("b", {}) not in parsed.tags
    assert "</svg><b>x" in parsed.text


def test_it_needs_nothing_from_elsewhere(bundle: Path) -> None:
    raw = written(bundle, Asked(findings=()))
    places = [
        value
        for _, attributes in Tags(raw).tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "data", "action", "poster"}
    ]
    assert places
    assert all(value and value.startswith("#") for value in places)
    assert "url(" not in raw
    assert "@import" not in raw
    ids = {attributes.get("id") for _, attributes in Tags(raw).tags}
    assert {value[1:] for value in places if value} <= ids


def test_the_same_bundle_gives_the_same_bytes(tmp_path: Path, bundle: Path) -> None:
    first = written(bundle, everything("x"))
    other = tmp_path / "elsewhere"
    bundle.rename(other)
    assert written(other, everything("x")) == first
    assert str(tmp_path) not in first


def area(drawn: Sequence[Box]) -> float:
    return sum(box.width * box.height for box in drawn)


def test_the_map_is_the_whole(bundle: Path) -> None:
    drawn = boxes(of_bundle(bundle))
    outer = [box for box in drawn if box.kind in {*MANAGERS, "rest"}]
    assert area(outer) == WIDTH * HEIGHT
    assert {"numpy", "leaf"} <= {box.title.split()[0] for box in outer}


def test_the_areas_are_the_bytes() -> None:
    sizes = {"a": 600_000, "b": 300_000, "c": 100_000}
    catalog = catalog_of(
        *(planned(f"{name}/x.py", size, owner=name) for name, size in sizes.items())
    )
    for box in boxes(catalog):
        if box.kind != "inner":
            part = sizes[box.title.split()[0]] / 1_000_000
            assert box.width * box.height / (WIDTH * HEIGHT) == pytest.approx(part, abs=0.01)


def test_captions_stay_in_their_boxes() -> None:
    names = [f"package-with-a-long-name-{number}" for number in range(60)]
    catalog = catalog_of(
        *(planned(f"{name}/x.py", 9000 * (at + 1), owner=name) for at, name in enumerate(names))
    )
    for box in boxes(catalog):
        assert len(box.caption) * 6 <= box.width
        assert not box.below or box.height >= 30


def test_an_empty_bundle(tmp_path: Path) -> None:
    told, catalog = facts(make_bundle(tmp_path / "bundle", {}), Asked(findings=()))
    raw = page(told, boxes(catalog)).decode()
    assert re.search(r">identical files</h2>\s*<p class=\"note\">none</p>", raw)


def test_a_package_without_files_has_its_licence_told(tmp_path: Path) -> None:
    meta = Origin("pip", "meta", "meta", "2", "meta.whl", "", (), "requirements.txt:1")
    told, _ = facts(make_bundle(tmp_path / "b", {"x/y": b"1"}, [meta]), Asked(findings=()))
    table = next(table for table in told.tables if table.id == "licences")
    assert [row.cells for row in table.rows] == [("1", "none stated", "meta 2")]


def test_what_rules_have_left_out_is_told(bundle: Path) -> None:
    manifest = read_manifest(bundle)
    saved = (Saving("docs", "apt", 3, 1000), Saving("tests", "pip", 40, 90_000))
    told = facts_of(
        "f",
        msgspec.structs.replace(manifest, savings=saved),
        of_bundle(bundle),
        load_target("debian12"),
        (),
        zipped(of_bundle(bundle)),
        licences(bundle, manifest),
        Asked(findings=()),
    )
    table = next(table for table in told.tables if table.id == "left-out")
    assert [row.cells for row in table.rows] == [
        ("90.0 K", "40", "tests", "pip"),
        ("1.0 K", "3", "docs", "apt"),
    ]
    assert table.note.startswith("91.0 K")
