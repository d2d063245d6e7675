"""What a package manager resolved: exact packages, what requires what, and their artifacts."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from fctui.model.finding import Finding


class Artifact(Struct, frozen=True):
    """One file of a registry. `size` in bytes; `digest` is `sha256:<hex>` or `sha512:<hex>`.

    The digest is also the artifact's key in the store. An artifact without one (`""`) is
    hashed at its first download. `index` is the pip index that names the file, without
    credentials, "" for what is from none.
    """

    filename: str
    url: str
    size: int | None
    digest: str
    index: str = ""

    @property
    def sha256(self) -> str:
        """The hex SHA-256, or "" where the registry publishes another hash."""
        return self.digest.removeprefix("sha256:") if self.digest.startswith("sha256:") else ""


class Package(Struct, frozen=True, kw_only=True):
    """One exact package of one manager.

    `id` is unique in its resolution (see DESIGN: pip the normalized name, apt the name, npm the
    install path). `requires` are ids of the same resolution. `installed_size` is in bytes, where
    it is known without the contents. `needs_build` marks an artifact that has to be built first
    (an sdist): its files are known only afterwards. `note` tells why it was chosen, where that is
    not plain. `licenses` are names as the package itself has them, where the manager tells them.
    """

    manager: str
    id: str
    name: str
    version: str
    requires: tuple[str, ...] = ()
    artifact: Artifact | None = None
    installed_size: int | None = None
    summary: str = ""
    note: str = ""
    needs_build: bool = False
    extras: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()


class Root(Struct, frozen=True):
    """A requirement as the project declares it, and the package that satisfies it.

    `source` is the file's path relative to the project, `line` counts from 1 (0: not a line).
    """

    id: str
    requirement: str
    source: str = ""
    line: int = 0


class Resolution(Struct, frozen=True, kw_only=True):
    """The graph of one manager for one target. `commands` are what was run to make it, `resolver`
    names who made it, where a manager has several.
    """

    manager: str
    target: str
    roots: tuple[Root, ...]
    packages: dict[str, Package]
    findings: tuple[Finding, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    resolver: str = ""


DECODER = msgspec.msgpack.Decoder(Resolution)
# Made here and not on one of several threads, see `contents.DECODER`.
