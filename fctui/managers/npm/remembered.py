"""What is known of packages once their tarballs have been seen: sizes and summaries.

A registry tells neither without a request for each package; asking for all sizes takes as long as
downloading all tarballs. So they come with the contents, and are kept for each resolution.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Struct, structs

from fctui.managers.interface import Context
from fctui.managers.npm.facts import TEXT, decode_facts
from fctui.model.contents import Listing
from fctui.model.errors import TaskError
from fctui.model.package import Package, Resolution

MEMORY = "npm-seen"


class Seen(Struct, frozen=True, array_like=True):
    """Bytes of the tarball (None: it has none of its own) and of its files, and the description."""

    size: int | None
    installed: int
    summary: str


_decoder = msgspec.msgpack.Decoder(dict[str, Seen])


def enrich(context: Context, resolution: Resolution) -> Resolution:
    """The resolution with what an earlier run has seen of its packages."""
    data = context.store.recall(MEMORY, _key(resolution))
    if data is None:
        return resolution
    try:
        seen = _decoder.decode(data)
    except msgspec.MsgspecError:
        return resolution
    packages = {
        id_: _enriched(package, seen[id_]) if id_ in seen else package
        for id_, package in resolution.packages.items()
    }
    return structs.replace(resolution, packages=packages)


def _enriched(package: Package, seen: Seen) -> Package:
    artifact = package.artifact
    if artifact is not None and seen.size is not None:
        artifact = structs.replace(artifact, size=seen.size)
    return structs.replace(
        package, artifact=artifact, installed_size=seen.installed, summary=seen.summary
    )


def remember(context: Context, resolution: Resolution, listing: Listing) -> None:
    """Keep what a listing of all packages tells, if it is not kept already."""
    key = _key(resolution)
    if listing.contents.keys() < resolution.packages.keys() or context.store.recall(MEMORY, key):
        return
    seen = {
        id_: Seen(
            _archive_size(context, resolution.packages[id_], contents.digest),
            contents.size,
            decode_facts(contents.texts.get(TEXT, "")).description,
        )
        for id_, contents in listing.contents.items()
    }
    context.store.keep(MEMORY, key, msgspec.msgpack.encode(seen))


def _archive_size(context: Context, package: Package, digest: str) -> int | None:
    if package.artifact is None:
        return None
    try:
        return context.store.archive(package.artifact.digest or digest).stat().st_size
    except (OSError, TaskError):
        return None


def _key(resolution: Resolution) -> str:
    digest = hashlib.sha256()
    for id_, package in resolution.packages.items():
        artifact = package.artifact
        known = (artifact.digest or artifact.url) if artifact else ""
        digest.update(f"{id_}\0{known}\0{package.needs_build}\0".encode())
    return digest.hexdigest()
