"""Every file that a bundle will have: where it lies, how big it is, whose it is."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

from fctui.model.finding import Finding


class Category(StrEnum):
    """What a file is; the names are part of the JSON contract."""

    PURELIB = "purelib"
    PLATLIB = "platlib"
    HEADERS = "headers"
    SCRIPTS = "scripts"
    DATA = "data"
    METADATA = "metadata"
    SHARED_LIBRARY = "shared-library"
    NODE_MODULE = "node-module"
    JAR = "jar"
    SYSTEM = "system"
    LINK = "link"
    CODE = "code"


class StoreFile(Struct, frozen=True, tag="store"):
    """A file of an unpacked artifact: the tree's digest and the path in it."""

    digest: str
    path: str


class Generated(Struct, frozen=True, tag="generated"):
    """A file that the installer itself writes (a launcher, RECORD)."""

    data: bytes


class Link(Struct, frozen=True, tag="link"):
    """A symbolic link; `target` is relative to the link's directory."""

    target: str


class ProjectFile(Struct, frozen=True, tag="project"):
    """A file of the function itself, by its path relative to the project."""

    path: str


Source = StoreFile | Generated | Link | ProjectFile

How = Literal["auto", "reflink", "link", "copy"]
"""How a file comes from the store: `auto` is the cheapest way that the file system has."""


class PlannedFile(Struct, frozen=True, kw_only=True):
    """One file of the bundle. `path` is POSIX and relative to the bundle, `size` in bytes
    (a link's is the length of its target, as lstat says), `owner` a package id.
    """

    path: str
    size: int
    category: Category
    owner: str
    manager: str
    source: Source
    mode: int = 0o644
    shared_library: bool = False


class Unknown(Struct, frozen=True):
    """A package whose files can only be known by building it."""

    package: str
    manager: str
    reason: str


class Origin(Struct, frozen=True):
    """The package behind an owner of files, and the registry's artifact that they are from.

    `digest` is "" where the registry tells none; for an sdist both are those of the sdist.
    `requires` are ids of the same manager, `declared` says where the project itself asks for it
    (`requirements.txt:3`), "" where it does not.
    """

    manager: str
    id: str
    name: str
    version: str
    filename: str
    digest: str
    requires: tuple[str, ...] = ()
    declared: str = ""


class Place(Struct, frozen=True):
    """A rule that makes programs with compiled-in places run from the bundle's: the variables that
    it sets, the files of the plan that it makes or changes, and who says that it is needed.
    """

    rule: str
    reason: str
    source: str
    variables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Saving(Struct, frozen=True):
    """Files that a rule leaves out of the bundle, and their bytes; `sha256` is that of their paths
    in the bundle, sorted, a line each. `symbols` leaves out no file, but bytes of some.
    """

    rule: str
    manager: str
    files: int
    size: int
    sha256: str = ""


class LeftOut(Struct, frozen=True):
    """A file of the project that a user would miss in the bundle, and why it cannot be there."""

    path: str
    reason: str


class Layout(Struct, frozen=True):
    """One manager's share of a plan.

    `library_dirs` are directories of the bundle that a loader on a normal system would search
    (default directories and `ld.so.conf.d`): what lies there is linked into `lib/`.
    """

    files: tuple[PlannedFile, ...]
    findings: tuple[Finding, ...] = ()
    savings: tuple[Saving, ...] = ()
    library_dirs: tuple[str, ...] = ()


class Totals(Struct, frozen=True):
    """Number of files and their bytes."""

    files: int
    size: int


class Plan(Struct, frozen=True, kw_only=True):
    """All files of a bundle, sorted by path, no path twice.

    `environment` is what the function needs beyond the target's presets, `places` tell why;
    `left_out` is told and not part of the bundle: its manifest does not have it.
    """

    target: str
    method: str
    files: tuple[PlannedFile, ...]
    unknown: tuple[Unknown, ...] = ()
    findings: tuple[Finding, ...] = ()
    savings: tuple[Saving, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    origins: tuple[Origin, ...] = ()
    places: tuple[Place, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def totals(self) -> Totals:
        """Files and bytes of the whole bundle."""
        return Totals(len(self.files), sum(file.size for file in self.files))


def is_shared_library(path: str) -> bool:
    """Whether a file name is that of a shared object: `x.so`, `x.so.1`, `x.node`."""
    name = path.rpartition("/")[2]
    return name.endswith((".so", ".node")) or ".so." in name
