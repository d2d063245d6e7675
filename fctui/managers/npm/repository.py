"""Packages from git repositories and from directories: packed by npm without their scripts."""

from __future__ import annotations

import asyncio
import json
import shutil
from functools import partial
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.local_directory import directory_state
from fctui.managers.npm.ask import ANY_STATUS
from fctui.managers.npm.failure import failure
from fctui.managers.npm.program import find_npm, require_npm, without_scripts
from fctui.managers.npm.tarball import unpack_tarball
from fctui.model.contents import Contents
from fctui.model.errors import MissingToolError, TaskError
from fctui.model.package import Package
from fctui.tasks.command import Command
from fctui.tasks.missing import how_to_install
from fctui.tasks.task import Task

MEMORY = "npm-git"


def pack_command(resolved: str, into: Path, npm: str = "npm") -> Command:
    """Packs a directory, or fetches a repository at the commit of a lock and packs it. npm prepares
    the working copy with npm runs of its own: the variables keep scripts out of those as well.
    """
    argv = (npm, "pack", resolved, "--ignore-scripts", "--json", "--pack-destination", str(into))
    return Command(argv, without_scripts(), into, ANY_STATUS)


async def packed_repository(
    context: Context, package: Package, resolved: str, task: Task
) -> Contents:
    """The contents of a git dependency. Raises MissingToolError without git or an npm that is new
    enough, TaskError where the repository cannot be read.
    """
    digest = context.store.recall(MEMORY, resolved)
    known = context.store.contents(digest.decode()) if digest else None
    if known is not None:
        return known
    if context.offline:
        raise TaskError(
            f"{package.name} comes from a git repository that is not in the store.",
            hint="Run it once without --offline.",
        )
    for program, path in (("npm", find_npm()), ("git", shutil.which("git"))):
        if path is None:
            raise MissingToolError(
                f"{package.name} comes from a git repository; {program} is not on this machine.",
                hint=f"To have it: {how_to_install(program)}.",
            )
    return await _pack(context, resolved, resolved, f"{package.name} {package.version}", task)


async def packed_directory(context: Context, directory: Path, task: Task) -> Contents:
    """The contents of a `file:` dependency that is copied: what `npm pack` takes of the directory,
    an absolute path, now.

    Raises MissingToolError without npm, TaskError where it cannot be packed.
    """
    state = await asyncio.to_thread(directory_state, directory, frozenset({"node_modules"}))
    key = f"{directory} {state}"
    digest = context.store.recall(MEMORY, key)
    known = context.store.contents(digest.decode()) if digest else None
    if known is not None:
        return known
    if find_npm() is None:
        raise MissingToolError(
            f"{directory} is packed by npm, which is not on this machine.",
            hint=f"To have it: {how_to_install('npm')}.",
        )
    return await _pack(context, str(directory), key, directory.name, task)


async def _pack(context: Context, what: str, key: str, name: str, task: Task) -> Contents:
    npm = await require_npm(context, task)
    async with context.store.workspace.lent() as room:
        done = await task.run(pack_command(what, room, npm.name if npm else "npm"))
        if done.returncode:
            raise failure(done)
        archive = room / _filename(done.stdout)
        contents = await context.store.adopt(archive, partial(unpack_tarball, name=name), task)
    context.store.keep(MEMORY, key, contents.digest.encode())
    return contents


def _filename(stdout: bytes) -> str:
    """The tarball's name in what `npm pack --json` prints: a list (npm 7) or an object by name."""
    try:
        packed = json.loads(stdout)
        first = next(iter(packed.values())) if isinstance(packed, dict) else packed[0]
        name = first["filename"]
    except (ValueError, LookupError, TypeError, StopIteration) as error:
        raise TaskError("npm pack did not say which tarball it made.") from error
    return str(name).rpartition("/")[2]
