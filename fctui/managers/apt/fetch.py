"""Bringing debs into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fctui.managers.apt.credentials import (
    Credential,
    headers_for,
    host_credentials,
    source_credentials,
)
from fctui.managers.apt.deb import unpack_deb
from fctui.managers.apt.host import Host
from fctui.managers.apt.suite import root_of
from fctui.managers.interface import Context
from fctui.model.contents import Contents, Listing
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Package, Resolution
from fctui.store.store import Download

SUPERSEDED = (
    "An archive that has a newer version gives the old one up: fctui lock takes the new one; a "
    "mirror of snapshots ([apt] mirror) of the date in fctui.lock has the old one."
)
"""What may have become of a locked deb."""

NOT_HERE = "its deb has not been downloaded yet, and this run is offline"


async def list_debs(context: Context, resolution: Resolution, ids: Sequence[str] | None) -> Listing:
    """The listings of all packages or of `ids`, from the store as far as it has them."""
    wanted = [id_ for id_ in ids or resolution.packages if id_ in resolution.packages]
    known = await asyncio.to_thread(_known, context, resolution, wanted)
    missing = [resolution.packages[id_] for id_ in wanted if id_ not in known]
    if not missing:
        return Listing(contents=known)
    if context.offline:
        unknown = {package.id: NOT_HERE for package in missing}
        return Listing(contents=known, unknown=unknown)
    return Listing(contents=known | await _fetch(context, missing, "list"))


async def fetch_debs(context: Context, resolution: Resolution) -> Listing:
    """Every deb verified and unpacked. What is there is checked for edits and not loaded again."""
    if not resolution.packages:
        return Listing(contents={})
    return Listing(contents=await _fetch(context, list(resolution.packages.values()), "fetch"))


def _known(context: Context, resolution: Resolution, ids: Sequence[str]) -> dict[str, Contents]:
    found = {}
    for id_ in ids:
        artifact = resolution.packages[id_].artifact
        contents = context.store.contents(artifact.digest) if artifact and artifact.digest else None
        if contents is not None:
            found[id_] = contents
    return found


async def _fetch(context: Context, packages: Sequence[Package], verb: str) -> dict[str, Contents]:
    credentials = await asyncio.to_thread(_credentials, context)
    downloads = {
        package.id: Download(
            package.artifact, unpack_deb, headers_for(package.artifact.url, credentials)
        )
        for package in packages
        if package.artifact is not None
    }
    async with context.tasks.open("apt", f"{verb} {len(downloads)} debs") as task:
        try:
            found = await context.store.fetch(downloads.values(), task)
        except TaskError as error:
            if not context.frozen:
                raise
            raise TaskError(error.message, hint=f"{error.hint} {SUPERSEDED}".strip()) from error
    return {
        id_: found[download.artifact.digest or download.artifact.url]
        for id_, download in downloads.items()
    }


def _credentials(context: Context) -> tuple[Credential, ...]:
    """Those of the project's own sources, then those of the host."""
    try:
        texts = [text for _, text in root_of(context).sources.files]
    except FctuiError:  # a resolution that was made elsewhere
        texts = []
    return (*source_credentials(texts), *host_credentials(Host()))
