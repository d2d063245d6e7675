"""What POMs of the local repository say of their artifacts: a description, and licences."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from fctui.managers.maven.repository import Place, pom_path
from fctui.model.errors import UsageError
from fctui.project.maven_file import read_pom
from fctui.project.xml_nodes import Node
from fctui.tasks.text import clean

_LONGEST = 300
# Characters kept of a description: some POMs have their whole manual there.

_GENERATIONS = 12
# Parents that are asked for licences.


class About(Struct, frozen=True):
    """One artifact: what it is, and the names of the licences that it is under."""

    summary: str = ""
    licenses: tuple[str, ...] = ()


class Poms:
    """Reads POMs once each; parents are shared by many."""

    def __init__(self, local: Path) -> None:
        self._local = local
        self._read: dict[Place, Node | None] = {}

    def about(self, place: Place) -> About:
        """What the POM says, licences also where a parent has them: they are inherited."""
        own = self._pom(place.pom)
        if own is None:
            return About()
        summary = clean(" ".join(own.value("description").split()))[:_LONGEST]
        node: Node | None = own
        for _ in range(_GENERATIONS):
            if node is None:
                break
            names = [each.value("name") or each.value("url") for each in _licenses(node)]
            if any(names):
                return About(summary, tuple(clean(name)[:_LONGEST] for name in names if name))
            node = self._parent(node)
        return About(summary)

    def _parent(self, node: Node) -> Node | None:
        named = [node.value("parent", key) for key in ("groupId", "artifactId", "version")]
        return self._pom(Place(*named).pom) if all(named) else None

    def _pom(self, place: Place) -> Node | None:
        if place not in self._read:
            path = pom_path(self._local, place)
            try:
                self._read[place] = read_pom(path)[1] if path else None
            except UsageError:  # Maven reads some that no XML parser does; it is only about it
                self._read[place] = None
        return self._read[place]


def _licenses(node: Node) -> list[Node]:
    return list(node.all("licenses", "license"))
