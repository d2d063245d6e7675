"""Asking an index which versions of a package have a file for the target.

Source: PEP 691, which asks for a JSON page where the index has one.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from fctui.managers.pip.candidates import Candidates, choose
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials
from fctui.managers.pip.uv_lock import Locked
from fctui.model.names import normalized
from fctui.model.package import Artifact
from fctui.model.target import Target
from fctui.store.access import bare

if TYPE_CHECKING:
    from fctui.store.connection import Connections

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_SDIST = re.compile(r"^(?P<name>.+)-(?P<version>\d[^-]*)\.(tar\.gz|zip|tar\.bz2)$")


class Rejected(Struct, frozen=True):
    """Versions without a file for the target: `hard` have none at all, `soft` have an sdist beside
    binary wheels for other systems.
    """

    hard: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()


async def rejected_versions(
    packages: Iterable[Locked], target: Target, config: PipConfig, *, offline: bool
) -> dict[str, Rejected]:
    """For each package the versions that its index has nothing fitting of.

    An index that cannot be asked counts as one that knows nothing: the caller excludes version by
    version then.
    """
    wanted = list(packages)
    pages = await asyncio.gather(
        *(_filenames(package, config, offline=offline) for package in wanted)
    )
    return {
        package.name: judge_versions(package.name, names, target)
        for package, names in zip(wanted, pages, strict=True)
    }


def judge_versions(name: str, filenames: Iterable[str], target: Target) -> Rejected:
    """Sort the versions of a page by whether a file of theirs fits the target."""
    versions: dict[str, tuple[list[Artifact], list[Artifact]]] = {}
    for filename in filenames:
        wheel = filename.endswith(".whl")
        version = version_of(filename, name)
        if version:
            files = versions.setdefault(version, ([], []))
            files[0 if wheel else 1].append(Artifact(filename, "", None, ""))
    hard, soft = [], []
    for version, (wheels, sdists) in versions.items():
        choice = choose(Candidates(tuple(wheels), sdists[0] if sdists else None), target)
        if choice.artifact is None:
            hard.append(version)
        elif choice.needs_build and choice.older:
            soft.append(version)
    return Rejected(tuple(hard), tuple(soft))


def version_of(filename: str, name: str) -> str:
    """The version that a file name of a package has; "" for the file of another."""
    from packaging.version import InvalidVersion, Version

    if filename.endswith(".whl"):
        parts = filename.split("-")
        same = len(parts) >= 5 and normalized(parts[0]) == normalized(name)
        text = parts[1] if same else ""
    else:
        found = _SDIST.match(filename)
        text = found["version"] if found and normalized(found["name"]) == normalized(name) else ""
    try:
        return str(Version(text))
    except InvalidVersion:
        return ""


async def _filenames(package: Locked, config: PipConfig, *, offline: bool) -> tuple[str, ...]:
    registry = package.registry
    if urlsplit(registry).scheme not in {"http", "https"}:
        path = Path(registry.removeprefix("file://"))
        return tuple(await asyncio.to_thread(_listed, path))
    if offline:
        return ()
    from fctui.managers.pip.client import open_session

    async with open_session(config) as session:
        found = await session.run(_page, session.connections, package, config)
    if found is None:
        return ()
    from fctui.managers.pip.index_page import filenames

    return filenames(*found)


def files_of(
    connections: Connections, index: str, name: str, config: PipConfig
) -> dict[str, Artifact]:
    """The files of a package that an index has, by name; {} where it does not give its page."""
    from fctui.managers.pip.index_page import artifacts

    found = page_of(connections, index, name, config)
    if found is None:
        return {}
    page = f"{bare(index).rstrip('/')}/{name}/"
    return {artifact.filename: artifact for artifact in artifacts(*found, page)}


def _page(connections: Connections, package: Locked, config: PipConfig) -> tuple[str, bytes] | None:
    return page_of(connections, package.registry, package.name, config)


def page_of(
    connections: Connections, index: str, name: str, config: PipConfig
) -> tuple[str, bytes] | None:
    """The content type and text of a package's page; None where the index does not give it."""
    from fctui.store.connection import BrokenError, UntrustedError

    url = f"{bare(index).rstrip('/')}/{name}/"
    credentials = Credentials((config.index_url, *config.extra_index_urls))
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "gzip", **credentials.header(url)}
    try:
        with connections.asked(url, headers) as reply:
            if reply.status == 200:
                return reply.headers.get("Content-Type", ""), reply.read(decode_content=True)
    except (BrokenError, UntrustedError):
        pass
    return None


def _listed(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
