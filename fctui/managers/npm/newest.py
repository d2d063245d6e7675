"""What registries call the latest version of packages.

Source: npm's registry documentation, "Package metadata": the abbreviated form, `dist-tags`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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


class _Page(Struct, frozen=True):
    tags: dict[str, str] = field(name="dist-tags", default_factory=dict)


_page = msgspec.json.Decoder(_Page)


async def newest(context: Context, resolution: Resolution) -> Mapping[str, str]:
    """By id; what a registry does not tell is not in it."""
    packages = [p for p in resolution.packages.values() if is_published(p)]
    if not packages or context.offline:
        return {}
    from fctui.store.session import Session

    found: dict[str, str] = {}
    async with context.tasks.open(MANAGER, "newest versions") as task:
        config = await read_registry(context, context.project.root, task)
        names = sorted({package.name for package in packages})
        async with Session(access_of(config.settings), threads=CONNECTIONS) as session:

            async def one(name: str) -> None:
                found[name] = await session.run(_latest, session, config, name)
                task.progress(len(found), len(names), "packages")

            await asyncio.gather(*map(one, names))
    return {package.id: found[package.name] for package in packages if found.get(package.name)}


def _latest(session: Session, config: NpmConfig, name: str) -> str:
    from fctui.store.connection import BrokenError, UntrustedError

    registry = config.registry_for(name).rstrip("/")
    url = f"{registry}/{quote(name, safe='@')}"
    headers = {"Accept": _ABBREVIATED, "Accept-Encoding": "gzip", **config.headers(url, name)}
    try:
        with session.connections.asked(url, headers) as reply:
            if not registry or reply.status != 200:
                return ""
            return clean(_page.decode(reply.read(decode_content=True)).tags.get("latest", ""))
    except (BrokenError, UntrustedError, msgspec.MsgspecError):
        return ""
