"""How large versions of packages are that nobody has downloaded yet.

A registry may tell the bytes of a version's files (`dist.unpackedSize`, npm's "Package metadata");
many a mirror leaves that out, and then the first byte of a tarball says how many there are:
Content-Range, RFC 9110.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fctui.managers.interface import Context
from fctui.managers.npm.access import access_of
from fctui.managers.npm.advisories import is_published
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.defaults import read_registry
from fctui.managers.npm.newest import CONNECTIONS, pages_of
from fctui.managers.npm.packages import MANAGER
from fctui.model.errors import TaskError
from fctui.model.outdated import Sizes
from fctui.model.package import Package

if TYPE_CHECKING:
    from fctui.store.session import Session

_WHOLE = re.compile(r"bytes \d+-\d+/(\d+)")

_Key = tuple[str, str]
"""Name and version."""


async def sizes(context: Context, packages: Iterable[Package]) -> Mapping[_Key, Sizes]:
    """By name and version, as far as the registry tells: installed, or else as downloaded. Of a
    package of which one version's files are not told, the tarballs of all are asked for.
    """
    published = {(p.name, p.version): p for p in packages if is_published(p)}
    pages = await pages_of(context, {name for name, _ in published}, "sizes")
    found = {
        key: Sizes(installed=pages[key[0]].sizes[key[1]])
        for key in published
        if key[0] in pages and key[1] in pages[key[0]].sizes
    }
    untold = {name for name, version in published if (name, version) not in found}
    asked = {key: package for key, package in published.items() if key[0] in untold}
    tarballs = await _tarballs(context, asked)
    for key, size in tarballs.items():
        found[key] = Sizes(found[key].installed if key in found else None, size)
    return found


async def _tarballs(context: Context, packages: Mapping[_Key, Package]) -> Mapping[_Key, int]:
    """Bytes of tarballs: of the one in the store, or as the registry says."""
    kept = {key: _kept(context, package) for key, package in packages.items()}
    found = {key: size for key, size in kept.items() if size is not None}
    missing = {key: package for key, package in packages.items() if key not in found}
    if not missing or context.offline:
        return found
    from fctui.store.session import Session

    async with context.tasks.open(MANAGER, "sizes of tarballs") as task:
        config = await read_registry(context, context.project.root, task)
        done = 0
        async with Session(access_of(config.settings), threads=CONNECTIONS) as session:

            async def one(key: _Key, package: Package) -> None:
                nonlocal done
                size = await session.run(_asked, session, config, package)
                done += 1
                task.progress(done, len(missing), "packages")
                if size is not None:
                    found[key] = size

            await asyncio.gather(*(one(key, package) for key, package in missing.items()))
    return found


def _kept(context: Context, package: Package) -> int | None:
    if package.artifact is None or not package.artifact.digest:
        return None
    try:
        return context.store.archive(package.artifact.digest).stat().st_size
    except (OSError, TaskError):
        return None


def _asked(session: Session, config: NpmConfig, package: Package) -> int | None:
    from fctui.store.connection import BrokenError, UntrustedError

    url = package.artifact.url if package.artifact else ""
    url = url.partition("#")[0] or config.tarball_url(package.name, package.version)
    if not url.startswith(("http:", "https:")):
        return None
    headers = {"Range": "bytes=0-0", **config.headers(url, package.name)}
    try:
        with session.connections.asked(url, headers) as reply:
            if reply.status == 206:
                told = _WHOLE.fullmatch(reply.headers.get("Content-Range", ""))
                reply.read(decode_content=False)
                return int(told[1]) if told else None
            length = reply.headers.get("Content-Length", "")
            return int(length) if reply.status == 200 and length.isdecimal() else None
    except (BrokenError, UntrustedError, TaskError):
        return None
