"""Whose a file is in a directory without a manifest, by the traces that pip and npm leave.

Sources: Recording installed projects (PyPA, RECORD); npm's `folders`.
"""

from __future__ import annotations

import csv
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fctui.explore.catalog import Owner
from fctui.model.names import normalized
from fctui.model.plan import Category, is_shared_library

NOBODY: Owner = ("", "")

_RECORD = ".dist-info/RECORD"
_MODULES = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+(?=/)")
_MOST = 64 << 20
# Bytes of a RECORD: none has more.


def guess_owners(top: Path, paths: Sequence[str]) -> list[Owner]:
    """The owner of each path."""
    recorded = dict(_recorded(top, paths))
    above = f"{top.name}/" if top.name == "node_modules" else ""
    found = []
    for path in paths:
        owner = recorded.get(path, NOBODY)
        if owner is NOBODY and (above or "node_modules/" in path):
            package = _MODULES.match(above + path)
            owner = ("npm", package.group()) if package else NOBODY
        found.append(owner)
    return found


def guess_categories(
    paths: Iterable[str], owners: Iterable[Owner], links: Mapping[str, str]
) -> Iterator[Category]:
    """What each path would be in a bundle."""
    for path, (manager, _) in zip(paths, owners, strict=True):
        if path in links:
            yield Category.LINK
        elif manager == "npm":
            yield Category.NODE_MODULE
        elif ".dist-info/" in path:
            yield Category.METADATA
        elif is_shared_library(path):
            yield Category.SHARED_LIBRARY
        elif path.endswith(".jar"):
            yield Category.JAR
        elif manager == "pip":
            yield Category.PURELIB
        else:
            yield Category.DATA


def _recorded(top: Path, paths: Iterable[str]) -> Iterator[tuple[str, Owner]]:
    """What each RECORD lists, by path from the top."""
    for path in paths:
        if not path.endswith(_RECORD):
            continue
        directory = path[: -len("/RECORD")]
        where, _, folder = directory.rpartition("/")
        name = folder.removesuffix(".dist-info").rpartition("-")[0] or folder
        owner = ("pip", normalized(name))
        try:
            if (top / path).stat().st_size > _MOST:
                continue
            with (top / path).open(encoding="utf-8", errors="replace", newline="") as file:
                for row in csv.reader(file):
                    if row:
                        yield posixpath.normpath(posixpath.join(where, row[0])), owner
        except (OSError, csv.Error):
            continue
