"""Shared libraries without the names that only debuggers read: copies, kept in the store.

A library that patchelf(1) has changed may be damaged by strip(1) (numpy #20101), so a copy counts
only if every byte that a loader maps is where it was.
"""

from __future__ import annotations

import asyncio
import hashlib
import platform
import shutil
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct, field

from fctui.model.errors import MissingToolError, TaskError
from fctui.model.target import Target
from fctui.native.elf import read_elf
from fctui.store.store import Store
from fctui.store.zip import unpack_zip
from fctui.tasks.command import Command
from fctui.tasks.missing import how_to_install
from fctui.tasks.task import Task

AT_ONCE = 2
# Programs at a time: they read and write whole libraries, and a disk is one.

_LOAD = 1
_CHANGES = ((40, 48), (58, 64))
# Of the ELF header: where its sections stand, how many there are, and which one has their names.

_CHUNK = 1 << 20


class Stripped(Struct, frozen=True):
    """Of one artifact: the tree that its smaller copies lie in ("" for none), their bytes by path,
    and why others have none.
    """

    digest: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


_DECODER = msgspec.msgpack.Decoder(Stripped)


def find_strip(target: Target) -> str | None:
    """A strip(1) that knows the target's machine; None where PATH has none. That of the GNU
    binutils knows its own machine alone, unless it is built for others as well.
    """
    names = [f"{target.multiarch}-strip"]
    if platform.machine() == target.arch:
        names.append("strip")
    names.append("llvm-strip")
    return next((path for name in names if (path := shutil.which(name))), None)


def required_strip(target: Target) -> str:
    """The same. Raises MissingToolError where there is none."""
    program = find_strip(target)
    if program is None:
        deb = f"binutils-{target.arch.replace('_', '-')}-linux-gnu"
        raise MissingToolError(
            f"No strip on PATH can read the libraries of {target.title} ({target.arch}).",
            hint=f"{how_to_install(deb)}, or leave out the rule symbols.",
        )
    return program


async def strip_all(
    store: Store, wanted: Mapping[str, Sequence[str]], program: str, task: Task
) -> dict[str, Stripped]:
    """The copies of libraries, by artifact and path; made once, and remembered by artifact and
    program. `wanted` are artifacts of the store with the paths in them.
    """
    tool = hashlib.sha256(await asyncio.to_thread(Path(program).read_bytes)).hexdigest()
    found: dict[str, Stripped] = {}
    for number, (digest, paths) in enumerate(wanted.items()):
        task.progress(number, len(wanted), "packages")
        key = f"{digest} {tool}"
        made = _recalled(store, key)
        if made is None or (made.digest and not await asyncio.to_thread(store.intact, made.digest)):
            made = await _strip(store, digest, sorted(paths), program, task)
            store.keep("stripped", key, msgspec.msgpack.encode(made))
        found[digest] = made
    task.progress(len(wanted), len(wanted), "packages")
    return found


def _recalled(store: Store, key: str) -> Stripped | None:
    known = store.recall("stripped", key)
    try:
        return _DECODER.decode(known) if known is not None else None
    except msgspec.MsgspecError:
        return None


async def _strip(
    store: Store, digest: str, paths: Sequence[str], program: str, task: Task
) -> Stripped:
    tree = store.tree(digest)
    refused: dict[str, str] = {}
    sizes: dict[str, int] = {}
    gate = asyncio.Semaphore(AT_ONCE)
    async with store.workspace.lent() as room:

        async def one(number: int, path: str) -> None:
            copy = room / str(number)
            argv = (program, "--strip-unneeded", "-o", str(copy), str(tree / path))
            async with gate:
                try:
                    await task.run(Command(argv))
                except MissingToolError:
                    raise
                except TaskError as error:
                    refused[path] = error.message
                    return
                problem = await asyncio.to_thread(difference, tree / path, copy)
            if problem:
                refused[path] = problem
            elif copy.stat().st_size < (tree / path).stat().st_size:
                sizes[path] = copy.stat().st_size

        try:
            async with asyncio.TaskGroup() as group:
                for number, path in enumerate(paths):
                    group.create_task(one(number, path))
        except ExceptionGroup as error:
            raise error.exceptions[0] from error
        for path, why in refused.items():
            task.log(f"{path} stays as it is: {why}")
        if not sizes:
            return Stripped(refused=refused)
        archive = room / "stripped.zip"
        chosen = [
            (path, room / str(n), tree / path) for n, path in enumerate(paths) if path in sizes
        ]
        await asyncio.to_thread(pack_copies, archive, chosen)
        contents = await store.adopt(archive, unpack_zip, task)
    return Stripped(contents.digest, sizes, refused)


def pack_copies(archive: Path, files: Sequence[tuple[str, Path, Path]]) -> None:
    """An archive of the copies that is the same whenever it is made."""
    with zipfile.ZipFile(archive, "w") as made:
        for path, copy, original in files:
            member = zipfile.ZipInfo(path)
            program = original.stat().st_mode & 0o111
            member.external_attr = (0o100755 if program else 0o100644) << 16
            with copy.open("rb") as reading, made.open(member, "w", force_zip64=True) as writing:
                shutil.copyfileobj(reading, writing, _CHUNK)


def difference(original: Path, copy: Path) -> str:
    """What a loader would see that is not as it was: "" where every byte of every segment is in
    its place, and what the dynamic section says is the same.
    """
    try:
        with original.open("rb") as one, copy.open("rb") as other:
            before, after = _segments(one.read(1 << 16)), _segments(other.read(1 << 16))
            if [each.loaded for each in before] != [each.loaded for each in after]:
                return "its segments would change"
            for old, new in zip(before, after, strict=True):
                if old.type != _LOAD:
                    continue
                if old.align > 1 and new.offset % old.align != old.address % old.align:
                    return "a segment would not be aligned"
                one.seek(old.offset)
                other.seek(new.offset)
                if not _same(one, other, old.length, at_start=old.offset == new.offset == 0):
                    return "what is loaded would change"
        if read_elf(original) != read_elf(copy):
            return "what it needs would change"
    except (struct.error, ValueError, OSError) as error:
        return f"it cannot be compared ({error})"
    return ""


class _Segment(Struct, frozen=True):
    type: int
    flags: int
    offset: int
    address: int
    physical: int
    length: int
    memory: int
    align: int

    @property
    def loaded(self) -> tuple[int, ...]:
        """All but where it lies in the file."""
        return (self.type, self.flags, self.address, self.physical, self.length, self.memory,
                self.align)  # fmt: skip


def _segments(head: bytes) -> list[_Segment]:
    """The program headers of a 64-bit little-endian ELF file: gABI, "Program Header"."""
    (start,) = struct.unpack_from("<Q", head, 32)
    size, count = struct.unpack_from("<HH", head, 54)
    if head[4:6] != b"\x02\x01" or size != 56:
        raise ValueError("not ELF of 64 bits")
    return [
        _Segment(*struct.unpack_from("<IIQQQQQQ", head, start + n * size)) for n in range(count)
    ]


def _same(one: BinaryIO, other: BinaryIO, length: int, *, at_start: bool) -> bool:
    """Whether the next `length` bytes are the same; at the start but for the header's places that
    tell of the sections.
    """
    left = length
    while left > 0:
        first, second = one.read(min(left, _CHUNK)), other.read(min(left, _CHUNK))
        if at_start and left == length:
            first, second = _without_sections(first), _without_sections(second)
        if not first or first != second:
            return False
        left -= len(first)
    return True


def _without_sections(data: bytes) -> bytes:
    changed = bytearray(data)
    for begin, end in _CHANGES:
        changed[begin:end] = bytes(end - begin)
    return bytes(changed)
