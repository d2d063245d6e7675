"""What is in a bundle as the JSON contract has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.compare import Difference
from fctui.explore.groups import Group
from fctui.explore.packages import Cost
from fctui.explore.selection import Node
from fctui.explore.twice import Twins


def files(catalog: Catalog, positions: Iterable[int]) -> list[dict[str, Any]]:
    """Files with the contract's keys, their hashes and the targets of links."""
    hashes = catalog.hashes
    found = []
    for at in positions:
        manager, owner = catalog.owner(at)
        path = catalog.paths[at]
        found.append(
            {
                "path": encodable(path),
                "size": catalog.sizes[at],
                "category": str(catalog.category(at)),
                "owner": owner,
                "manager": manager,
                "shared_library": bool(catalog.libraries[at]),
                "sha256": hashes[at],
                "link": encodable(catalog.links.get(path, "")),
            }
        )
    return found


def nodes(found: Iterable[Node]) -> list[dict[str, Any]]:
    """Directories and files with their sums."""
    return [
        {"path": encodable(node.path), "files": node.files, "size": node.size} for node in found
    ]


def groups(found: Iterable[Group], costs: Mapping[Owner, Cost]) -> list[dict[str, Any]]:
    """Groups with their sums; packages also with the bytes that go with them."""
    told = []
    for group in found:
        each: dict[str, Any] = {"name": group.name, "files": group.files, "size": group.size}
        cost = costs.get((group.manager, group.name))
        if cost is not None:
            each |= {
                "manager": group.manager,
                "exclusive_size": cost.exclusive,
                "declared": cost.declared,
            }
        told.append(each)
    return told


def duplicates(
    catalog: Catalog, identical: Sequence[Twins], libraries: Sequence[Twins]
) -> dict[str, Any]:
    """What is there more than once."""
    return {
        "identical": [_twins(catalog, each) for each in identical],
        "libraries": [{"name": each.name, **_twins(catalog, each)} for each in libraries],
        "wasted": sum(each.wasted for each in identical),
    }


def difference(found: Difference) -> dict[str, Any]:
    """What has changed, by package and by file. null: it is not there on that side."""
    return {
        "before": found.before,
        "after": found.after,
        "packages": [
            {
                "manager": each.owner[0],
                "package": each.owner[1],
                "versions": list(each.versions),
                "before": each.before,
                "after": each.after,
                "files": {
                    "added": each.added,
                    "removed": each.removed,
                    "changed": each.changed,
                },
            }
            for each in found.packages
        ],
        "files": changes(found.files),
    }


def changes(found: Iterable[FileChange]) -> list[dict[str, Any]]:
    """Files that were added, removed or changed. null: it is not there on that side."""
    return [
        {
            "path": encodable(each.path),
            "what": each.what,
            "manager": each.owner[0],
            "owner": each.owner[1],
            "before": each.before,
            "after": each.after,
        }
        for each in found
    ]


def encodable(text: str) -> str:
    """The text without what JSON cannot hold: bytes of names that are no UTF-8 become U+FFFD."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _twins(catalog: Catalog, twins: Twins) -> dict[str, Any]:
    return {
        "paths": [encodable(catalog.paths[at]) for at in twins.positions],
        "owners": [catalog.owner(at)[1] for at in twins.positions],
        "wasted": twins.wasted,
    }
