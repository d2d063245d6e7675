"""What a target has already, as a dpkg status: what lies there need not be bundled."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.apt.edges import stanza_of
from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.relations import Available, parse_provides
from fctui.managers.apt.root import AptRoot, Lists
from fctui.managers.apt.solver import Chosen, UnsatisfiableError, solve
from fctui.managers.apt.stanza import field
from fctui.managers.interface import Context
from fctui.model.errors import TaskError
from fctui.model.target import Target
from fctui.tasks.task import Task

_NOT_IN_STATUS = ("Filename", "Size", "MD5sum", "SHA256", "SHA512", "Description-md5")
# Fields of an archive's lists that dpkg's status does not have.


_IMAGES = ("apt", "usr-is-merged")
# What Debian's images have beside the required packages. They are made with `/usr` merged; the
# solver alone would take usrmerge instead, and with it the whole of Perl.

_OLD = 30 * 86400
# Seconds; lists are replaced several times a day.


class Status(Struct, frozen=True):
    """A dpkg status file, and what distinguishes it from any other."""

    path: str
    key: str


def status_of(root: AptRoot, lists: Lists, target: Target) -> Status:
    """Where the target's status lies; it may have to be made first."""
    if root.sources.status:
        path = Path(root.sources.status)
        state = path.stat()
        return Status(str(path), f"{path}:{state.st_mtime_ns}:{state.st_size}")
    facts = (_IMAGES, lists.digest, target.distribution, target.installed, root.arch)
    key = hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()[:24]
    return Status(str(root.path / f"status-{key}"), key)


async def make_status(
    root: AptRoot, index: PackageIndex, status: Status, target: Target, task: Task
) -> None:
    """Compute the status of a target, if it is not there; to be called with the root's lock held.

    It has what is Essential or of priority required, as `mmdebstrap --variant=minbase` and with it
    the images have it, apt on Debian, and what the target names: all with their dependencies, by
    the root's solver over an empty system. Raises TaskError where that cannot be solved.
    """
    if await asyncio.to_thread(os.path.isfile, status.path):
        return
    task.log(f"computing what {target.id} has already")
    chosen = await with_dependencies(root, minimal(index, target), target, task)
    text = "".join(in_status(stanza_of(each, index, root.arch)) for each in chosen)
    _replace(Path(status.path), text)


@asynccontextmanager
async def installed(
    context: Context, root: AptRoot, task: Task, *, refresh: bool = False
) -> AsyncIterator[tuple[Status, PackageIndex]]:
    """For a block, with the root's lock held: the status of the context's target, made if need be,
    and the index. Raises TaskError, MissingToolError.
    """
    async with root.locked(task):
        lists = await root.lists(task, refresh=refresh, offline=context.offline)
        status = status_of(root, lists, context.target)
        with root.open_index(lists) as index:
            await make_status(root, index, status, context.target, task)
            yield status, index


async def with_dependencies(
    root: AptRoot, names: Sequence[str], target: Target, task: Task
) -> tuple[Chosen, ...]:
    """Packages and all that they need, over an empty system. Raises TaskError."""
    if not names:
        return ()
    try:
        return await solve(task, root, dict.fromkeys(names), root.path / "status", recommends=False)
    except UnsatisfiableError as error:
        raise TaskError(
            f"What {target.id} has already cannot be computed:\n" + "\n".join(error.lines[-8:]),
            hint="The archive is incomplete; try again with --refresh.",
        ) from error


def minimal(index: PackageIndex, target: Target) -> list[str]:
    """The names of what a target's release installs at minimum, without their dependencies."""
    own = (*_IMAGES, *target.installed) if target.distribution == "debian" else target.installed
    return list(dict.fromkeys([*index.required, *(name for name in own if name in index)]))


def _replace(path: Path, text: str) -> None:
    """Write in one step; status files of lists that were replaced long since are removed."""
    temporary = path.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
    for old in path.parent.glob("status-*"):
        if old != path and old.stat().st_mtime < path.stat().st_mtime - _OLD:
            old.unlink(missing_ok=True)


def read_status(path: str) -> Iterator[Available]:
    """The installed packages of a status file."""
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    for stanza in text.split("\n\n"):
        if field(stanza, "Status").endswith(" installed"):
            name, arch = field(stanza, "Package"), field(stanza, "Architecture")
            provides = parse_provides(field(stanza, "Provides"))
            yield Available(name, name, field(stanza, "Version"), arch, provides)


def in_status(stanza: str) -> str:
    """A stanza of the lists as dpkg's status has it."""
    kept, keeping = [], True
    for line in stanza.splitlines():
        if line[:1] not in {" ", "\t"}:
            keeping = line.partition(":")[0] not in _NOT_IN_STATUS
        if keeping:
            kept.append(line)
    return "\n".join([kept[0], "Status: install ok installed", *kept[1:]]) + "\n\n"
