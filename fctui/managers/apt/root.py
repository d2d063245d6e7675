"""A private apt root: apt's own solver and verification, without touching the host's apt.

Everything that apt reads and writes lies below one directory of the store, named in a file that
`APT_CONFIG` points to: apt.conf(5). No root rights are needed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from fctui.managers.apt.configuration import configuration, host_settings
from fctui.managers.apt.host import Host
from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.index_build import INDEX_NAME, build_index
from fctui.managers.apt.sources import Sources
from fctui.model.errors import TaskError
from fctui.store.lock import held
from fctui.store.upkeep import used
from fctui.tasks.command import Command, Completed
from fctui.tasks.process import run_process
from fctui.tasks.task import Task

FRESH = 3600.0
# Seconds for which package lists count as new: archives change four times a day.

RETRY = 300.0
# Seconds after which an update is tried again that failed while older lists were there.

FAILED = 100
# apt-get(8): "decimal 100 on error".

_DIRECTORIES = (
    *("state/lists/partial", "cache/archives/partial", "log", "snapshots"),
    *("etc/sources.list.d", "etc/apt.conf.d", "etc/preferences.d", "etc/auth.conf.d"),
)


class Lists(Struct, frozen=True):
    """The package lists as of one update. `digest` is that of the signed Release files, `index`
    the path of the index over them, `updated` seconds since the epoch. `bases` and `pins` are, for
    each list, the URL that its `Filename`s are below and its pin (apt_preferences(5)), `suites` the
    names that its suite goes by, `labels` the `Label` of its archive; apt keeps those for itself.
    """

    digest: str
    index: str
    updated: float
    bases: tuple[str, ...] = ()
    pins: tuple[int, ...] = ()
    suites: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()


class AptRoot:
    """One private root, for one set of sources and architectures. `engine` tells who resolves."""

    engine: Literal["apt", "own"] = "apt"

    def __init__(self, below: Path, sources: Sources, host: Host | None = None) -> None:
        """`below` is the directory that private roots lie in."""
        self.sources = sources
        self.key = sources.key if self.engine == "apt" else f"{self.engine}-{sources.key}"
        self.path = below / self.key
        self.arch = sources.architectures[0]
        self._host = host or Host()

    def recorded(self) -> Lists | None:
        """What the last update left, if it is still there."""
        try:
            lists = msgspec.json.decode((self.path / "lists.json").read_bytes(), type=Lists)
        except (OSError, msgspec.DecodeError):
            return None
        known = os.path.basename(lists.index) == INDEX_NAME and os.path.isfile(lists.index)
        used(self.path)
        return lists if known else None

    def fresh(self) -> Lists | None:
        """The lists, if they are new enough to be used without asking the archive."""
        lists = self.recorded()
        return lists if lists and 0 <= time.time() - lists.updated < FRESH else None

    def open_index(self, lists: Lists) -> PackageIndex:
        """The index over the lists. Raises TaskError for one that is damaged, and removes it."""
        try:
            return PackageIndex(Path(lists.index))
        except (OSError, ValueError) as error:
            with suppress(OSError):
                os.unlink(lists.index)
            raise TaskError(
                "The index of the packages is damaged.", hint="Run it again."
            ) from error

    def command(self, *argv: str, ok: tuple[int, ...] = (0,)) -> Command:
        """A command of apt's that sees this root and nothing else."""
        return Command(argv, env={"APT_CONFIG": str(self.path / "apt.conf")}, ok=ok)

    def locked(self, task: Task) -> AbstractAsyncContextManager[None]:
        """Alone with this root among all processes; waits without blocking the event loop."""
        told = "waiting for another fctui that uses the same package lists"
        return held(self.path / "lock", lambda: task.log(told))

    async def lists(self, task: Task, *, refresh: bool, offline: bool) -> Lists:
        """Package lists that are there and indexed; to be called with the lock held.

        Lists older than an hour are updated. Where that fails, older ones are used (apt has
        verified them before) unless `refresh` asks for new ones. Raises TaskError when there are
        none.
        """
        await self.prepare(task)
        known = self.recorded()
        updated = known.updated if known else 0.0
        if not offline and (refresh or known is None or self.fresh() is None):
            updated = await self._update(task, known, refresh=refresh)
        digest = await asyncio.to_thread(self._digest)
        if not digest:
            raise TaskError(
                "The package lists have never been loaded, and this run is offline.",
                hint="Run it once with the network.",
            )
        index = self.path / "snapshots" / digest[:24] / INDEX_NAME
        if not index.is_file():
            await self._snapshot(task, index)
        lists = Lists(digest, str(index), updated)
        if lists != known:
            self._record(lists)
        return lists

    def _record(self, lists: Lists) -> None:
        self._write("lists.json", msgspec.json.encode(lists))

    async def _update(self, task: Task, known: Lists | None, *, refresh: bool) -> float:
        """Run apt-get update; returns the time from which the lists count as new."""
        done = await self.updated(task)
        if done.returncode == 0:
            return time.time()
        reasons = apt_errors(done.stderr)
        if known is None or refresh:
            raise TaskError(
                "The package lists could not be loaded and verified:\n" + "\n".join(reasons),
                hint="Check the network, the mirror ([apt] mirror or sources) and its keys.",
            )
        task.log("The archive cannot be reached or verified; the lists of the last time are used.")
        return time.time() - FRESH + RETRY

    async def updated(self, task: Task, *options: str) -> Completed:
        """How `apt-get update` ended, its progress told on the way: APT::Status-Fd."""
        argv = ("apt-get", "update", "-q", "-o", "APT::Status-Fd=1", *options)
        command = self.command(*argv, ok=(0, FAILED))
        task.show(command)

        def emit(lines: tuple[str, ...], replace: bool) -> None:  # noqa: FBT001 - process.Emit
            shown = [line for line in lines if not line.startswith("dlstatus:")]
            for line in lines:
                if line.startswith("dlstatus:"):
                    task.progress(int(float(line.split(":")[2])), 100, "percent")
            if shown:
                task.log(*shown, replace=replace)

        return await run_process(command, emit, log_stdout=True)

    async def _snapshot(self, task: Task, index: Path) -> None:
        """Index the lists. What the index refers to is linked beside it, for the next update
        replaces the lists.
        """
        task.log("indexing the packages")
        form = "$(FILENAME)\t$(ARCHITECTURE)"
        ask = ("apt-get", "indextargets", "--format", form, "Created-By: Packages")
        answer = await task.run(self.command(*ask))
        index.parent.mkdir(parents=True, exist_ok=True)
        lists: list[tuple[Path, str]] = []
        for line in answer.stdout.decode().splitlines():
            name, _, arch = line.partition("\t")
            place = index.parent / f"{len(lists)}.packages"
            await self._keep_list(task, Path(name), place)
            lists.append((place, arch))
        await asyncio.to_thread(build_index, lists, self.arch, index)
        for old in oldest(index.parent.parent, keep=index.parent):
            await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)

    async def _keep_list(self, task: Task, name: Path, place: Path) -> None:
        with suppress(FileNotFoundError):
            os.unlink(place)
        if name.suffix in {".lz4", ".gz", ".xz", ".zst", ".bz2", ".lzma"}:
            done = await task.run(self.command("/usr/lib/apt/apt-helper", "cat-file", str(name)))
            await asyncio.to_thread(place.write_bytes, done.stdout)
            return
        try:
            os.link(name.resolve(), place)  # noqa: ASYNC240 - two system calls
        except OSError:
            await asyncio.to_thread(shutil.copyfile, name, place)

    def _digest(self) -> str:
        """Of all Release files that apt has verified; "" where there are none."""
        found = hashlib.sha256()
        names = sorted((self.path / "state/lists").glob("*Release"))
        for path in names:
            found.update(path.name.encode() + b"\0" + path.read_bytes())
        return found.hexdigest() if names else ""

    async def prepare(self, task: Task) -> None:
        """Write the configuration; to be called with the lock held, before anything is loaded."""
        for name in _DIRECTORIES:
            (self.path / name).mkdir(parents=True, exist_ok=True)
        wanted = {f"etc/sources.list.d/{name}": text for name, text in self.sources.files}
        for name, text in wanted.items():
            self._write(name, text.encode())
        self._write("status", b"")
        dump = await task.run(Command(("apt-config", "dump", "--format", "%F %V%n")))
        network = host_settings(dump.stdout.decode())
        text = configuration(self.path, self.sources, self._host, network)
        self._write("apt.conf", text.encode())

    def _write(self, name: str, data: bytes) -> None:
        """Replace a file in one step, unless it is so already."""
        path = self.path / name
        with suppress(OSError):
            if path.read_bytes() == data:
                return
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_bytes(data)
        temporary.replace(path)


def apt_errors(stderr: Sequence[str]) -> list[str]:
    """The lines that apt marks as errors, for showing; all of them where it marks none."""
    marked = [line.removeprefix("E: ") for line in stderr if line.startswith("E: ")]
    return list(dict.fromkeys(marked or stderr))[:8]


def oldest(snapshots: Path, *, keep: Path) -> list[Path]:
    """Snapshots that nobody reads any more: all but the newest two and `keep`."""
    others = [path for path in snapshots.iterdir() if path != keep]
    return sorted(others, key=lambda path: path.stat().st_mtime)[:-1]
