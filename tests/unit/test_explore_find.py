"""Finding in a bundle: filters, duplicates, differences, and a look into files."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec import structs

from fctui.explore.catalog import Catalog
from fctui.explore.compare import compare
from fctui.explore.peek import MOST, peek
from fctui.explore.query import Query, matcher, matching, parse
from fctui.explore.read import of_bundle, of_plan
from fctui.explore.selection import Selection
from fctui.explore.twice import identical, libraries_twice, soname
from fctui.explore.walk import of_directory
from fctui.explore.zipped import END, HEADERS, zipped
from fctui.model.contents import Contents, Entry
from fctui.model.plan import Category, StoreFile
from fctui.store.store import Store
from tests.support.catalogs import catalog_of, make_bundle, origin, plan_of, planned
from tests.support.elves import elf_file

CATALOG = catalog_of(
    planned("numpy/core.py", 2_000, category=Category.PLATLIB),
    planned("numpy/libs/libblas.so.3", 9_000_000),
    planned("NumPy-2.dist-info/METADATA", 300, category=Category.METADATA),
    planned(
        "express/index.js",
        70_000,
        owner="express",
        manager="npm",
        category=Category.NODE_MODULE,
    ),
    planned("lib/libblas.so.3", owner="numpy", link="../numpy/libs/libblas.so.3"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"numpy/core.py", "numpy/libs/libblas.so.3", "NumPy-2.dist-info/METADATA",
              "express/index.js", "lib/libblas.so.3"}),
        ("NUMPY", {"numpy/core.py", "numpy/libs/libblas.so.3", "NumPy-2.dist-info/METADATA",
                   "lib/libblas.so.3"}),
        ("core num", {"numpy/core.py"}),
        (">5M", {"numpy/libs/libblas.so.3"}),
        (">1k <100k", {"numpy/core.py", "express/index.js"}),
        ("owner:expr", {"express/index.js"}),
        ("manager:npm", {"express/index.js"}),
        ("category:metadata", {"NumPy-2.dist-info/METADATA"}),
        ("type:python", {"numpy/core.py"}),
        ("type:so", {"numpy/libs/libblas.so.3", "lib/libblas.so.3"}),
        ("type:so >1M", {"numpy/libs/libblas.so.3"}),
        ("owner:", {"numpy/core.py", "numpy/libs/libblas.so.3", "NumPy-2.dist-info/METADATA",
                    "express/index.js", "lib/libblas.so.3"}),
        ("nothing", set()),
        ("c:x:y", set()),
    ],
)  # fmt: skip
def test_filters(text: str, expected: set[str]) -> None:
    found = list(matching(Selection(CATALOG), parse(text)).chosen)
    assert {CATALOG.paths[at] for at in found} == expected
    assert found == sorted(found)


def among(catalog: Catalog, query: Query) -> list[int]:
    """What a query is met by, looked at file by file."""
    owners = catalog.owner_table
    return [
        at
        for at, path in enumerate(catalog.paths)
        if query.least < catalog.sizes[at] < query.most
        and all(word in path or word in owners[catalog.owners[at]][1] for word in query.words)
        and all(
            value in (owners[catalog.owners[at]][1] if name == "owner" else "python")
            for name, value in query.fields
        )
    ]


def test_typing_on_finds_what_typing_at_once_finds() -> None:
    source = random.Random(3)
    catalog = catalog_of(
        *(planned(f"{source.randint(0, 999)}/{n}.py", n, owner=f"o{n % 7}") for n in range(300))
    )
    match = matcher(catalog)
    text = ""
    for _ in range(400):
        if source.random() < 0.3:
            text = text[:-1]
        else:
            text += source.choice("0123o: ><ownertype:py")
        assert list(match(text).chosen) == among(catalog, parse(text)), text


def test_identical_files_and_what_they_waste() -> None:
    catalog = catalog_of(
        planned("a/x", data=b"same bytes", owner="a"),
        planned("b/x", data=b"same bytes", owner="b"),
        planned("c/x", data=b"same bytes", owner="c"),
        planned("a/y", data=b"other", owner="a"),
        planned("a/empty"),
        planned("b/empty"),
    )
    (twins,) = identical(catalog)
    assert [catalog.paths[at] for at in twins.positions] == ["a/x", "b/x", "c/x"]
    assert twins.wasted == 20


def test_a_directory_is_read_for_its_twins(tmp_path: Path) -> None:
    for name, data in {"a": b"12345", "b": b"12345", "c": b"54321", "d": b"1", "e": b""}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "f").symlink_to("a")
    catalog = of_directory(tmp_path)
    (twins,) = identical(catalog)
    assert ([catalog.paths[at] for at in twins.positions], twins.wasted) == (["a", "b"], 5)


def test_libraries_brought_twice() -> None:
    catalog = catalog_of(
        planned("numpy.libs/libgfortran-040039e1.so.5.0.0", 300, owner="numpy"),
        planned("scipy.libs/libgfortran-11223344-0352e75f.so.5.0.0", 200, owner="scipy"),
        planned("usr/lib/libgfortran.so.4", 100, owner="libgfortran4", manager="apt"),
        planned("lib/libgfortran.so.5", link="x"),
        planned("a/_core.cpython-311.so", 5),
        planned("b/_core.cpython-311.so", 5),
    )
    (twins,) = libraries_twice(catalog)
    assert (twins.name, len(twins.positions), twins.wasted) == ("libgfortran.so.5", 2, 200)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("libx.so", "libx.so"),
        ("libx.so.1.2.3", "libx.so.1"),
        ("libopenblasp-r0-59ffcd50.3.15.so", "libopenblasp-r0.3.15.so"),
        ("libLLVM-15.so.1", "libLLVM-15.so.1"),
        ("sharp.node", ""),
    ],
)
def test_sonames(name: str, expected: str) -> None:
    assert soname(name) == expected


def test_differences_by_file_and_package(tmp_path: Path) -> None:
    before = make_bundle(
        tmp_path / "before",
        {"a/same": b"1", "a/changed": b"abc", "b/gone": b"12", "a/link": "same"},
        [origin("a", version="1.0"), origin("b")],
    )
    after = make_bundle(
        tmp_path / "after",
        {"a/same": b"1", "a/changed": b"xyz", "c/new": b"12345", "a/link": "changed"},
        [origin("a", version="1.1"), origin("c")],
    )
    found = compare(of_bundle(before), of_bundle(after))
    whats = {change.path: change.what for change in found.files}
    assert whats == {
        "a/changed": "changed",
        "a/link": "changed",
        "b/gone": "removed",
        "c/new": "added",
        ".fctui/manifest.json": "changed",
    }
    assert found.after - found.before == sum(change.grown for change in found.files)
    assert sum(package.grown for package in found.packages) == found.after - found.before
    packages = {package.owner[1]: package for package in found.packages}
    assert packages["c"].versions == ("", "1")
    assert packages["b"].after == 0
    assert packages["a"].versions == ("1.0", "1.1")
    assert packages["a"].changed == 2
    for side in (before, after):
        (side / ".fctui" / "manifest.json").unlink()
    walked = compare(of_directory(before), of_directory(after))
    assert {c.path for c in walked.files} == {"a/changed", "a/link", "b/gone", "c/new"}
    assert compare(of_directory(before), of_directory(before)).files == ()


def test_zip_sizes_are_exact_for_what_is_stored() -> None:
    catalog = catalog_of(planned("a/link", link="target"), planned("b/empty"))
    found = zipped(catalog)
    assert list(found.sizes) == [HEADERS + 12 + 6, HEADERS + 14]
    assert found.total == sum(found.sizes) + END
    assert (found.exact, found.known) == (2, 1.0)
    guessed = zipped(CATALOG)
    assert guessed.exact == 1
    assert guessed.total < CATALOG.size


def test_zip_sizes_are_those_of_a_wheel_before_it_is_downloaded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = f"sha256:{'0' * 64}"
    entries = (Entry("big.so", 1000, sha256="ab"), Entry("small", 10, sha256="cd"))
    store.remember(digest, Contents(digest, entries, packed={"big.so": 900}))
    files = [
        structs.replace(planned(path, 1000), source=StoreFile(digest, path))
        for path in ("big.so", "small")
    ]
    wheel = structs.replace(origin("numpy"), digest=digest)
    catalog = of_plan(plan_of(files, [wheel]), store=store)
    found = zipped(catalog, store)
    assert found.sizes[0] == HEADERS + 2 * len("big.so") + 900
    assert found.exact == 1


def test_looking_into_files(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_bytes(b"one\x1b[31m red\x07\n\ttab\n" + "ü".encode() * 3)
    seen = peek(text)
    assert seen.lines == ("one red", "    tab", "üüü")
    assert not seen.cut
    text.write_bytes(b"x" * MOST + "ü".encode())
    assert peek(text).cut
    text.write_bytes(b"a\0b")
    assert peek(text).kind == "binary"
    assert peek(b"").kind == "empty"
    assert peek(None).kind == "gone"
    assert peek(tmp_path / "none").kind == "gone"
    (tmp_path / "link").symlink_to(text)
    assert peek(tmp_path / "link").kind == "gone"
    assert peek(Path("/dev/zero")).kind == "binary"
    assert peek(b"\n" * 1000).cut


def test_looking_into_a_library(tmp_path: Path) -> None:
    path = tmp_path / "libx.so.1"
    path.write_bytes(elf_file(soname="libx.so.1", needed=("libc.so.6",)))
    seen = peek(path)
    assert seen.elf is not None
    assert seen.elf.needed == ("libc.so.6",)
    path.write_bytes(path.read_bytes()[:70])
    assert peek(path).kind == "binary"
