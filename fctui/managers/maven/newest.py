"""What repositories call the release of artifacts: `maven-metadata.xml`.

Source: Maven's "Repository Metadata": `versioning/release`, and all `versions`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fctui.managers.interface import Context
from fctui.managers.maven.access import Source
from fctui.managers.maven.resolve import source_of
from fctui.model.errors import UsageError
from fctui.model.package import Resolution
from fctui.project.xml_nodes import parse_xml
from fctui.store.access import is_http
from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.store.session import Session

CONNECTIONS = 8
_NAME = "maven-metadata.xml"
_EARLY = re.compile(r"(?i)(^\d{8}\b|alpha|beta|preview|snapshot|[-.]ea\b|[-.](rc|cr|m|b)[-.]?\d)")
# How versions before a release are called, or by their dates in the times of Maven 1; `release` of
# the metadata may name one of them.


async def newest(context: Context, resolution: Resolution) -> Mapping[str, str]:
    """By id; what no repository tells is not in it."""
    urls = {
        package.id: f"{package.artifact.url.rsplit('/', 2)[0]}/{_NAME}"
        for package in resolution.packages.values()
        if package.artifact is not None and is_http(package.artifact.url)
    }
    if not urls or context.offline:
        return {}
    from fctui.store.session import Session

    source = source_of(context)
    found: dict[str, str] = {}
    async with context.tasks.open("maven", "newest versions") as task:
        access = source.reach.access(next(iter(urls.values())))
        async with Session(access, threads=CONNECTIONS) as session:

            async def one(url: str) -> None:
                found[url] = await session.run(_release, session, source, url)
                task.progress(len(found), len(urls), "packages")

            await asyncio.gather(*map(one, set(urls.values())))
    return {id_: found[url] for id_, url in urls.items() if found[url]}


def _release(session: Session, source: Source, url: str) -> str:
    from fctui.store.connection import BrokenError, UntrustedError

    try:
        with session.connections.asked(url, dict(source.reach.headers(url))) as reply:
            if reply.status != 200:
                return ""
            root = parse_xml(reply.read(decode_content=True), _NAME)
    except (BrokenError, UntrustedError, UsageError):
        return ""
    listed = [each.text.strip() for each in root.all("versioning", "versions", "version")]
    return clean(stable_newest(listed) or root.value("versioning", "release"))


def stable_newest(versions: Sequence[str]) -> str:
    """The highest that is no early one, if there is any; "" of none at all."""
    stable = [version for version in versions if not _EARLY.search(version)]
    return max(stable or versions, key=_order, default="")


def _order(version: str) -> list[tuple[int, int, str]]:
    """Numbers by their value, and after words where both may stand."""
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part.lower()) for part in parts]
