"""A bundle that somebody edited after the build: what was done is told, the sums are the disk's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.explore import read
from fctui.explore.catalog import Catalog
from fctui.explore.groups import grouped
from fctui.explore.read import of_bundle
from fctui.explore.selection import Selection
from fctui.explore.standing import BY_HAND
from fctui.model.plan import Category
from fctui.present.explore import edit_lines
from fctui.store.paths import MTIME_NS
from tests.support.catalogs import make_bundle

LONG_AGO = (MTIME_NS, MTIME_NS)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    place = make_bundle(
        tmp_path / "bundle",
        {
            "numpy/a.py": b"print(1)\n",
            "numpy/b.so": b"library",
            "numpy/run": b"#!/bin/sh\n",
            "six/six.py": b"six",
            "lib/b.so": "../numpy/b.so",
        },
    )
    for path in place.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, ns=LONG_AGO)
    return place


def told(catalog: Catalog) -> dict[str, str]:
    return {edit.path: edit.what for edit in catalog.about.edits}


def on_disk(bundle: Path) -> dict[str, int]:
    found = {}
    for where, _, names in os.walk(bundle):
        for name in names:
            path = Path(where) / name
            found[str(path.relative_to(bundle))] = path.lstat().st_size
    return found


def test_nothing_is_told_of_a_bundle_as_it_was_built(bundle: Path) -> None:
    assert of_bundle(bundle).about.edits == ()
    (bundle / "numpy/a.py").touch()  # another time, the same bytes
    assert of_bundle(bundle).about.edits == ()


def test_everything_that_was_done_is_told_and_summed(bundle: Path) -> None:
    (bundle / "new/deep").mkdir(parents=True)
    (bundle / "new/deep/lib.so.1").write_bytes(b"1234")
    (bundle / "new/link").symlink_to("nowhere")
    (bundle / "numpy/a.py").write_bytes(b"print(2)\n")  # as many bytes
    (bundle / "numpy/b.so").write_bytes(b"a longer library")
    (bundle / "numpy/run").chmod(0o755)
    (bundle / "six/six.py").unlink()
    (bundle / "lib/b.so").unlink()
    (bundle / "lib/b.so").symlink_to("../numpy/x.so")  # as many bytes
    catalog = of_bundle(bundle)
    assert told(catalog) == {
        "new/deep/lib.so.1": "added",
        "new/link": "added",
        "numpy/a.py": "changed",
        "numpy/b.so": "changed",
        "numpy/run": "changed",
        "six/six.py": "removed",
        "lib/b.so": "changed",
    }
    disk = on_disk(bundle)
    assert dict(zip(catalog.paths, catalog.sizes, strict=True)) == disk
    assert catalog.size == sum(disk.values())
    for by in ("owner", "manager", "category", "type"):
        groups = grouped(Selection(catalog), by)
        assert sum(group.size for group in groups) == catalog.size
    grown = sum(edit.grown for edit in catalog.about.edits)
    assert catalog.size - grown == of_bundle(bundle, now=False).size
    at = catalog.paths.index("new/deep/lib.so.1")
    assert (catalog.owner(at), catalog.category(at)) == (BY_HAND, Category.CODE)
    assert catalog.libraries[at]
    assert catalog.links == {"new/link": "nowhere", "lib/b.so": "../numpy/x.so"}


def test_hashes_are_those_of_the_bytes_that_are_there(bundle: Path) -> None:
    before = of_bundle(bundle)
    at = before.paths.index("numpy/a.py")
    old = before.hashes[at]
    (bundle / "numpy/a.py").write_bytes(b"print(2)\n")
    (bundle / "numpy/z").write_bytes(b"print(1)\n")
    after = of_bundle(bundle)
    hashes = dict(zip(after.paths, after.hashes, strict=True))
    assert hashes["numpy/z"] == old != hashes["numpy/a.py"]
    assert len(hashes[".fctui/manifest.json"]) == 64


def test_a_file_that_is_something_else_now(bundle: Path) -> None:
    (bundle / "numpy/a.py").unlink()
    os.mkfifo(bundle / "numpy/a.py")
    (bundle / "lib/b.so").unlink()
    (bundle / "lib/b.so").write_bytes(b"../numpy/b.so")  # as many bytes as the link had
    (bundle / "six/six.py").unlink()
    (bundle / "six/six.py").mkdir()
    catalog = of_bundle(bundle)
    assert told(catalog) == {
        "numpy/a.py": "changed",
        "lib/b.so": "changed",
        "six/six.py": "removed",
    }
    assert catalog.links == {}
    hashes = dict(zip(catalog.paths, catalog.hashes, strict=True))
    assert hashes["numpy/a.py"] == ""
    assert len(hashes["lib/b.so"]) == 64


def test_a_directory_in_the_place_of_files_is_not_followed(bundle: Path, tmp_path: Path) -> None:
    (bundle / "numpy").rename(tmp_path / "elsewhere")
    (bundle / "numpy").symlink_to(tmp_path / "elsewhere")
    found = told(of_bundle(bundle))
    assert found == {
        "numpy": "added",
        "numpy/a.py": "removed",
        "numpy/b.so": "removed",
        "numpy/run": "removed",
    }


def test_names_of_added_files_are_not_believed(bundle: Path) -> None:
    (bundle / "\x1b[31mred").write_bytes(b"1")
    (bundle / os.fsdecode(b"caf\xe9")).write_bytes(b"22")
    catalog = of_bundle(bundle)
    first, *others = edit_lines(catalog.about.edits, 1)
    assert first == "edited since it was built: 2 files added (+3 B)"
    assert len(others) == 2
    assert others[-1].strip() == "1 more file"
    assert not any("\x1b" in line for line in edit_lines(catalog.about.edits, 9))


def test_a_large_bundle_is_looked_at_when_somebody_asks(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bundle / "new").write_bytes(b"new")
    assert told(of_bundle(bundle)) == {"new": "added"}
    monkeypatch.setattr(read, "LARGE", 0)
    unasked = of_bundle(bundle)
    assert (unasked.about.looked, told(unasked)) == (False, {})
    assert told(of_bundle(bundle, now=True)) == {"new": "added"}
