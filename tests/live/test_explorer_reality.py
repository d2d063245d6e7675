"""The explorer's sums against the disk, to the byte, on bundles of real packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fctui.explore.groups import BYS, grouped
from fctui.explore.read import of_bundle
from fctui.explore.selection import Node, Selection
from fctui.explore.treemap import tiles
from fctui.explore.walk import of_directory

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("explorer")]  # a bundle for each project

PROJECTS = {
    "pip": {"requirements.txt": "numpy\nrequests\npillow\n"},
    "npm": {"package.json": '{"dependencies": {"express": "^5", "sharp": "^0.34"}}'},
    "mixed": {
        "requirements.txt": "flask\n",
        "apt.txt": "libpng16-16\n",
        "package.json": '{"dependencies": {"ms": "^2"}}',
        "index.py": "def handler(event, context): pass\n",
    },
}


@pytest.fixture(scope="module", params=PROJECTS)
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp(str(request.param))
    for name, text in PROJECTS[request.param].items():
        (here / name).write_text(text)
    (here / "fctui.toml").write_text('target = "debian12"\n')
    argv = [sys.executable, "-m", "fctui", "build", "-q"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        argv, cwd=here, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True
    )
    assert done.returncode in {0, 1}, done.stderr.decode()  # 1: it is there, with findings
    return here / "build" / "bundle"


def on_disk(bundle: Path) -> dict[str, int]:
    """Bytes by path, as lstat(2) says."""
    found = {}
    for where, directories, names in os.walk(bundle):
        links = [name for name in directories if os.path.islink(os.path.join(where, name))]
        for name in (*names, *links):
            path = Path(where) / name
            found[str(path.relative_to(bundle))] = path.lstat().st_size
    return found


def test_every_directory_is_what_is_on_the_disk(bundle: Path) -> None:
    disk = on_disk(bundle)
    sums: Counter[str] = Counter()
    for path, size in disk.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            sums["/".join(parts[:depth]) + "/"] += size
    selection = Selection(of_bundle(bundle))
    found: dict[str, int] = {}

    def visit(node: Node) -> None:
        for child in selection.children(node):
            if child.is_directory:
                found[child.path] = child.size
                visit(child)
            else:
                assert disk[child.path] == child.size

    visit(selection.whole)
    assert found == sums
    assert selection.size == sum(disk.values())
    assert len(selection) == len(disk)


def test_owners_and_categories_are_what_is_on_the_disk(bundle: Path) -> None:
    disk = on_disk(bundle)
    listed = json.loads((bundle / ".fctui" / "manifest.json").read_bytes())["files"]
    catalog = of_bundle(bundle)
    for by in BYS:
        groups = grouped(Selection(catalog), by)
        assert sum(group.size for group in groups) == sum(disk.values())
    for key, by in (("owner", "owner"), ("category", "category"), ("manager", "manager")):
        sums: Counter[str] = Counter()
        for file in listed:
            sums[file[key]] += disk[file["path"]]
        sums["metadata" if key == "category" else "fctui"] += disk[".fctui/manifest.json"]
        ours: Counter[str] = Counter()
        for group in grouped(Selection(catalog), by):
            ours[group.name] += group.size
        assert ours == sums


def test_without_its_manifest_it_is_the_same(bundle: Path) -> None:
    with_it, without = of_bundle(bundle), of_directory(bundle)
    assert with_it.paths == without.paths
    assert with_it.sizes == without.sizes
    assert with_it.links == without.links


def test_the_map_is_the_whole(bundle: Path) -> None:
    selection = Selection(of_bundle(bundle))
    sizes = [node.size for node in selection.children(selection.whole)]
    drawn = tiles(sizes, 120, 40)
    assert sum(tile.size for tile in drawn) == selection.size == sum(on_disk(bundle).values())
    assert sum(tile.width * tile.height for tile in drawn) == 120 * 40
