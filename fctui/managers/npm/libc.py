"""The C library that a package is for, where npm has left it out of its lock (before npm 11.11)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from fctui.managers.npm.lock import LockEntry
from fctui.managers.npm.tree import Runtime
from fctui.tasks.command import Command
from fctui.tasks.task import Task

_AT_ONCE = 4
# Each is a start of Node; a lock rarely has more than a handful of such packages.


async def with_libc(raw: bytes, runtime: Runtime, ask: Command, task: Task) -> bytes:
    """A lock with the `libc` lists of the optional packages that are for the target's os and cpu.

    `ask` is an `npm view` without the package. What the registry does not tell stays unsaid; then
    the variants for other C libraries are taken as well, as `npm ci` takes them.
    """
    try:
        lock = json.loads(raw)
        entries: dict[str, Any] = lock["packages"]
        if any("libc" in entry for entry in entries.values()):
            return raw
        wanted = {place: name for place, entry in entries.items() if (name := _asked(place, entry))}
        wanted = {place: name for place, name in wanted.items() if _fits(entries[place], runtime)}
    except (ValueError, LookupError, TypeError, AttributeError):
        return raw  # whoever parses it says what is wrong
    limit = asyncio.Semaphore(_AT_ONCE)

    async def told(name: str) -> object:
        async with limit:
            done = await task.run(_view(ask, name))
        try:
            return json.loads(done.stdout or b"null") if not done.returncode else None
        except ValueError:
            return None

    names = list(dict.fromkeys(wanted.values()))
    try:
        async with asyncio.TaskGroup() as group:
            asked = {name: group.create_task(told(name)) for name in names}
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    for place, name in wanted.items():
        if isinstance(said := asked[name].result(), str | list):
            entries[place]["libc"] = said
    return json.dumps(lock, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _asked(place: str, entry: Mapping[str, Any]) -> str:
    """The package and version of an entry that may be for one C library only, else ""."""
    if not entry.get("optional") or not (entry.get("os") and entry.get("cpu")):
        return ""
    if entry.get("inBundle") or not str(entry.get("resolved", "")).startswith("http"):
        return ""
    name = entry.get("name") or place.rpartition("node_modules/")[2]
    return f"{name}@{entry['version']}"


def _fits(entry: Mapping[str, Any], runtime: Runtime) -> bool:
    return runtime.runs(LockEntry(os=entry["os"], cpu=entry["cpu"]))


def _view(ask: Command, name: str) -> Command:
    return Command((*ask.argv, name, "libc"), ask.env, ask.cwd, ask.ok)
