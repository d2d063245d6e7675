"""What registries call the latest version of packages, and how large their versions are.

Source: npm's registry documentation, "Package metadata": the abbreviated form, `dist-tags`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from fctui.managers.interface import Context
from fctui.managers.npm.access import access_of
from fctui.managers.npm.advisories import is_published
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.defaults import read_registry
from fctui.managers.npm.packages import MANAGER
from fctui.model.package import Resolution
from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.store.session import Session

CONNECTIONS = 8
# At a time: a tree has hundreds of packages, each with a page of its own.

_ABBREVIATED = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"


_PAGES = "npm pages"
# Where the context keeps what was asked: where the newest versions stand, sizes may.


class _Dist(Struct, frozen=True):
    unpacked: int | None = field(name="unpackedSize", default=None)


class _Version(Struct, frozen=True):
    dist: _Dist = _Dist()


class _Page(Struct, frozen=True):
    tags: dict[str, str] = field(name="dist-tags", default_factory=dict)
    versions: dict[str, _Version] = field(default_factory=dict)


class _Tags(Struct, frozen=True):
    tags: dict[str, str] = field(name="dist-tags", default_factory=dict)


class Page(Struct, frozen=True):
    """What a registry tells of a package: the version that it calls latest, "" where it does not,
    and the bytes of each version's files.
    """

    latest: str = ""
    sizes: dict[str, int] = field(default_factory=dict)


_page = msgspec.json.Decoder(_Page)
_tags = msgspec.json.Decoder(_Tags)


async def newest(context: Context, resolution: Resolution) -> Mapping[str, str]:
    """By id; what a registry does not tell is not in it."""
    packages = [p for p in resolution.packages.values() if is_published(p)]
    pages = await pages_of(context, {package.name for package in packages}, "newest versions")
    return {
        p.id: pages[p.name].latest for p in packages if p.name in pages and pages[p.name].latest
    }


async def pages_of(context: Context, names: Collection[str], title: str) -> Mapping[str, Page]:
    """The pages of packages; those that this context has not asked for yet are asked for now."""
    known = context.memory.setdefault(_PAGES, {})
    assert isinstance(known, dict)  # noqa: S101 - nobody else writes there
    missing = sorted(set(names) - known.keys())
    if not missing or context.offline:
        return known
    from fctui.store.session import Session

    async with context.tasks.open(MANAGER, title) as task:
        config = await read_registry(context, context.project.root, task)
        done = 0
        async with Session(access_of(config.settings), threads=CONNECTIONS) as session:

            async def one(name: str) -> None:
                nonlocal done
                known[name] = await session.run(_asked, session, config, name)
                done += 1
                task.progress(done, len(missing), "packages")

            await asyncio.gather(*map(one, missing))
    return known


def _asked(session: Session, config: NpmConfig, name: str) -> Page:
    from fctui.store.connection import BrokenError, UntrustedError

    registry = config.registry_for(name).rstrip("/")
    url = f"{registry}/{quote(name, safe='@')}"
    headers = {"Accept": _ABBREVIATED, "Accept-Encoding": "gzip", **config.headers(url, name)}
    try:
        with session.connections.asked(url, headers) as reply:
            if not registry or reply.status != 200:
                return Page()
            return _told(reply.read(decode_content=True))
    except (BrokenError, UntrustedError):
        return Page()


def _told(data: bytes) -> Page:
    """A page, as far as it is what it should be."""
    try:
        page = _page.decode(data)
    except msgspec.MsgspecError:
        try:
            return Page(clean(_tags.decode(data).tags.get("latest", "")))
        except msgspec.MsgspecError:
            return Page()
    found = {
        clean(version): each.dist.unpacked
        for version, each in page.versions.items()
        if each.dist.unpacked is not None and each.dist.unpacked >= 0
    }
    return Page(clean(page.tags.get("latest", "")), found)
