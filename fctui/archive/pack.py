"""Packing a bundle: look at it, compress what is new, write the archive, read it back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from fctui.archive.check import DamagedError, check
from fctui.archive.choices import Choices
from fctui.archive.deflated import SMALLEST, USUAL, Deflater
from fctui.archive.inventory import Edits, edited_manifest, take_inventory
from fctui.archive.payload import Item
from fctui.archive.wheels import Wheels
from fctui.archive.working import on_thread
from fctui.archive.write import Stopped, draw, unfinished, write
from fctui.archive.zip_format import dos_time, unix_mode
from fctui.bundle.manifest import MANIFEST_PATH, Manifest, ManifestFile, read_manifest
from fctui.model.errors import TaskError, UsageError
from fctui.model.finding import Finding
from fctui.store.disk import disk_errors
from fctui.store.store import Store
from fctui.tasks.task import Tasks
from fctui.tasks.text import clean

_NAMED = 5
# Edited files that an error names.


class Archive(Struct, frozen=True):
    """A zip that was written: bytes of itself and of what it unpacks to, SHA-256 in hex."""

    path: Path
    size: int
    sha256: str
    files: int
    unpacked: int


class Packed(Struct, frozen=True):
    """What was packed: the code's manifest, the archives, the code first, how the bundle differs
    from what was built, and what is wrong with the way that it was split.
    """

    manifest: Manifest
    archives: tuple[Archive, ...]
    edits: Edits = Edits()
    findings: tuple[Finding, ...] = ()


async def pack(
    bundle: Path, output: Path, *, store: Store, tasks: Tasks, choices: Choices | None = None
) -> Packed:
    """Write the bundle as a zip at `output`: whole and checked, or not at all.

    Raises UsageError for a bundle that is none or was edited, TaskError when something cannot be
    read or written. Cancelled or failed, what stood at the output before still stands.
    """
    manifest = read_manifest(bundle)
    check_output(bundle, output)
    packing = Packing(bundle, manifest, store, tasks, choices or Choices())
    await packing.look()
    items = await packing.items(packing.files)
    archives = await packing.write([(output, items)])
    return Packed(packing.manifest, tuple(archives), packing.edits)


def check_output(bundle: Path, output: Path) -> None:
    """Raise UsageError for an output that is a directory or lies in the bundle itself."""
    if output.is_dir():
        raise UsageError(f"{output} is a directory.", hint="Name a file with -o.")
    if output.resolve().is_relative_to(bundle.resolve()):
        raise UsageError(
            f"{output} lies in the bundle that is packed.", hint="Name another place with -o."
        )


class Packing:
    """One bundle on its way into archives. The steps run on threads and are tasks of their own."""

    def __init__(
        self, bundle: Path, manifest: Manifest, store: Store, tasks: Tasks, choices: Choices
    ) -> None:
        self.bundle = bundle
        self.manifest = manifest
        self.files: tuple[ManifestFile, ...] = ()
        self.edits = Edits()
        self._store = store
        self._tasks = tasks
        self._choices = choices
        self._generated: dict[str, bytes] = {}
        self._wheels = Wheels(store, () if choices.smallest else manifest.origins)
        self._deflater = Deflater(store, SMALLEST if choices.smallest else USUAL)

    async def look(self) -> None:
        """Find out what is in the bundle. Raises UsageError where it was edited unasked."""
        async with self._tasks.open("", "look at the bundle") as task:
            total = self.manifest.totals.size
            inventory = await on_thread(
                task,
                total,
                lambda progress, stopped: take_inventory(
                    self.bundle, self.manifest, self._store, progress=progress, stopped=stopped
                ),
            )
        self.files, self.edits = inventory.files, inventory.edits
        if not self.edits:
            return
        if not self._choices.edited:
            raise _edited(self.bundle, self.edits)
        self.replace_manifest(edited_manifest(self.manifest, self.files))

    def replace_manifest(self, data: bytes) -> None:
        """Let other bytes stand for the bundle's manifest."""
        self._generated[MANIFEST_PATH] = data

    async def items(self, files: Sequence[ManifestFile]) -> list[Item]:
        """The entries of some files, compressed where they were not yet."""
        async with self._tasks.open("", "compress") as task:
            total = sum(file.size for file in files)
            with disk_errors(self._store.root):
                return await on_thread(
                    task, total, lambda progress, stopped: self._items(files, progress, stopped)
                )

    async def write(self, wanted: Sequence[tuple[Path, Sequence[Item]]]) -> list[Archive]:
        """Write archives, read each back, and put them in place once all are right."""
        with contextlib.ExitStack() as stack:
            done = []
            for output, items in wanted:
                unnamed = stack.enter_context(unfinished(output))
                done.append((unnamed, await self._write(items, output, unnamed)))
            for unnamed, archive in done:
                try:
                    unnamed.replace(archive.path)
                except OSError as error:
                    raise TaskError(
                        f"{archive.path} cannot be written: {error.strerror}."
                    ) from error
        return [archive for _, archive in done]

    async def _write(self, items: Sequence[Item], output: Path, unnamed: Path) -> Archive:
        drawn = draw(items, dos_time(self._choices.when))
        async with self._tasks.open("", f"write {output.name}") as task:
            await on_thread(
                task,
                drawn.size,
                lambda progress, stopped: write(drawn, unnamed, progress=progress, stopped=stopped),
            )
        async with self._tasks.open("", f"check {output.name}") as task:
            try:
                sha256 = await on_thread(
                    task,
                    drawn.size,
                    lambda progress, stopped: check(
                        drawn, unnamed, progress=progress, stopped=stopped
                    ),
                )
            except DamagedError as error:
                await asyncio.to_thread(self._forget, error.file)
                raise
        unpacked = sum(record.size for record in drawn.records)
        return Archive(output, drawn.size, sha256, len(items), unpacked)

    def _forget(self, file: str) -> None:
        """Give up what a damaged stream was taken from."""
        self._deflater.forget(file)
        self._wheels.forget(file)

    def generated(self, path: str, data: bytes) -> Item:
        """An entry of bytes made here."""
        mode = unix_mode(executable=False, link=False)
        return Item(path, mode, self._deflater.compressed(data))

    def link(self, path: str, target: str) -> Item:
        """An entry that is a link."""
        mode = unix_mode(executable=False, link=True)
        return Item(path, mode, self._deflater.stored(os.fsencode(target)))

    def _items(
        self,
        files: Sequence[ManifestFile],
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> list[Item]:
        mutex = threading.Lock()
        found: dict[str, Item] = {}

        def told(size: int) -> None:
            with mutex:
                progress(size)

        left = []
        for file in files:
            item = self._at_once(file)
            if item is None:
                left.append(file)
            else:
                found[file.path] = item
                told(file.size)

        def one(file: ManifestFile) -> Item:
            if stopped():
                raise Stopped
            payload = self._deflater.payload(self.bundle / file.path, file.sha256, file.size)
            told(file.size)
            return Item(file.path, _mode(file), payload)

        left.sort(key=lambda file: -file.size)
        with ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="deflate") as threads:
            for item in threads.map(one, left):
                found[item.path] = item
        return [found[path] for path in sorted(found)]

    def _at_once(self, file: ManifestFile) -> Item | None:
        """The entry of what needs no reading: links, generated bytes, streams of wheels."""
        if file.link:
            return self.link(file.path, file.link)
        if file.path in self._generated:
            return self.generated(file.path, self._generated[file.path])
        payload = self._wheels.payload(file.manager, file.owner, file.sha256)
        return Item(file.path, _mode(file), payload) if payload else None


def _mode(file: ManifestFile) -> int:
    return unix_mode(executable=bool(file.mode & 0o111), link=bool(file.link))


def _edited(bundle: Path, edits: Edits) -> UsageError:
    lines = [
        f"  {what} {clean(path)}"
        for what, paths in (
            ("changed", edits.changed),
            ("added", edits.added),
            ("missing", edits.missing),
        )
        for path in paths
    ]
    count = len(lines)
    more = [f"  and {count - _NAMED} more"] if count > _NAMED else []
    what = "One file is" if count == 1 else f"{count:,} files are"
    return UsageError(
        "\n".join([f"{what} not as {bundle} was built:", *lines[:_NAMED], *more]),
        hint="Build again, or pack the bundle as it is now with --edited.",
    )
