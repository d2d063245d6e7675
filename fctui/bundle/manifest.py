"""The manifest that a bundle carries: every file with its size, hash, category and owner."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.model.finding import Finding
from fctui.model.plan import (
    Category,
    Generated,
    Link,
    Origin,
    Plan,
    PlannedFile,
    Saving,
    Totals,
    Unknown,
)

MANIFEST_PATH = ".fctui/manifest.json"
FORMAT = 1
_NO_HASH = "0" * 64


class ManifestFile(Struct, frozen=True):
    """One file of a bundle. `sha256` is hex and "" for links, whose target is `link`."""

    path: str
    size: int
    mode: int
    sha256: str
    category: Category
    owner: str
    manager: str
    link: str
    shared_library: bool


class Manifest(Struct, frozen=True):
    """What a bundle is made of, and what rules have left out of it. Nothing of the time or the
    machine it was built on is in it.
    """

    format: int
    target: str
    method: str
    environment: dict[str, str]
    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
    files: tuple[ManifestFile, ...]
    origins: tuple[Origin, ...] = ()
    savings: tuple[Saving, ...] = ()

    @property
    def totals(self) -> Totals:
        """Files and bytes, the manifest's own included when it has been read from a bundle."""
        return Totals(len(self.files), sum(file.size for file in self.files))


def manifest_of(plan: Plan, hashes: Mapping[str, str]) -> bytes:
    """The manifest's bytes. Files without a hash in `hashes` get a stand-in of the same length,
    so that a plan knows the manifest's size before anything is hashed.
    """
    listed = tuple(
        ManifestFile(
            path=file.path,
            size=file.size,
            mode=file.mode,
            sha256="" if isinstance(file.source, Link) else hashes.get(file.path, _NO_HASH),
            category=file.category,
            owner=file.owner,
            manager=file.manager,
            link=file.source.target if isinstance(file.source, Link) else "",
            shared_library=file.shared_library,
        )
        for file in plan.files
        if file.path != MANIFEST_PATH
    )
    manifest = Manifest(
        format=FORMAT,
        target=plan.target,
        method=plan.method,
        environment=dict(sorted(plan.environment.items())),
        findings=plan.findings,
        unknown=plan.unknown,
        files=listed,
        origins=plan.origins,
        savings=plan.savings,
    )
    return msgspec.json.encode(manifest) + b"\n"


def planned_manifest(data: bytes) -> PlannedFile:
    """The manifest as a file of the plan: it is in the bundle like every other file."""
    return PlannedFile(
        path=MANIFEST_PATH,
        size=len(data),
        category=Category.METADATA,
        owner="fctui",
        manager="fctui",
        source=Generated(b""),
    )


def read_manifest(bundle: Path) -> Manifest:
    """The manifest of a bundle, with the line for itself added.

    Raises UsageError where the directory is not a bundle or its manifest is damaged.
    """
    try:
        data = (bundle / MANIFEST_PATH).read_bytes()
    except OSError as error:
        here = "This directory is not a bundle, and none has been built of it yet."
        raise UsageError(
            here if bundle == Path() else f"{bundle} is not a bundle: it has no {MANIFEST_PATH}.",
            hint="Make one with fctui build, or name the directory of a bundle.",
        ) from error
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise UsageError(
            f"The manifest of {bundle} cannot be read: {error}.",
            hint="Build the bundle again.",
        ) from error
    own = ManifestFile(
        path=MANIFEST_PATH,
        size=len(data),
        mode=0o644,
        sha256=hashlib.sha256(data).hexdigest(),
        category=Category.METADATA,
        owner="fctui",
        manager="fctui",
        link="",
        shared_library=False,
    )
    files = sorted((*manifest.files, own), key=lambda file: file.path)
    return msgspec.structs.replace(manifest, files=tuple(files))


def project_name(manifest: Manifest, bundle: Path) -> str:
    """The function's name: its project's, which owns its files; else the directory's."""
    owners = (file.owner for file in manifest.files if file.manager == "project")
    return next(owners, bundle.resolve().name)
