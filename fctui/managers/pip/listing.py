"""Listing and fetching: what the store knows, then small reads, then downloads and builds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fctui.managers.interface import Context
from fctui.managers.pip.build import build_all, built_before
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.contents import Contents, Listing
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Artifact, Package, Resolution
from fctui.store.access import is_http
from fctui.store.store import Download
from fctui.tasks.task import Task

_T = TypeVar("_T")

NOT_BUILT = "It is published as source: its files are known once it has been built."

_DIGEST = "pip-digest"
FAILED = "pip.failed"
# The key in `Context.memory` under which failed builds are kept, by package id.


async def list_contents(
    context: Context, config: PipConfig, resolution: Resolution, ids: Sequence[str] | None
) -> Listing:
    """The files of packages without installing anything. Raises TaskError."""
    wanted = _wanted(resolution, ids)
    contents: dict[str, Contents] = {}
    unknown: dict[str, str] = {}
    missing: list[Package] = []
    for package in wanted:
        known = known_contents(context, package)
        if known is not None:
            contents[package.id] = known
        elif package.needs_build or package.artifact is None:
            unknown[package.id] = _failures(context).get(package.id, NOT_BUILT)
        elif context.offline:
            unknown[package.id] = "It is not in the store, and fctui works offline."
        else:
            missing.append(package)
    if missing:
        async with context.tasks.open("pip", "list files") as task:
            contents |= await _read(context, config, missing, task)
    return Listing(contents=contents, unknown=unknown)


async def fetch_all(context: Context, config: PipConfig, resolution: Resolution) -> Listing:
    """Every wheel in the store, every source built. Raises TaskError."""
    packages = _wanted(resolution, None)
    to_build = [p for p in packages if p.needs_build]
    wheels = [p for p in packages if not p.needs_build and p.artifact is not None]
    work = (_fetch_wheels(context, config, wheels), _build(context, config, to_build))
    results = await _together(work)
    return Listing(
        contents={**results[0].contents, **results[1].contents},
        unknown={**results[0].unknown, **results[1].unknown},
    )


def known_contents(context: Context, package: Package) -> Contents | None:
    """What the store knows of a package's files."""
    if package.needs_build:
        return built_before(context, package)
    digest = digest_of(context, package.artifact)
    return context.store.contents(digest) if digest else None


def digest_of(context: Context, artifact: Artifact | None) -> str:
    """The artifact's key in the store; one that no index tells was kept at its download."""
    if artifact is None:
        return ""
    if artifact.digest:
        return artifact.digest
    return (context.store.recall(_DIGEST, artifact.url) or b"").decode()


async def _read(
    context: Context, config: PipConfig, packages: Sequence[Package], task: Task
) -> dict[str, Contents]:
    """List by ranges; what cannot be listed so is downloaded."""
    contents: dict[str, Contents] = {}
    downloads: list[Package] = []
    remote: list[Package] = []
    for package in packages:
        artifact = package.artifact
        ranged = artifact is not None and artifact.digest and is_http(artifact.url)
        (remote if ranged else downloads).append(package)
    if remote:
        listed, refused = await _by_ranges(context, config, remote, task)
        contents |= listed
        downloads += refused
    if downloads:
        contents |= (await _download(context, config, downloads, task)).contents
    return contents


async def _by_ranges(
    context: Context, config: PipConfig, packages: Sequence[Package], task: Task
) -> tuple[dict[str, Contents], list[Package]]:
    from fctui.managers.pip.client import open_session
    from fctui.managers.pip.remote import list_wheel
    from fctui.store.connection import BrokenError, UntrustedError
    from fctui.store.ranges import NoRangesError, StatusError

    credentials = Credentials((config.index_url, *config.extra_index_urls))
    contents: dict[str, Contents] = {}
    refused: list[Package] = []

    def read(artifact: Artifact) -> Contents:
        headers = credentials.header(artifact.url)
        listed = list_wheel(session.connections, artifact, headers)
        context.store.remember(listed.digest, listed)
        return listed

    async def one(package: Package) -> None:
        if package.artifact is None:
            return
        try:
            contents[package.id] = await session.run(read, package.artifact)
        except NoRangesError as error:
            task.log(f"{package.artifact.filename} is downloaded: {error}")
            refused.append(package)
            return
        except StatusError as error:
            raise _refusal(package, error.status) from error
        except (BrokenError, UntrustedError) as error:
            host = urlsplit(package.artifact.url).hostname
            raise TaskError(
                f"The files of {package.name} cannot be listed: {host} does not answer: {error}.",
                hint="Check the network, the proxy and the index.",
            ) from error
        task.progress(len(contents), len(packages), "packages")

    task.show("# reads the end of each wheel by HTTP ranges")
    async with open_session(config) as session:
        await _together(map(one, packages))
    return contents, refused


def _refusal(package: Package, status: int) -> TaskError:
    where = urlsplit(package.artifact.url).hostname if package.artifact else ""
    hint = "The index wants credentials." if status in {401, 403} else "Resolve with --refresh."
    return TaskError(
        f"The files of {package.name} cannot be listed: {where} answers {status}.", hint=hint
    )


async def _download(
    context: Context, config: PipConfig, packages: Sequence[Package], task: Task
) -> Listing:
    credentials = Credentials((config.index_url, *config.extra_index_urls))
    downloads = {
        package.id: Download(
            package.artifact, unpack_wheel, credentials.header(package.artifact.url)
        )
        for package in packages
        if package.artifact is not None
    }
    found = await _stored(context, config, downloads.values(), task)
    contents = {}
    for id_, download in downloads.items():
        artifact = download.artifact
        contents[id_] = found[artifact.digest or artifact.url]
        if not artifact.digest:
            context.store.keep(_DIGEST, artifact.url, contents[id_].digest.encode())
    return Listing(contents=contents)


async def _fetch_wheels(
    context: Context, config: PipConfig, packages: Sequence[Package]
) -> Listing:
    async with context.tasks.open("pip", "fetch") as task:
        return await _download(context, config, packages, task)


async def _build(context: Context, config: PipConfig, packages: Sequence[Package]) -> Listing:
    contents: dict[str, Contents] = {}
    left = []
    for package in packages:
        known = built_before(context, package)
        if known is not None and context.store.intact(known.digest):
            contents[package.id] = known
        else:
            left.append(package)
    if not left:
        return Listing(contents=contents)
    credentials = Credentials((config.index_url, *config.extra_index_urls))
    sources = [
        Download(p.artifact, _keep_archive, credentials.header(p.artifact.url))
        for p in left
        if p.artifact is not None and p.artifact.digest
    ]
    async with context.tasks.open("pip", "build wheels") as task:
        await _stored(context, config, sources, task)
        built = await build_all(context, config, left, task)
    failures = _failures(context)
    for package in left:
        failures.pop(package.id, None)
    failures |= built.failed
    return Listing(contents={**contents, **built.contents}, unknown=built.failed)


async def _stored(
    context: Context, config: PipConfig, downloads: Iterable[Download], task: Task
) -> dict[str, Contents]:
    wanted = list(downloads)
    missing = [d for d in wanted if not context.store.unpacked(d.artifact.digest or "none:0")]
    if context.offline and any(is_http(d.artifact.url) for d in missing):
        raise TaskError(
            f"{missing[0].artifact.filename} is not in the store, and fctui works offline.",
            hint="Fetch it once with the network.",
        )
    from fctui.managers.pip.client import access_of

    return await context.store.fetch(wanted, task, access=access_of(config))


def _keep_archive(archive: Path, into: Path, digest: str) -> Contents:
    """A `Store` unpacker for sources: they stay packed until a build unpacks them, confined."""
    del archive, into
    return Contents(digest=digest, entries=())


def _wanted(resolution: Resolution, ids: Sequence[str] | None) -> list[Package]:
    packages = resolution.packages
    return [packages[id_] for id_ in (packages if ids is None else ids) if id_ in packages]


def _failures(context: Context) -> dict[str, str]:
    known = context.memory.setdefault(FAILED, {})
    return known if isinstance(known, dict) else {}


async def _together(work: Iterable[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Run all to their end, or to the first failure; the others are cancelled then."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in work]
    except BaseExceptionGroup as failures:
        flat = failures.exceptions
        raise next((e for e in flat if isinstance(e, FctuiError)), flat[0]) from None
    return [task.result() for task in tasks]
