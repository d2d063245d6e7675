"""Which deb of a suite brings a library."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from fctui.managers.apt.libraries import Owner
from fctui.managers.apt.library_lists import load_libraries
from fctui.managers.apt.suite import root_for
from fctui.managers.interface import Context
from fctui.native.system import default_directories


async def owners_of(context: Context, sonames: Iterable[str]) -> dict[str, tuple[Owner, ...]]:
    """For each soname the debs of the target's suite that have a file of that name, the likeliest
    first. Raises TaskError where the lists cannot be loaded.
    """
    wanted = sorted(set(sonames))
    if not wanted:
        return {}
    directories = default_directories(context.target.multiarch)
    async with context.tasks.open("apt", "which deb has a library") as task:
        root = await root_for(context, (), task)
        async with root.locked(task):
            table = await load_libraries(root, task, offline=context.offline)
        found = await asyncio.to_thread(table.owners, wanted, directories)
        lost = [soname for soname in wanted if not found[soname]]
        if table.whole or not lost or context.offline:
            return found
        from fctui.managers.apt.likely import likely_lines

        lines = await likely_lines(context, root, lost, task)
        async with root.locked(task):
            await asyncio.to_thread(table.add, lines)
        return await asyncio.to_thread(table.owners, wanted, directories)
