"""The newest version of each package that an index has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.managers.interface import Context
from fctui.managers.pip.advisories import indexes
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.index import page_of, version_of
from fctui.managers.pip.resolve import declaration_of
from fctui.managers.pip.uv_project import existing
from fctui.model.package import Package, Resolution

if TYPE_CHECKING:
    from packaging.version import Version

    from fctui.store.session import Session


async def newest(context: Context, resolution: Resolution) -> Mapping[str, str]:
    """By id; what is from no index, or from one that does not answer, is not in it."""
    packages = [p for p in resolution.packages.values() if p.artifact and p.artifact.filename]
    if not packages:
        return {}
    config = declaration_of(context).config
    local = await asyncio.to_thread(_local_names, config)
    found = {package.id: set(_versions(package.name, local)) for package in packages}
    if not context.offline and not config.no_index:
        async with context.tasks.open("pip", "newest versions") as task:
            from fctui.managers.pip.client import open_session

            async with open_session(config) as session:

                async def one(package: Package) -> None:
                    names = await session.run(_filenames, session, package, config)
                    found[package.id] |= set(_versions(package.name, names))

                await asyncio.gather(*map(one, packages))
            task.progress(len(packages), len(packages), "packages")
    return {id_: _best(versions) for id_, versions in found.items() if versions}


def _local_names(config: PipConfig) -> list[str]:
    """The names of the files in directories that pip looks into."""
    places = [place for place in existing(config.find_links) if "://" not in place]
    return [path.name for place in places for path in Path(place).glob("*")]


def _filenames(session: Session, package: Package, config: PipConfig) -> tuple[str, ...]:
    from fctui.managers.pip.index_page import filenames

    for index in indexes(config):
        page = page_of(session.connections, index, package.name, config)
        if page is not None:
            return filenames(*page)
    return ()


def _versions(name: str, filenames: Iterable[str]) -> Iterable[Version]:
    from packaging.version import Version

    for filename in filenames:
        version = version_of(filename, name)
        if version:
            yield Version(version)


def _best(versions: Iterable[Version]) -> str:
    every = list(versions)
    stable = [version for version in every if not version.is_prerelease]
    return str(max(stable or every))
