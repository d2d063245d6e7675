"""Asking npm for a lock: in a copy of the project, for the target, without running any script."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.failure import failure
from fctui.managers.npm.libc import with_libc
from fctui.managers.npm.program import InstalledNpm, require_npm, without_scripts
from fctui.managers.npm.staging import LOCK_NAMES, YARN_LOCK, leads_out, stage
from fctui.managers.npm.tree import Runtime
from fctui.model.errors import MissingToolError, ResolutionError
from fctui.store.disk import disk_errors
from fctui.tasks.command import Command
from fctui.tasks.task import Task

MEMORY = "npm-lock"

MAX_AGE = 600.0
# Seconds for which an answer stands that the registry may change any time: as long as pip's.

ANY_STATUS = tuple(range(256))
# A failed npm is read by its error object, not by its status.

_STAND_IN = """'use strict';
// npm holds required packages against the machine that it runs on. For this run that is the target.
setImmediate(() => {
  for (const [name, value] of Object.entries(%s)) {
    Object.defineProperty(process, name, { value, enumerable: true, configurable: true });
  }
});
"""

TOP = "package.json"

INSTALL_LINKS = "--install-links"
# Directories as packages, with all that they require: a link's own requirements npm leaves out.

_LATE = "999.0"
# Stands for the minor version and patch of a target that only names its major version of Node.


def platform_flags(runtime: Runtime) -> tuple[str, ...]:
    """The target as npm takes it on its command line."""
    return f"--os={runtime.os}", f"--cpu={runtime.cpu}", f"--libc={runtime.libc}"


def lock_command(
    project: Path,
    runtime: Runtime,
    config: NpmConfig,
    flags: tuple[str, ...] = (),
    npm: str = "npm",
) -> Command:
    """The npm run that makes or corrects a lock, and nothing else.

    `flags` are added: `--offline` or `--prefer-online`.
    """
    argv = [npm, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    argv += ["--omit=dev", *platform_flags(runtime)]
    argv += ["--no-omit-lockfile-registry-resolved", "--no-update-notifier", "--package-lock"]
    argv += ["--json", "--loglevel=http", *flags]
    if "fetch-retries" not in config.settings:
        # npm's own retries keep one waiting for a minute before it says that nobody is there.
        argv += ["--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=3000"]
    stand_in = str(project.parent / "target.cjs").replace("\\", "\\\\").replace('"', '\\"')
    options = f'{os.environ.get("NODE_OPTIONS", "")} --require="{stand_in}"'.strip()
    env = {"NODE_OPTIONS": options, **without_scripts()}
    return Command(tuple(argv), env, project, ANY_STATUS)


def view_command(project: Path, flags: tuple[str, ...] = (), npm: str = "npm") -> Command:
    """The npm run that tells what a registry knows, without the words that say of what."""
    return Command((npm, "view", "--json", *flags), without_scripts(), project, ANY_STATUS)


def stand_in_script(runtime: Runtime) -> str:
    """A module that lets Node say it is the target: its version and architecture."""
    facts = {"arch": runtime.cpu}
    if runtime.node:
        major, _, rest = runtime.node.lstrip("v").partition(".")
        facts["version"] = f"v{major}.{rest if '.' in rest else f'{rest}.999' if rest else _LATE}"
    return _STAND_IN % json.dumps(facts)


def memory_key(files: Mapping[str, Path], config: NpmConfig, runtime: Runtime) -> str:
    """A hash of all that npm's answer depends on. Secrets go into it only as part of the hash."""
    facts = (runtime.os, runtime.cpu, runtime.libc, runtime.node, leads_out(files))
    digest = hashlib.sha256(repr(facts).encode())
    for name, value in sorted(config.settings.items()):
        digest.update(f"{name}\0{value}\0".encode("utf-8", "surrogateescape"))
    for path, source in sorted(files.items()):
        digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


async def ask_npm(
    context: Context, files: Mapping[str, Path], config: NpmConfig, runtime: Runtime, task: Task
) -> tuple[bytes, tuple[tuple[str, ...], ...]]:
    """The lock that npm makes, and the commands that were run for it (none for a remembered one).

    Raises ResolutionError, UsageError, TaskError by npm's error; MissingToolError without an
    npm that is new enough.
    """
    key = memory_key(files, config, runtime)
    if not context.refresh:
        kept = context.store.recall(MEMORY, key, None if context.offline else MAX_AGE)
        if kept is not None:
            shown = lock_command(files[TOP].parent, runtime, config)
            task.show(structs.replace(shown, env={}))
            return kept, ()
    npm = await require_npm(context, task)
    if npm is None:
        raise MissingToolError(
            "npm is not on this machine, and package.json has no lock that answers for it.",
            hint="Install npm 10.3 or newer, or commit an up-to-date package-lock.json: "
            "with one, npm is not needed.",
        )
    flags = ("--offline",) if context.offline else ("--prefer-online",) if context.refresh else ()
    if leads_out(files):
        flags = (*flags, INSTALL_LINKS)
    if YARN_LOCK in files:  # it names Yarn's own registry, whose tarballs are npm's
        flags = (*flags, "--replace-registry-host=always")
    command, lock = await _run(context, files, config, runtime, flags, npm, task)
    context.store.keep(MEMORY, key, lock)
    return lock, (command.argv,)


async def _run(
    context: Context,
    files: Mapping[str, Path],
    config: NpmConfig,
    runtime: Runtime,
    flags: tuple[str, ...],
    npm: InstalledNpm,
    task: Task,
) -> tuple[Command, bytes]:
    async with context.store.workspace.lent() as directory:
        with disk_errors(context.store.root):
            project = await asyncio.to_thread(stage, files, directory)
            (project.parent / "target.cjs").write_text(stand_in_script(runtime), "utf-8")
        command = lock_command(project, runtime, config, flags, npm.name)
        done = await task.run(command)
        if done.returncode:
            raise failure(done)
        for name in LOCK_NAMES:
            if (project / name).is_file():
                raw = (project / name).read_bytes()
                if not npm.locks_libc:
                    view = view_command(project, flags, npm.name)
                    raw = await with_libc(raw, runtime, view, task)
                return command, raw
        raise ResolutionError("npm made no lock.", hint="The task's log has all that npm said.")
