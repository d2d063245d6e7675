"""The layout of Maven repositories, local and remote (Maven's "Repository Layout - Final")."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

_TIMESTAMP = re.compile(r"-\d{8}\.\d{6}-\d+$")
# What a snapshot's version ends with once it is that of one build.


class Place(Struct, frozen=True):
    """What an artifact's path in a repository is made of."""

    group: str
    artifact: str
    version: str
    classifier: str = ""
    extension: str = "jar"

    @property
    def filename(self) -> str:
        """`artifact-version[-classifier].extension`."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.{self.extension}"

    @property
    def directory(self) -> str:
        """The directory, of a snapshot that of all its builds."""
        base = _TIMESTAMP.sub("-SNAPSHOT", self.version)
        return f"{self.group.replace('.', '/')}/{self.artifact}/{base}"

    @property
    def safe(self) -> bool:
        """Whether the path stays within a repository."""
        parts = (*self.group.split("."), self.artifact, self.version, self.filename)
        return not any(p in {"", ".", ".."} or "/" in p or "\0" in p for p in parts)

    @property
    def pom(self) -> Place:
        """The POM of the same version."""
        return Place(self.group, self.artifact, self.version, "", "pom")

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`, as messages name it."""
        return f"{self.group}:{self.artifact}:{self.version}"

    def url(self, repository: str) -> str:
        """The address in a repository."""
        return f"{repository.rstrip('/')}/{quote(self.directory)}/{quote(self.filename)}"


def local_file(local: Path, place: Place) -> Path | None:
    """A file of the local repository, if it is there.

    Of a snapshot's build the file may be called by the build or, installed here, by the snapshot.
    """
    if not place.safe:
        return None
    names = [place.filename]
    base = _TIMESTAMP.sub("-SNAPSHOT", place.version)
    if base != place.version:
        same = Place(place.group, place.artifact, base, place.classifier, place.extension)
        names.append(same.filename)
    for name in names:
        path = local / place.directory / name
        if path.is_file():
            return path
    return None


def pom_path(local: Path, place: Place) -> Path | None:
    """The POM of an artifact in the local repository."""
    return local_file(local, place.pom)
