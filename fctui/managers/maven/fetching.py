"""Listing and fetching artifacts: the store first, then the local repository, then the others."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.maven.access import Source
from fctui.managers.maven.jar import inspect, texts_of, unpack_jar
from fctui.managers.maven.packages import MANAGER
from fctui.model.contents import Contents, Entry, Listing
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution
from fctui.store.paths import safe_path
from fctui.store.store import Download
from fctui.tasks.task import Task

_DIGEST = "maven-digest"
NOWHERE = "no repository has it, and it is not installed here"
OFFLINE = "it is neither in the store nor in the local repository, and fctui works offline"

_NOTHING = Contents(digest="", entries=())


async def listed(
    context: Context, resolution: Resolution, ids: Sequence[str], source: Source
) -> Listing:
    """The listings of packages: what resolving has seen already, else out of the local repository,
    else by a download. Raises TaskError.
    """
    contents: dict[str, Contents] = {}
    unknown: dict[str, str] = {}
    waiting: list[Package] = []
    for id_ in ids:
        package = resolution.packages[id_]
        known = _known(context, package)
        if known is not None:
            contents[id_] = known
        elif package.artifact is None:
            unknown[id_] = NOWHERE
        else:
            waiting.append(package)
    if not waiting:
        return Listing(contents, unknown)
    async with context.tasks.open(MANAGER, "list jars") as task:
        here, remote = await asyncio.to_thread(_beside, context, waiting, source.local)
        contents |= here
        if context.offline:
            unknown |= {package.id: OFFLINE for package in remote}
        elif remote:
            left = [package.id for package in remote]
            contents |= (await fetch(context, resolution, left, source, task)).contents
    return Listing({id_: contents[id_] for id_ in ids if id_ in contents}, unknown)


def _known(context: Context, package: Package) -> Contents | None:
    """What needs no look: a POM, which has no file, and what the store has listed before."""
    artifact = package.artifact
    if artifact is None:
        return _NOTHING if package.installed_size == 0 else None
    digest = artifact.digest or (context.store.recall(_DIGEST, artifact.url) or b"").decode()
    return context.store.contents(digest) if digest else None


def _beside(
    context: Context, packages: Iterable[Package], local: Path
) -> tuple[dict[str, Contents], list[Package]]:
    """Look into the jars that the local repository has; and those that it has not."""
    found: dict[str, Contents] = {}
    left: list[Package] = []
    room = context.store.workspace.room()
    try:
        for package in packages:
            artifact = package.artifact
            path = _local_copy(local, artifact) if artifact else None
            if artifact is None or path is None:
                left.append(package)
                continue
            texts = {}
            if artifact.filename.endswith(".jar"):
                texts = texts_of(inspect(path, room / "native"))
            entry = Entry(safe_path(artifact.filename, artifact.filename), path.stat().st_size)
            listing = Contents(digest=artifact.digest, entries=(entry,), texts=texts)
            context.store.remember(artifact.digest, listing)
            found[package.id] = listing
    finally:
        context.store.workspace.clear(room)
    return found, left


def _local_copy(local: Path, artifact: Artifact) -> Path | None:
    """The local repository's file of an artifact, if it is that very file."""
    if not artifact.digest.startswith("sha1:"):
        return None
    parts = urlsplit(artifact.url)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
    else:
        # The last directories of the URL are those of the repository's layout, of which only the
        # group's depth is not known: Repository Layout - Final.
        names = [unquote(each) for each in parts.path.split("/") if each]
        if ".." in names:
            return None
        tails = (local.joinpath(*names[at:]) for at in range(len(names) - 3))
        found = next((each for each in tails if each.is_file()), None)
        if found is None:
            return None
        path = found
    try:
        with path.open("rb") as file:
            same = hashlib.file_digest(file, "sha1").hexdigest() == artifact.digest[5:]
    except OSError:
        return None
    return path if same else None


async def fetch(
    context: Context, resolution: Resolution, ids: Sequence[str], source: Source, task: Task
) -> Listing:
    """Artifacts verified by the checksums of their repository, in the store. Raises TaskError."""
    contents: dict[str, Contents] = {}
    unknown: dict[str, str] = {}
    downloads: dict[str, Download] = {}
    for id_ in ids:
        artifact = resolution.packages[id_].artifact
        if artifact is not None:
            downloads[id_] = await asyncio.to_thread(_download, context, artifact, source)
        elif resolution.packages[id_].installed_size == 0:
            contents[id_] = _NOTHING
        else:
            unknown[id_] = NOWHERE
    if context.offline:
        _refuse_remote(context, downloads.values())
    groups: dict[str, list[Download]] = {}
    for download in downloads.values():
        groups.setdefault(source.reach.proxy(download.artifact.url), []).append(download)
    fetched: dict[str, Contents] = {}
    for group in groups.values():
        access = source.reach.access(group[0].artifact.url)
        fetched |= await context.store.fetch(group, task, access=access)
    for id_, download in downloads.items():
        contents[id_] = fetched[download.key]
        artifact = resolution.packages[id_].artifact
        if artifact is not None and not artifact.digest:
            context.store.keep(_DIGEST, artifact.url, contents[id_].digest.encode())
    return Listing({id_: contents[id_] for id_ in ids if id_ in contents}, unknown)


def _download(context: Context, artifact: Artifact, source: Source) -> Download:
    """From the local repository where it has the very file, else from its own address."""
    if not (artifact.digest and context.store.unpacked(artifact.digest)):
        path = _local_copy(source.local, artifact)
        if path is not None:
            return Download(structs.replace(artifact, url=path.as_uri()), unpack_jar)
    return Download(artifact, unpack_jar, source.reach.headers(artifact.url))


def _refuse_remote(context: Context, downloads: Iterable[Download]) -> None:
    for download in downloads:
        artifact = download.artifact
        remote = urlsplit(artifact.url).scheme != "file"
        if remote and not context.store.unpacked(artifact.digest or "none:0"):
            raise TaskError(
                f"{artifact.filename} is not in the store, and fctui works offline.",
                hint="Fetch it once with the network.",
            )
