"""A POM with its parents, and copies of them in which nothing runs.

Maven loads what a POM or its parents name as extensions before it does anything that was asked
for, and `.mvn/` next to them may name more. So mvn never sees the project's files, but copies of
the POM and of every parent, without `build`, `reporting`, `modules` and `pluginRepositories`. What
remains decides the dependencies: parent, properties, dependency management, dependencies,
repositories and profiles. BOMs that are imported give dependency management alone: Maven.
"""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from fctui.managers.maven.repository import Place, pom_path
from fctui.model.errors import UsageError
from fctui.project.maven_file import Coordinate, read_pom
from fctui.project.xml_nodes import Node, replaced

DROPPED = frozenset(
    {"build", "reporting", "reports", "modules", "subprojects", "pluginRepositories"}
    | {"distributionManagement", "ciManagement", "prerequisites", "packaging"}
)
# Elements of a POM, and of its profiles, that run code or name where code comes from, and those
# that are of no use without them.

_BASE_DIRECTORY = (b"${project.basedir}", b"${basedir}", b"${pom.basedir}")
_LONGEST = 50
# Parents above each other.


class Pom(Struct, frozen=True):
    """One POM of a chain; `directory` is None for one out of a repository."""

    data: bytes
    root: Node
    directory: Path | None


class Chain(Struct, frozen=True):
    """A POM and its parents, child first. `missing` is the parent that is not here yet, if any."""

    poms: tuple[Pom, ...]
    missing: Place | None = None


def read_chain(path: Path, local: Path) -> Chain:
    """Follow the parents of a POM: by `relativePath`, then in the local repository.

    Raises UsageError for a file that is no POM.
    """
    data, root = read_pom(path)
    poms = [Pom(data, root, path.parent)]
    while parent := poms[-1].root.child("parent"):
        if len(poms) > _LONGEST:
            raise UsageError(f"{path} has parents without end.", hint="Does one name itself?")
        place = Place(*(parent.value(key) for key in ("groupId", "artifactId", "version")))
        found = _beside(poms[-1], parent, place) or _from_repository(place, local)
        if found is None:
            return Chain(tuple(poms), place)
        poms.append(found)
    return Chain(tuple(poms))


def _beside(pom: Pom, parent: Node, place: Place) -> Pom | None:
    """The parent in the directory that the POM names, if it is that parent: POM reference."""
    if pom.directory is None:
        return None
    named = parent.child("relativePath")
    relative = "../pom.xml" if named is None else named.text.strip()
    if not relative:
        return None
    path = Path(os.path.normpath(pom.directory / relative))
    path = path / "pom.xml" if path.is_dir() else path
    if not path.is_file():
        return None
    data, root = read_pom(path)
    own = [root.value(k) or root.value("parent", k) for k in ("groupId", "version")]
    if (own[0], root.value("artifactId"), own[1]) != (place.group, place.artifact, place.version):
        return None
    return Pom(data, root, path.parent)


def _from_repository(place: Place, local: Path) -> Pom | None:
    path = pom_path(local, place)
    if path is None:
        return None
    data, root = read_pom(path)
    return Pom(data, root, None)


def copies(chain: Chain, build: bytes, base: Path) -> list[bytes]:
    """The texts of a complete chain as mvn gets them, each to lie in `<number>/pom.xml`.

    `build` goes into the first. Each copy names the next as its parent by path, and the next says
    that it is just that: Maven then has no reason to look for the original.
    """
    texts = []
    for number, pom in enumerate(chain.poms):
        changes = [(n.start, n.end, b"") for n in pom.root.children if n.name in DROPPED]
        for profile in pom.root.all("profiles", "profile"):
            changes += [(n.start, n.end, b"") for n in profile.children if n.name in DROPPED]
        parent = pom.root.child("parent")
        if parent is not None:
            changes.append((parent.start, parent.end, _parent(parent, number + 1)))
        added = b"<packaging>pom</packaging>" + (build if number == 0 else b"")
        if number:
            below = chain.poms[number - 1].root
            for key in ("groupId", "artifactId", "version"):
                own = pom.root.child(key)
                changes += [(own.start, own.end, b"")] if own else []
                added += _element(key, below.value("parent", key))
        changes.append((pom.root.outside, pom.root.outside, added))
        text = replaced(pom.data, changes)
        for expression in _BASE_DIRECTORY:
            text = text.replace(expression, html.escape(str(base)).encode())
        texts.append(text)
    return texts


def _parent(parent: Node, number: int) -> bytes:
    keys = (_element(k, parent.value(k)) for k in ("groupId", "artifactId", "version"))
    return b"<parent>%b<relativePath>../%d/pom.xml</relativePath></parent>" % (
        b"".join(keys),
        number,
    )


def _element(name: str, text: str) -> bytes:
    return f"<{name}>{html.escape(text)}</{name}>".encode("ascii", "xmlcharrefreplace")


def generated(coordinates: Sequence[Coordinate], repositories: bytes = b"") -> bytes:
    """The POM of a list of coordinates."""
    listed = b"".join(
        b"<dependency>%b</dependency>"
        % b"".join(
            _element(key, value)
            for key, value in (
                ("groupId", each.group),
                ("artifactId", each.artifact),
                ("version", each.version),
                ("type", each.packaging),
                ("classifier", each.classifier),
            )
            if value
        )
        for each in coordinates
    )
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        b"<groupId>fctui</groupId><artifactId>function</artifactId><version>1</version>"
        b"%b<dependencies>%b</dependencies></project>\n" % (repositories, listed)
    )
