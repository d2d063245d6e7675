"""Which deb of a suite brings a library: the archive's Contents lists.

Source: the Debian repository format, "Contents indices". They have 10 MB a suite, so that they are
only loaded when a library is looked for, and verified as the package lists are.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from fctui.managers.apt.own.root import OwnRoot
from fctui.managers.apt.root import AptRoot, apt_errors
from fctui.managers.apt.suite import root_for
from fctui.managers.interface import Context
from fctui.model.errors import TaskError
from fctui.native.system import default_directories, merged
from fctui.tasks.task import Task

FRESH = 7 * 86400.0
# Seconds: which package has a library changes with a release, hardly ever within one.

_TARGET = "Acquire::IndexTargets::deb::Contents-fctui"
_OPTIONS = (
    *("-o", f"{_TARGET}::MetaKey=$(COMPONENT)/Contents-$(NATIVE_ARCHITECTURE)"),
    *("-o", f"{_TARGET}::flatMetaKey=Contents-$(NATIVE_ARCHITECTURE)"),
    *("-o", f"{_TARGET}::ShortDescription=Contents-$(NATIVE_ARCHITECTURE)"),
    *("-o", f"{_TARGET}::Description=$(RELEASE)/$(COMPONENT) Contents"),
    *("-o", f"{_TARGET}::KeepCompressed=true"),
    *("-o", "Acquire::IndexTargets::deb::Packages::DefaultEnabled=false"),
    *("-o", "Acquire::IndexTargets::deb::Translations::DefaultEnabled=false"),
)
# What apt-file(1) sets in its configuration; the package lists are not loaded a second time.

_FILE = "libraries-1"
_PRIVATE = ("/dbg/", "/debug/", "-cross/", "/valgrind/", "/jvm/", "/firefox", "/thunderbird")
# Parts of paths whose libraries are no general ones.


class Owner(Struct, frozen=True):
    """A package that has a library, and where; `public` where every loader looks there."""

    package: str
    path: str
    public: bool


async def owners_of(context: Context, sonames: Iterable[str]) -> dict[str, tuple[Owner, ...]]:
    """For each soname the debs of the target's suite that have a file of that name, the likeliest
    first. Raises TaskError where the lists cannot be loaded.
    """
    wanted = sorted(set(sonames))
    if not wanted:
        return {}
    async with context.tasks.open("apt", "which deb has a library") as task:
        root = await root_for(context, (), task)
        async with root.locked(task):
            table = await _table(root, task, offline=context.offline)
        directories = default_directories(context.target.multiarch)
        return await asyncio.to_thread(_look_up, table, wanted, directories)


async def _table(root: AptRoot, task: Task, *, offline: bool) -> Path:
    """The file of all libraries, made anew when it is old. With the root's lock held."""
    table = root.path / _FILE
    with suppress(OSError):
        age = time.time() - table.stat().st_mtime
        if offline or age < FRESH:
            return table
    if offline:
        raise TaskError(
            "Which packages have which libraries has never been loaded, and this run is offline.",
            hint="Run it once with the network.",
        )
    await root.lists(task, refresh=False, offline=False)
    if isinstance(root, OwnRoot):
        lines = await _by_us(root, task)
    else:
        lines = await _by_apt(root, task)
    if not lines:
        if await asyncio.to_thread(table.is_file):
            return table
        raise TaskError(
            "The archive's lists of files cannot be loaded.",
            hint="Check the network and the mirror.",
        )
    temporary = table.with_suffix(".new")
    await asyncio.to_thread(temporary.write_bytes, b"\n" + b"\n".join(sorted(lines)) + b"\n")
    temporary.replace(table)
    return table


async def _by_apt(root: AptRoot, task: Task) -> set[bytes]:
    """The lines of all lists, loaded by apt; of several that are in the making, one may fail."""
    lists = root.path / "contents"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    place = ("-o", f"Dir::State::lists={lists}/", *_OPTIONS)
    done = await root.updated(task, *place)
    form = ("--format", "$(FILENAME)", "Created-By: Contents-fctui")
    answer = await task.run(root.command("apt-get", "indextargets", *place, *form))
    named = answer.stdout.decode().splitlines()
    names = await asyncio.to_thread(lambda: [name for name in named if os.path.isfile(name)])
    if not names:
        task.log(*apt_errors(done.stderr))
    lines: set[bytes] = set()
    for name in names:
        read = await task.run(root.command("/usr/lib/apt/apt-helper", "cat-file", name))
        lines |= await asyncio.to_thread(_libraries, read.stdout)
        os.unlink(name)
    return lines


async def _by_us(root: OwnRoot, task: Task) -> set[bytes]:
    """The same without apt."""
    lines: set[bytes] = set()
    for place in await root.other_lists(task, "Contents-{arch}"):
        lines |= await asyncio.to_thread(lambda path: _libraries(path.read_bytes()), place)
        os.unlink(place)
    return lines


def _libraries(data: bytes) -> set[bytes]:
    """Lines `name<TAB>path<TAB>packages` of the shared objects of one list."""
    found = set()
    for line in data.splitlines():
        if b".so" not in line:
            continue
        path, _, packages = line.rpartition(b" ")
        path = path.rstrip()
        name = path.rpartition(b"/")[2]
        if b".so" in name:
            found.add(b"\t".join((name, path, packages)))
    return found


def _look_up(
    table: Path, sonames: Sequence[str], directories: Sequence[str]
) -> dict[str, tuple[Owner, ...]]:
    data = table.read_bytes()
    found = {}
    for soname in sonames:
        owners = list(_owners(data, soname, directories))
        if soname.endswith(".so"):  # asked for by a name without a version: any will do
            runtime = {o.package: o for o in _owners(data, f"{soname}.", directories, whole=False)}
            owners = list(runtime.values()) or owners
        found[soname] = tuple(sorted(owners, key=lambda owner: _rank(owner, soname)))
    return found


def _owners(
    data: bytes, name: str, directories: Sequence[str], *, whole: bool = True
) -> Iterator[Owner]:
    """The owners of files of a name, or of names that begin so."""
    needle = b"\n" + os.fsencode(name) + (b"\t" if whole else b"")
    at = data.find(needle)
    seen = set()
    while at >= 0:
        end = data.index(b"\n", at + 1)
        _, path, packages = data[at + 1 : end].decode("utf-8", "replace").split("\t")
        place = merged(f"/{path}")
        public = posixpath.dirname(place) in directories
        for package in packages.split(","):
            name = package.rpartition("/")[2]
            if name not in seen and not any(part in place for part in _PRIVATE):
                seen.add(name)
                yield Owner(name, path, public)
        at = data.find(needle, end)


def _rank(owner: Owner, soname: str) -> tuple[bool, bool, bool, int, str]:
    """Libraries where every loader looks, of packages named after them, before all others: Debian
    Policy 8.1. Development, debugging and cross packages last.
    """
    name = owner.package
    bare = soname.partition(".so")[0].lower().replace("_", "-")
    odd = name.endswith(("-dev", "-dbg", "-cross", "-udeb")) or "-cross" in name
    return not owner.public, odd, not name.startswith(bare), len(name), name
