"""Loading which package has which shared object, from the archive's Contents lists.

Source: the Debian repository format, "Contents indices". They have 10 MB a suite, so that they are
only loaded when a library is looked for, and verified as the package lists are.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from fctui.managers.apt.libraries import Libraries, shared_objects
from fctui.managers.apt.own.root import OwnRoot
from fctui.managers.apt.root import RETRY, AptRoot, apt_errors
from fctui.model.errors import TaskError
from fctui.tasks.task import Task

FRESH = 7 * 86400.0
# Seconds: which package has a library changes with a release, hardly ever within one.

_TARGET = "Acquire::IndexTargets::deb::Contents-fctui"
_OPTIONS = (
    *("-o", f"{_TARGET}::MetaKey=$(COMPONENT)/Contents-{{arch}}"),
    *("-o", f"{_TARGET}::flatMetaKey=Contents-{{arch}}"),
    *("-o", f"{_TARGET}::ShortDescription=Contents-{{arch}}"),
    *("-o", f"{_TARGET}::Description=$(RELEASE)/$(COMPONENT) Contents"),
    *("-o", f"{_TARGET}::KeepCompressed=true"),
    *("-o", "Acquire::IndexTargets::deb::Packages::DefaultEnabled=false"),
    *("-o", "Acquire::IndexTargets::deb::Translations::DefaultEnabled=false"),
)
# What apt-file(1) sets in its configuration, but for the architecture by its name: a variable
# there brings the 40 MB of the packages for all architectures too, which have no libraries.
# The package lists are not loaded a second time.

_FILE = "libraries-1"


async def load_libraries(root: AptRoot, task: Task, *, offline: bool) -> Libraries:
    """The table, made anew when it is old; to be called with the root's lock held.

    A mirror that is being updated may have other lists than its Release file promises: then those
    of the last time are used, or what there is, and it is tried again soon.
    """
    whole = Libraries(root.path / _FILE, whole=True)
    part = Libraries(root.path / f"{_FILE}.part", whole=False)
    for known, most in ((whole, FRESH), (part, RETRY)):
        age = await asyncio.to_thread(_age, known.path)
        if age is not None and (offline or age < most):
            return known
    if offline:
        raise TaskError(
            "Which packages have which libraries has never been loaded, and this run is offline.",
            hint="Run it once with the network.",
        )
    await root.prepare(task)
    if isinstance(root, OwnRoot):
        lines, complete = await _by_us(root, task)
    else:
        lines, complete = await _by_apt(root, task)
    if complete:
        await asyncio.to_thread(whole.write, lines)
        with suppress(FileNotFoundError):
            os.unlink(part.path)
        return whole
    with suppress(FileNotFoundError):
        soon = time.time() - FRESH + RETRY
        os.utime(whole.path, (soon, soon))
        task.log("The lists of files that were loaded last are used.")
        return whole
    await asyncio.to_thread(part.write, lines)
    return part


async def _by_apt(root: AptRoot, task: Task) -> tuple[set[bytes], bool]:
    """The lines of all lists, loaded by apt, and whether none is missing."""
    lists = root.path / "contents"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    options = [option.replace("{arch}", root.arch) for option in _OPTIONS]
    place = ("-o", f"Dir::State::lists={lists}/", *options)
    done = await root.updated(task, *place)
    form = ("--format", "$(FILENAME)", "Created-By: Contents-fctui")
    answer = await task.run(root.command("apt-get", "indextargets", *place, *form))
    named = answer.stdout.decode().splitlines()
    names = await asyncio.to_thread(lambda: [name for name in named if os.path.isfile(name)])
    if done.returncode:
        task.log(*apt_errors(done.stderr))
    lines: set[bytes] = set()
    for name in names:
        read = await task.run(root.command("/usr/lib/apt/apt-helper", "cat-file", name))
        lines |= await asyncio.to_thread(shared_objects, read.stdout)
        os.unlink(name)
    return lines, bool(lines) and done.returncode == 0


async def _by_us(root: OwnRoot, task: Task) -> tuple[set[bytes], bool]:
    """The same without apt."""
    lines: set[bytes] = set()
    try:
        for place in await root.other_lists(task, "Contents-{arch}"):
            lines |= await asyncio.to_thread(lambda path: shared_objects(path.read_bytes()), place)
            os.unlink(place)
    except TaskError as error:
        task.log(error.message)
        return lines, False
    return lines, bool(lines)


def _age(path: Path) -> float | None:
    """Seconds since a file was written; None where there is none."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return None
