"""What a target has for a loader to find, from the debs that its release installs."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from fctui.managers.apt.alternatives import read_alternatives
from fctui.managers.apt.deb import LD_SO_CONF
from fctui.managers.apt.fetch import fetch_debs
from fctui.managers.apt.installed import Status, installed, read_status, status_of
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.solver import Chosen, UnsatisfiableError, solve
from fctui.managers.apt.sources import NoMirrorError
from fctui.managers.apt.suite import other_context, root_for, root_of
from fctui.managers.interface import Context
from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.package import Package, Resolution
from fctui.model.target import Target
from fctui.native.elf import ElfFile
from fctui.native.survey import may_be_elf, survey
from fctui.native.system import PROGRAM_DIRECTORIES, System, configured_directories, merged
from fctui.tasks.task import Task

_KIND = "apt-system"
_FORMAT = 2
# To be raised when the meaning of a remembered system changes.


async def installed_system(context: Context) -> System:
    """The libraries and programs of the packages that a target's release installs at minimum, and
    of those that the target names. Their debs are downloaded once.

    Where the archive of a release that has left the mirrors cannot be reached, the next release
    that they have stands for it, and `source` says so: its glibc is not asked for symbols that are
    newer than the target's. Raises TaskError.
    """
    try:
        return await _installed_system(context)
    except TaskError as error:
        other = other_context(context)
        if other is None:
            raise
        async with context.tasks.open("apt", "what another release has instead") as task:
            task.log(error.message)
        return await _installed_system(other)


async def _installed_system(context: Context) -> System:
    try:
        known = None if context.refresh else _recalled(context, root_of(context, ()))
    except NoMirrorError:  # one is looked for below
        known = None
    if known is not None:
        return known
    async with context.tasks.open("apt", f"what {context.target.id} has") as task:
        root = await root_for(context, (), task)
        async with installed(context, root, task, refresh=context.refresh) as (status, _):
            chosen = await _installed(root, status.path, task)
        resolution = resolution_of(chosen, context.target)
    listing = await fetch_debs(context, resolution)
    system = await asyncio.to_thread(_system, context, listing.contents)
    context.store.keep(_KIND, _key(status), msgspec.msgpack.encode(system))
    return system


async def installed_packages(context: Context) -> tuple[str, ...]:
    """`name=version` of the same packages. Raises TaskError."""
    async with context.tasks.open("apt", f"which packages {context.target.id} has") as task:
        root = await root_for(context, (), task)
        async with installed(context, root, task, refresh=context.refresh) as (status, _):
            there = read_status(status.path)
            return tuple(f"{each.name}={each.version}" for each in there)


def _recalled(context: Context, root: AptRoot) -> System | None:
    """What was found before. Old lists will do: a release's own libraries hardly change."""
    lists = root.recorded()
    if lists is None:
        return None
    data = context.store.recall(_KIND, _key(status_of(root, lists, context.target)))
    return None if data is None else msgspec.msgpack.decode(data, type=System)


def _key(status: Status) -> str:
    return f"{_FORMAT}:{status.key}"


async def _installed(root: AptRoot, status: str, task: Task) -> tuple[Chosen, ...]:
    """The debs of a status, asked of the solver over an empty system: it knows where they lie."""
    names = [f"{each.name}={each.version}" for each in read_status(status)]
    if not names:
        return ()
    try:
        return await solve(task, root, names, root.path / "status", recommends=False)
    except UnsatisfiableError as error:
        raise TaskError(
            "The packages of the target are no longer in the archive:\n" + "\n".join(error.lines),
            hint="Run it again with --refresh.",
        ) from error


def resolution_of(chosen: Iterable[Chosen], target: Target) -> Resolution:
    """Debs of the solver as packages that can be fetched."""
    packages = {
        each.name: Package(
            manager="apt",
            id=each.name,
            name=each.name,
            version=each.version,
            artifact=each.artifact,
        )
        for each in chosen
    }
    return Resolution(manager="apt", target=target.id, roots=(), packages=packages)


def _system(context: Context, packages: Mapping[str, Contents]) -> System:
    target = context.target
    texts = {
        path: text
        for contents in packages.values()
        for path, text in contents.texts.items()
        if path.startswith(LD_SO_CONF)
    }
    directories = configured_directories([texts[path] for path in sorted(texts)], target.multiarch)
    programs_in = {merged(directory) for directory in PROGRAM_DIRECTORIES}
    elves: dict[str, ElfFile] = {}
    links: dict[str, str] = {}
    programs: set[str] = set()
    for contents in packages.values():
        wanted = []
        for entry in contents.entries:
            place = merged(f"/{entry.path}")
            directory = posixpath.dirname(place)
            if directory in programs_in and (entry.link or entry.mode & 0o111):
                programs.add(place)
            if directory not in directories and directory not in programs_in:
                continue
            if entry.link:
                links[place] = entry.link
            elif may_be_elf(entry.path, entry.size):
                wanted.append(entry.path)
        read = survey(Path(context.store.tree(contents.digest)), wanted)
        elves |= {merged(f"/{path}"): elf for path, elf in read.elves.items()}
        for link, to in _alternatives(contents, target):
            links.setdefault(link, to)
            if posixpath.dirname(link) in programs_in:
                programs.add(link)
    source = _source(target, len(packages))
    return System(elves, links, directories, tuple(sorted(programs)), source)


def _source(target: Target, count: int) -> str:
    """Where a system is known from: the target's own release, or the one that stands for it."""
    suite = target.suite
    if suite is None or (target.distribution == "debian" and suite.release == target.release):
        return f"the packages that {target.title} installs at minimum, {count} of them"
    return (
        f"the {count} packages that Debian {suite.release} installs at minimum, which stand for "
        f"those of {target.title}"
    )


def _alternatives(contents: Contents, target: Target) -> Iterable[tuple[str, str]]:
    """Links that the maintainer scripts would have made, straight to what they lead to."""
    script = contents.texts.get("postinst", "")
    for each in read_alternatives(script, target.debian_arch, target.multiarch):
        yield from ((merged(link.link), link.path) for link in each.links)
