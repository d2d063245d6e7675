"""A minimal root file system of a target's release, made once by mmdebstrap(1) and kept.

The debs are those that the target's dpkg status would list: chosen by apt's solver, verified
against the signed lists, downloaded into the store. mmdebstrap sees nothing but them, works
without a network and confined, so that no maintainer script gets at the host.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.apt.assemble import assemble
from fctui.managers.apt.edges import stanza_of
from fctui.managers.apt.fetch import fetch_debs
from fctui.managers.apt.installed import in_status, minimal, with_dependencies
from fctui.managers.apt.mmdebstrap import finish, make_root, unusable
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.solver import Chosen
from fctui.managers.apt.suite import root_for, root_of
from fctui.managers.apt.system import resolution_of
from fctui.managers.interface import Context
from fctui.model.contents import Contents
from fctui.model.errors import FctuiError, TaskError
from fctui.store.lock import held
from fctui.tasks.task import Task

_FORMAT = 2
# To be raised when roots are made in another way.

_UNUSED = 60 * 86400
# Seconds after which a root that nobody has used is removed: it takes 150 MB.

_RECORD = "stand-in.json"


class StandIn(Struct, frozen=True):
    """A root file system: where it lies, `name=version` of the packages in it, and how it was
    made.
    """

    root: Path
    packages: tuple[str, ...]
    how: str


class _Record(Struct, frozen=True):
    """What stands beside a root that is whole: it is written last."""

    packages: tuple[str, ...]
    seconds: float
    how: str = "made by mmdebstrap"


class _Debs(Struct, frozen=True):
    """What a root is made of: those that are asked for, and all with their stanzas."""

    asked: tuple[str, ...]
    chosen: tuple[Chosen, ...]
    stanzas: tuple[str, ...]
    contents: dict[str, Contents]


async def stand_in(context: Context, extra: Sequence[str] = ()) -> StandIn:
    """The root of the context's target, with `extra` packages; made if it is not there.

    Where mmdebstrap is missing or has not the rights that it needs, the root is put together from
    the debs' files. With the context's `refresh` it is made anew from what the suite has now.
    Raises TaskError.
    """
    with suppress(FctuiError):  # no archive of old suites is known yet: one is looked for below
        known = _known(_place(context, root_of(context, ()), extra))
        if known is not None and not context.refresh:
            return known
    async with context.tasks.open("apt", f"choose what {context.target.id} has") as task:
        root = await root_for(context, (), task)
        place = _place(context, root, extra)
        async with root.locked(task):
            lists = await root.lists(task, refresh=context.refresh, offline=context.offline)
            with root.open_index(lists) as index:
                names = [*minimal(index, context.target), *(n for n in extra if n in index)]
                asked = [name for name in names if name not in index.required]
                chosen = await with_dependencies(root, names, context.target, task)
                stanzas = [stanza_of(each, index, root.arch) for each in chosen]
    listing = await fetch_debs(context, resolution_of(chosen, context.target))
    async with context.tasks.open("apt", f"make a root file system of {context.target.id}") as task:
        debs = _Debs(tuple(asked), chosen, tuple(stanzas), listing.contents)
        return await _make(context, place, debs, task)


def _place(context: Context, root: AptRoot, extra: Iterable[str]) -> Path:
    """Where the root lies: one for each suite, architecture and set of packages asked for."""
    target = context.target
    facts = (_FORMAT, root.key, target.distribution, target.installed, tuple(sorted(extra)))
    key = hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()[:24]
    return context.store.root / "roots" / key


def _known(place: Path) -> StandIn | None:
    try:
        record = msgspec.json.decode((place / _RECORD).read_bytes(), type=_Record)
        os.utime(place)
    except (OSError, msgspec.DecodeError):
        return None
    return StandIn(place / "root", record.packages, record.how)


async def _make(
    context: Context,
    place: Path,
    debs: _Debs,
    task: Task,
) -> StandIn:
    """Make it in a room, then put it in its place; alone among all processes."""
    store = context.store
    begun = time.monotonic()
    async with held(store.root / "locks" / f"root-{place.name}.lock"):
        known = _known(place)
        if known is not None and not context.refresh:
            return known
        async with store.workspace.lent() as room:
            made, how = await _made(context, room, debs, task)
            await asyncio.to_thread(finish, made)
            packages = tuple(sorted(f"{each.name}={each.version}" for each in debs.chosen))
            record = _Record(packages, round(time.monotonic() - begun, 1), how)
            await asyncio.to_thread(_put, store.root, made, place, record)
    return StandIn(place / "root", packages, how)


async def _made(context: Context, room: Path, debs: _Debs, task: Task) -> tuple[Path, str]:
    """The root in its room, and how it was made: by mmdebstrap, or without where that fails. It is
    made without for another processor, too, where mmdebstrap would run all packages' scripts in
    emulation: minutes for what takes seconds.
    """
    foreign = platform.machine() != context.target.arch
    why = f"scripts for {context.target.arch} run in emulation only" if foreign else unusable()
    if not why:
        inside = room / "mmdebstrap"
        inside.mkdir()
        repository = inside / "debs"
        await asyncio.to_thread(_repository, context, repository, debs)
        arch = context.target.debian_arch
        try:
            made = await make_root(inside, repository, debs.asked, arch, task)
        except TaskError as error:
            why = error.message
        else:
            return made, "made by mmdebstrap"
    task.log(*why.splitlines(), "the root is put together from the debs' files instead")
    contents = [debs.contents[each.name] for each in debs.chosen]
    root = await assemble(context, room, contents, task)
    await asyncio.to_thread(_write_status, root, debs)
    return root, "put together from debs"


def _write_status(root: Path, debs: _Debs) -> None:
    """What dpkg would have written of the packages, for who asks the root what is in it."""
    place = root / "var/lib/dpkg/status"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)  # it could be a link into the store
    place.write_text("".join(map(in_status, debs.stanzas)), encoding="utf-8")


def _repository(context: Context, place: Path, debs: _Debs) -> None:
    """A flat repository of exactly these debs, linked from the store: sources.list(5)."""
    place.mkdir()
    stanzas = []
    for each, stanza in zip(debs.chosen, debs.stanzas, strict=True):
        archive = context.store.archive(debs.contents[each.name].digest)
        name = f"{each.name}_{each.arch}.deb"
        try:
            os.link(archive, place / name)
        except OSError:
            shutil.copyfile(archive, place / name)
        lines = [line for line in stanza.splitlines() if not line.startswith("Filename:")]
        stanzas.append("\n".join([*lines, f"Filename: ./{name}", "", ""]))
    (place / "Packages").write_text("".join(stanzas), encoding="utf-8")
    place.chmod(0o755)


def _put(top: Path, made: Path, place: Path, record: _Record) -> None:
    """Swap it in, its record last, and remove roots that nobody has used for long."""
    whole = made.parent / "whole"
    whole.mkdir()
    made.rename(whole / "root")
    (whole / _RECORD).write_bytes(msgspec.json.encode(record))
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(made.parent / "old")
    whole.rename(place)
    for other in (top / "roots").iterdir():
        with suppress(OSError):
            if other != place and other.stat().st_mtime < time.time() - _UNUSED:
                other.rename(made.parent / other.name)
