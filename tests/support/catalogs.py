"""Plans, bundles and directories to explore, made here."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from fctui.bundle.manifest import MANIFEST_PATH, manifest_of
from fctui.explore.catalog import Catalog
from fctui.explore.read import of_plan
from fctui.model.plan import Category, Generated, Link, Origin, Plan, PlannedFile, is_shared_library


def planned(
    path: str,
    size: int = 0,
    *,
    owner: str = "numpy",
    manager: str = "pip",
    category: Category = Category.PLATLIB,
    data: bytes = b"",
    link: str = "",
) -> PlannedFile:
    """One file of a plan."""
    return PlannedFile(
        path=path,
        size=len(data) or len(link) or size,
        category=Category.LINK if link else category,
        owner=owner,
        manager=manager,
        source=Link(link) if link else Generated(data),
        shared_library=is_shared_library(path),
    )


def plan_of(files: Sequence[PlannedFile], origins: Sequence[Origin] = ()) -> Plan:
    """A plan of some files."""
    return Plan(
        target="debian12",
        method="target",
        files=tuple(sorted(files, key=lambda file: file.path)),
        environment={"PATH": "/code/bin"},
        origins=tuple(origins),
    )


def catalog_of(*files: PlannedFile, origins: Sequence[Origin] = ()) -> Catalog:
    """The catalog of such a plan."""
    return of_plan(plan_of(files, origins))


def origin(
    id_: str, *requires: str, declared: str = "", manager: str = "pip", version: str = "1"
) -> Origin:
    """A package and what it requires."""
    return Origin(manager, id_, id_, version, f"{id_}.whl", "", requires, declared)


def make_bundle(
    place: Path, contents: Mapping[str, bytes | str], origins: Sequence[Origin] = ()
) -> Path:
    """A bundle on disk; a text is a link's target. A file's owner is the first part of its path."""
    files = []
    hashes = {}
    for path, data in sorted(contents.items()):
        where = place / path
        where.parent.mkdir(parents=True, exist_ok=True)
        owner = path.partition("/")[0]
        if isinstance(data, str):
            where.symlink_to(data)
            files.append(planned(path, owner=owner, link=data))
        else:
            where.write_bytes(data)
            files.append(planned(path, owner=owner, data=data))
            hashes[path] = hashlib.sha256(data).hexdigest()
    manifest = place / MANIFEST_PATH
    manifest.parent.mkdir(parents=True, exist_ok=True)
    plan = Plan(target="debian12", method="target", files=tuple(files), origins=tuple(origins))
    manifest.write_bytes(manifest_of(plan, hashes))
    return place


def random_paths(seed: int, count: int) -> list[str]:
    """Paths with the names that are hard to sort: `a-b`, `a.b`, `a/b`, `a0`, no ASCII."""
    source = random.Random(seed)
    parts = ["a", "a-b", "a.b", "a0", "A", "ä", "b", "lib.so.1", "x y", "z"]
    found: set[str] = set()
    while len(found) < count:
        path = "/".join(source.choice(parts) for _ in range(source.randint(1, 6)))
        if not any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in found):
            found.add(path)
    return sorted(found)
