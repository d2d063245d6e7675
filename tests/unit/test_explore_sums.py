"""The sums of the explorer: by directory, owner, manager, category and type, to the byte."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from fctui.explore.catalog import Catalog
from fctui.explore.groups import BYS, By, grouped, members
from fctui.explore.positions import Positions
from fctui.explore.read import of_bundle, open_catalog
from fctui.explore.selection import ORDERS, Node, Order, Selection
from fctui.explore.types import type_of
from fctui.explore.walk import of_directory
from fctui.model.errors import UsageError
from fctui.model.plan import Category
from tests.support.catalogs import catalog_of, make_bundle, planned, random_paths


def some(seed: int, count: int = 120) -> Catalog:
    source = random.Random(seed)
    return catalog_of(
        *(
            planned(
                path,
                source.randint(0, 9999),
                owner=source.choice("abc"),
                manager=source.choice(["pip", "npm"]),
                category=source.choice(list(Category)),
            )
            for path in random_paths(seed, count)
        )
    )


def every(selection: Selection, node: Node) -> list[Node]:
    found = []
    for child in selection.children(node):
        found.append(child)
        if child.is_directory:
            found += every(selection, child)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_directories_are_what_their_paths_say(seed: int) -> None:
    catalog = some(seed)
    source = random.Random(seed)
    all_ = range(len(catalog))
    few = sorted(source.sample(all_, 40))
    most = sorted(source.sample(all_, len(catalog) - 40))
    for selection, positions in (
        (Selection(catalog), all_),
        (Selection(catalog, few), few),
        (Selection(catalog, Positions.where([at in most for at in all_])), most),
    ):
        assert list(selection.chosen) == list(positions)
        counts: Counter[str] = Counter()
        sizes: Counter[str] = Counter()
        for at in positions:
            parts = catalog.paths[at].split("/")
            for depth in range(len(parts)):
                inner = "/".join(parts[: depth + 1]) + ("/" if depth < len(parts) - 1 else "")
                counts[inner] += 1
                sizes[inner] += catalog.sizes[at]
        found = every(selection, selection.whole)
        assert {node.path: node.files for node in found} == counts
        assert {node.path: node.size for node in found} == sizes
        assert selection.whole.size == sum(catalog.sizes[at] for at in positions)
        for node in found:
            assert selection.node(node.path) == node
            if not node.is_directory:
                assert catalog.paths[node.first] == node.path


def test_a_large_directory_ends_where_it_ends() -> None:
    files = [planned(f"d/{number:05}/f", number) for number in range(3000)]
    selection = Selection(catalog_of(planned("c", 1), *files, planned("d0", 5), planned("d-", 7)))
    assert [(n.path, n.files, n.size) for n in selection.children(selection.whole)] == [
        ("d/", 3000, sum(range(3000))),
        ("c", 1, 1),
        ("d-", 1, 7),
        ("d0", 1, 5),
    ]
    assert selection.node("d/02999/") == Node("d/02999/", 3001, 3002, 2999, 1)
    assert selection.node("d/3") is None
    assert selection.node("e/") is None


@pytest.mark.parametrize("order", ORDERS)
def test_children_have_an_order(order: Order) -> None:
    selection = Selection(
        catalog_of(planned("b/1", 1), planned("b/2", 1), planned("a", 9), planned("c/x", 5))
    )
    names = [node.name for node in selection.children(selection.whole, order)]
    expected = {
        "name": ["b/", "c/", "a"],
        "size": ["a", "c/", "b/"],
        "count": ["b/", "c/", "a"],
    }
    assert names == expected[order]


@pytest.mark.parametrize("by", BYS)
def test_groups_are_the_whole(by: By) -> None:
    catalog = some(7)
    selection = Selection(catalog)
    groups = grouped(selection, by)
    assert sum(group.size for group in groups) == catalog.size
    assert sum(group.files for group in groups) == len(catalog)
    positions = set()
    for group in groups:
        inside = members(selection, by, group.number)
        assert (len(inside), inside.size) == (group.files, group.size)
        positions |= set(inside.chosen)
    assert positions == set(range(len(catalog)))
    half = Selection(catalog, range(0, len(catalog), 2))
    some_groups = grouped(half, by)
    assert sum(group.size for group in some_groups) == half.size


def test_owners_of_one_name_are_told_apart() -> None:
    catalog = catalog_of(
        planned("a", 1, owner="six", manager="pip"), planned("b", 2, owner="six", manager="npm")
    )
    groups = grouped(Selection(catalog), "owner")
    assert [(g.key, g.size) for g in groups] == [("npm six", 2), ("pip six", 1)]


def test_a_bundle_is_read_as_it_lies_there(tmp_path: Path) -> None:
    place = make_bundle(
        tmp_path / "bundle",
        {"numpy/a.py": b"one", "numpy/b.so": b"twotwo", "six/c": b"", "lib/l": "../numpy/b.so"},
    )
    catalog = open_catalog(place)
    assert catalog.about.kind == "bundle"
    walked = of_directory(place)
    assert catalog.paths == walked.paths
    assert list(catalog.sizes) == list(walked.sizes)
    assert catalog.links == walked.links == {"lib/l": "../numpy/b.so"}
    assert catalog.size == sum(
        os.lstat(Path(where) / name).st_size for where, _, names in os.walk(place) for name in names
    )
    at = catalog.paths.index("numpy/b.so")
    assert catalog.owner(at) == ("pip", "numpy")
    assert catalog.libraries[at]
    assert len(catalog.hashes[at]) == 64
    assert catalog.locate("numpy/b.so") == place / "numpy/b.so"


def test_a_damaged_manifest_is_an_error_that_says_so(tmp_path: Path) -> None:
    place = make_bundle(tmp_path / "bundle", {"a/b": b"x"})
    manifest = place / ".fctui" / "manifest.json"
    for data in (b"", b"{", b'{"files": [{"path": 3}]}'):
        manifest.write_bytes(data)
        with pytest.raises(UsageError, match="cannot be read"):
            open_catalog(place)
    manifest.unlink()
    with pytest.raises(UsageError, match="is not a bundle"):
        of_bundle(place)


def test_traces_of_installers_tell_owners(tmp_path: Path) -> None:
    files = {
        "Foo_Bar-1.0.dist-info/RECORD": "foo/__init__.py,,\n../bin/foo,,\n",
        "foo/__init__.py": "",
        "foo/libx.so.1": "",
        "node_modules/@a/b/index.js": "1",
        "node_modules/@a/b/node_modules/c/index.js": "22",
        "app.jar": "",
        "other": "333",
    }
    for path, text in files.items():
        where = tmp_path / "site" / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text)
    catalog = of_directory(tmp_path / "site")
    owners = {path: catalog.owner(at) for at, path in enumerate(catalog.paths)}
    assert owners["foo/__init__.py"] == ("pip", "foo-bar")
    assert owners["node_modules/@a/b/index.js"] == ("npm", "node_modules/@a/b")
    assert owners["node_modules/@a/b/node_modules/c/index.js"][1].endswith("node_modules/c")
    assert owners["other"] == ("", "")
    kinds = {path: catalog.category(at) for at, path in enumerate(catalog.paths)}
    assert kinds["foo/libx.so.1"] is Category.SHARED_LIBRARY
    assert kinds["foo/__init__.py"] is Category.PURELIB
    assert kinds["app.jar"] is Category.JAR
    inner = of_directory(tmp_path / "site" / "node_modules")
    assert inner.owner(0)[0] == "npm"


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        of_directory(tmp_path / "none")


def test_files_without_utf8_names_are_counted(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_bytes(b"12345")
    (tmp_path / "b").write_bytes(b"1")
    catalog = of_directory(tmp_path)
    assert catalog.size == 6
    assert [node.size for node in Selection(catalog).children(Selection(catalog).whole)] == [1, 5]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/b.py", "Python"),
        ("a/libx.so.1", "shared library"),
        ("a/x.node", "shared library"),
        ("man/ls.1", "text"),
        ("a/LICENSE", "text"),
        ("a/LICENSE.MIT", "text"),
        ("a/X.JS", "JavaScript"),
        (".gitignore", "other"),
        ("a.d/noext", "other"),
        ("a/x.map", "source map"),
    ],
)
def test_types(path: str, kind: str) -> None:
    assert type_of(path) == kind
