"""What the configured index knows against packages: its JSON API beside the simple pages.

Source: Warehouse's documentation, "JSON API": `/pypi/NAME/VERSION/json` has `vulnerabilities`, each
with `id`, `aliases`, `summary`, `details`, `fixed_in`, `link` and `withdrawn`, but no severity. The
page without a version is about the newest one: it answers where an index has no others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from fctui.managers.interface import Context
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials
from fctui.managers.pip.resolve import declaration_of
from fctui.model.advisory import Advisory, Told, Untold
from fctui.model.errors import TaskError
from fctui.model.package import Package, Resolution
from fctui.store.access import bare
from fctui.tasks.task import Task
from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.store.session import Session

MAX_AGE = 3600.0
# Seconds for which an answer stands: advisories appear a few times a day.

_MEMORY = "pip-advisories"
_BROKEN = 500
# From this status on a server says that it is its own fault: RFC 9110, section 15.6.

_LONGEST = 300
# Characters of what is shown of one; `details` may be a page.


class _Known(Struct, frozen=True):
    id: str
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    details: str | None = None
    fixed_in: tuple[str, ...] = ()
    link: str | None = None
    withdrawn: str | None = None


class _Info(Struct, frozen=True):
    version: str = ""


class _Page(Struct, frozen=True):
    info: _Info = _Info()
    vulnerabilities: tuple[_Known, ...] | None = None


_page = msgspec.json.Decoder(_Page)
_kept = msgspec.json.Decoder(tuple[_Known, ...])


async def advisories(context: Context, resolution: Resolution) -> Told:
    """What the index says of each package. Raises TaskError where it cannot be reached."""
    packages = list(resolution.packages.values())
    own = [p for p in packages if p.artifact is None or not p.artifact.digest]
    asked = [p for p in packages if p not in own]
    untold = [Untold("pip", _ids(own), "they are not from an index")] if own else []
    config = declaration_of(context).config
    bases = [base for url in indexes(config) if (base := json_base(url))]
    if not asked:
        return Told(untold=tuple(untold))
    if not bases:
        reason = "no index with a JSON API is configured"
        return Told(untold=(*untold, Untold("pip", _ids(asked), reason)))
    async with context.tasks.open("pip", "known vulnerabilities") as task:
        task.show(f"curl {bare(bases[0])}/NAME/VERSION/json")
        found = await _ask_all(context, config, bases, asked, task)
    silent = [p for p in asked if found[p.id] is None]
    if silent:
        reason = "never asked, and this run is offline" if context.offline else _SILENT
        untold.append(Untold("pip", _ids(silent), reason))
    known = (
        each
        for p in asked
        for told in found[p.id] or ()
        if (each := _advisory(p, told)) is not None
    )
    return Told(tuple(known), tuple(untold))


_SILENT = "the index has no advisories for these versions"


def json_base(index_url: str) -> str:
    """Where an index has its JSON API, by the URL of its simple pages; "" where that is not to be
    told from it. Proxies like Artifactory and Nexus keep both side by side, too.
    """
    url = index_url.rstrip("/")
    if not url.startswith(("http://", "https://")) or not url.endswith("/simple"):
        return ""
    return f"{url.removesuffix('/simple')}/pypi"


def indexes(config: PipConfig) -> list[str]:
    """The indexes in the order in which they are searched; pip's own where none is named."""
    if config.no_index:
        return []
    first = config.index_url or _built_in()
    return [url for url in (first, *config.extra_index_urls) if url]


def _built_in() -> str:
    try:
        from pip._internal.models.index import PyPI  # nothing public of pip's tells it
    except ImportError:
        return ""
    return str(PyPI.simple_url)


async def _ask_all(
    context: Context, config: PipConfig, bases: list[str], packages: list[Package], task: Task
) -> dict[str, tuple[_Known, ...] | None]:
    """By package id what an index says, None where none says anything."""
    from fctui.managers.pip.client import open_session

    found: dict[str, tuple[_Known, ...] | None] = {}
    missing = []
    for package in packages:
        kept = _recalled(context, bases, package)
        if kept is None:
            missing.append(package)
        else:
            found[package.id] = kept
    if context.offline or not missing:
        return {**found, **dict.fromkeys((p.id for p in missing), None)}
    credentials = Credentials((config.index_url, *config.extra_index_urls))
    async with open_session(config) as session:

        async def one(package: Package) -> None:
            told = await session.run(_ask, session, credentials, bases, package)
            found[package.id] = told
            task.progress(len(found), len(packages), "packages")
            if told is not None:
                context.store.keep(_MEMORY, _key(bases, package), msgspec.json.encode(told))

        await asyncio.gather(*map(one, missing))
    return found


def _ask(
    session: Session, credentials: Credentials, bases: list[str], package: Package
) -> tuple[_Known, ...] | None:
    for base in bases:
        page = _get(session, credentials, f"{base}/{package.name}/{package.version}/json")
        if page is None:
            page = _get(session, credentials, f"{base}/{package.name}/json")
            if page is not None and page.info.version != package.version:
                page = None
        if page is not None and page.vulnerabilities is not None:
            return page.vulnerabilities
    return None


def _get(session: Session, credentials: Credentials, url: str) -> _Page | None:
    """A page of the JSON API; None where the index has none, or not for everybody. Raises TaskError
    where it cannot be reached or is out of order: that says nothing good of a package.
    """
    from fctui.store.connection import BrokenError, UntrustedError

    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        **credentials.header(url),
    }
    try:
        with session.connections.asked(bare(url), headers) as reply:
            if reply.status >= _BROKEN:
                raise TaskError(
                    f"The index does not tell advisories now: HTTP {reply.status}.",
                    hint="Try again later; --offline uses the answers of the last time.",
                )
            if reply.status != 200:
                return None
            return _page.decode(reply.read(decode_content=True))
    except msgspec.MsgspecError:
        return None
    except (BrokenError, UntrustedError) as error:
        raise TaskError(
            f"The index cannot be asked about vulnerabilities: {error}.",
            hint="Check the network; --offline uses the answers of the last time.",
        ) from error


def _recalled(context: Context, bases: list[str], package: Package) -> tuple[_Known, ...] | None:
    if context.refresh:
        return None
    age = None if context.offline else MAX_AGE
    kept = context.store.recall(_MEMORY, _key(bases, package), age)
    try:
        return None if kept is None else _kept.decode(kept)
    except msgspec.MsgspecError:
        return None


def _key(bases: Iterable[str], package: Package) -> str:
    return "\n".join([*map(bare, bases), package.name, package.version])


def _advisory(package: Package, known: _Known) -> Advisory | None:
    if known.withdrawn:
        return None
    first = next(_paragraphs(known.summary or known.details or ""), "")
    return Advisory(
        manager="pip",
        package=package.id,
        name=package.name,
        version=package.version,
        id=clean(known.id),
        aliases=tuple(map(clean, known.aliases)),
        summary=first,
        fixed=tuple(map(clean, known.fixed_in)),
        url=clean(known.link or ""),
    )


def _paragraphs(text: str) -> Iterator[str]:
    for block in text.replace("\r\n", "\n").split("\n\n"):
        line = clean(" ".join(block.split())).lstrip("# ")
        if line:
            yield line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _ids(packages: Iterable[Package]) -> tuple[str, ...]:
    return tuple(package.id for package in packages)
