"""What adding a deb would bring, asked of the solver without changing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from msgspec import Struct

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.installed import installed
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.solver import UnsatisfiableError, solve
from fctui.managers.apt.suite import root_for
from fctui.managers.interface import Context
from fctui.tasks.task import Task

AT_ONCE = 2
# Solvers at a time: each is a process that reads the package lists.


class Cost(Struct, frozen=True):
    """The packages that would come, and their installed bytes as the archive tells them."""

    packages: tuple[str, ...]
    size: int


async def costs(
    context: Context, candidates: Iterable[str], present: Sequence[str]
) -> dict[str, Cost]:
    """The cost of each candidate on top of the packages that are `present`; a candidate that
    cannot be installed is not in the answer.
    """
    wanted = sorted(set(candidates))
    if not wanted:
        return {}
    async with context.tasks.open("apt", "what the cures would add") as task:
        root = await root_for(context, (), task)
        async with installed(context, root, task) as (status, index):
            slots = asyncio.Semaphore(AT_ONCE)

            async def one(name: str) -> tuple[str, Cost | None]:
                async with slots:
                    return name, await _cost(root, index, status.path, name, present, task)

            found = await asyncio.gather(*map(one, wanted))
    return {name: cost for name, cost in found if cost is not None}


async def _cost(
    root: AptRoot,
    index: PackageIndex,
    status: str,
    name: str,
    present: Sequence[str],
    task: Task,
) -> Cost | None:
    try:
        chosen = await solve(task, root, [name], status, recommends=False)
    except UnsatisfiableError:
        return None
    there = set(present)
    new = [each for each in chosen if each.name not in there]
    size = 0
    for each in new:
        hit = index.hit(each.name)
        size += (hit.installed_size or 0) if hit else 0
    return Cost(tuple(each.name for each in new), size)
