"""Which deb has a library, where the archive's own list of files is not to be had.

The release before or after tells what such a package is called there, and Debian Policy 8.1 what it
is called by rule. Both are guesses: a package only counts when the deb itself, out of the signed
archive, has the file.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs

from fctui.managers.apt.cost import AT_ONCE
from fctui.managers.apt.engine import root_in
from fctui.managers.apt.fetch import list_debs
from fctui.managers.apt.host import Host
from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.installed import installed
from fctui.managers.apt.libraries import Libraries, table_line
from fctui.managers.apt.library_lists import load_libraries
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.solver import Chosen, UnsatisfiableError, solve
from fctui.managers.apt.sources import sources_for
from fctui.managers.apt.system import resolution_of
from fctui.managers.interface import Context
from fctui.model.errors import FctuiError
from fctui.model.target import Target
from fctui.native.system import default_directories
from fctui.targets.suites import neighbours
from fctui.tasks.task import Task

MOST = 2
# Debs that one library is looked for in.


async def likely_lines(
    context: Context, root: AptRoot, sonames: Sequence[str], task: Task
) -> set[bytes]:
    """Lines for the table of libraries: the shared objects of the debs that may have `sonames`."""
    task.log("The list of files of this release cannot be had: looking into likely debs instead.")
    elsewhere = await _elsewhere(context, sonames, task)
    async with installed(context, root, task) as (status, index):
        wanted = {
            name
            for soname in sonames
            for name in _here(index, (*elsewhere.get(soname, ()), *_by_rule(soname)))
        }
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> Chosen | None:
            async with slots:
                try:
                    found = await solve(task, root, [name], status.path, recommends=False)
                except UnsatisfiableError:
                    return None
            return next((each for each in found if each.name == name), None)

        chosen = await asyncio.gather(*map(one, sorted(wanted)))
    likely = resolution_of((each for each in chosen if each is not None), context.target)
    listing = await list_debs(context, likely, None)
    return {
        table_line(os.fsencode(entry.path), name.encode())
        for name, contents in listing.contents.items()
        for entry in contents.entries
        if ".so" in entry.path.rpartition("/")[2]
    }


async def _elsewhere(
    context: Context, sonames: Sequence[str], task: Task
) -> Mapping[str, Sequence[str]]:
    """The packages that have the libraries in the first release beside this one that tells."""
    directories = default_directories(context.target.multiarch)
    if context.target.suite is None or context.settings.apt.sources:
        return {}
    for suite in neighbours(context.target.suite):
        target = structs.replace(context.target, suite=suite)
        try:
            table = await _table(context, target, task)
        except FctuiError as error:
            task.log(error.message)
            continue
        if table.whole:
            found = await asyncio.to_thread(table.owners, sonames, directories)
            return {name: [owner.package for owner in owners] for name, owners in found.items()}
    return {}


async def _table(context: Context, target: Target, task: Task) -> Libraries:
    host = Host()
    sources = sources_for(target, context.settings.apt, context.project.root, (), host)
    root = root_in(context.store.root / "apt", sources, host, context.settings.apt.resolver)
    async with root.locked(task):
        return await load_libraries(root, task, offline=context.offline)


def _here(index: PackageIndex, names: Sequence[str]) -> list[str]:
    """What packages of those names are called in this suite, the first few: renamed ones provide
    their old name.
    """
    found: dict[str, None] = {}
    for name in names:
        there = [name] if name in index else [each for each, _ in index.providers(name)]
        found.update(dict.fromkeys(there[:MOST]))
    return list(found)[:MOST]


def _by_rule(soname: str) -> Iterator[str]:
    """Names after the soname, of which glib has dropped a hyphen: Debian Policy 8.1."""
    stem, _, version = soname.partition(".so")
    stem = stem.lower().replace("_", "-")
    version = version.lstrip(".")
    name = f"{stem}-{version}" if version and stem[-1:].isdigit() else f"{stem}{version}"
    yield name
    yield re.sub(r"-(?=\d+\.\d)", "", name, count=1)
