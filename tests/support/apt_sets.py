"""Install sets of real packages by apt and by the resolver of our own, to be compared."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.installed import make_status, status_of
from fctui.managers.apt.own.choose import choose_set
from fctui.managers.apt.own.reasons import NoSetError
from fctui.managers.apt.own.universe import Universe
from fctui.managers.apt.root import AptRoot, Lists
from fctui.managers.apt.solver import install_command
from fctui.managers.apt.suite import root_for
from fctui.store.store import Store
from fctui.targets.load import load_target
from tests.support.apt_project import apt_context

SEED = 6
# The draw is the same wherever a suite is.

Set = frozenset[str] | None
"""`name:arch=version` of each package; None where there is no set."""

_LINE = re.compile(r"'[^']+' (?P<file>\S+)\.deb \d+")


@dataclass
class Suite:
    """The root of a target's suite, with its lists loaded and its status computed."""

    root: AptRoot
    lists: Lists
    status: str

    @contextmanager
    def universe(self) -> Iterator[Universe]:
        """What the resolver of our own chooses from: the very lists that apt has."""
        with PackageIndex(Path(self.lists.index)) as index:
            yield Universe(index, self.root.sources.architectures, self.status)

    def drawn(self, count: int) -> list[str]:
        """Some of the suite's packages."""
        with PackageIndex(Path(self.lists.index)) as index:
            return random.Random(SEED).sample(list(index.names()), count)


@asynccontextmanager
async def suite_of(target: str, place: Path, store: Store) -> AsyncIterator[Suite]:
    """The suite of a target, for as long as a block lasts."""
    context = apt_context(place, "nano\n", store=store, target=load_target(target))
    async with context.tasks.open("apt", "prepare") as task:
        root = await root_for(context, (), task)
        async with root.locked(task):
            lists = await root.lists(task, refresh=False, offline=False)
            status = status_of(root, lists, context.target)
            with root.open_index(lists) as index:
                await make_status(root, index, status, context.target, task)
            yield Suite(root, lists, status.path)


def apt_set(suite: Suite, *names: str) -> Set:
    """What apt-get would install."""
    command = install_command(suite.root, names, suite.status, recommends=False)
    environment = {**os.environ, **command.env, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command.argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        return None
    found = set()
    for match in _LINE.finditer(done.stdout.decode()):
        name, version, arch = unquote(match["file"]).split("_")
        found.add(f"{name}:{arch}={version}")
    return frozenset(found)


def own_set(universe: Universe, *names: str) -> Set:
    """What the resolver of our own would."""
    try:
        chosen = choose_set(universe, names, recommends=False)
    except NoSetError:
        return None
    return frozenset(f"{each.name}:{each.arch}={each.version}" for each in chosen)
