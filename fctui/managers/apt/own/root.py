"""A private root that needs no apt: lists that are fetched, verified and resolved here."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import structs

from fctui.managers.apt.credentials import host_credentials, source_credentials
from fctui.managers.apt.index_build import INDEX_NAME, build_index
from fctui.managers.apt.own.archives import archives_of
from fctui.managers.apt.own.lists import Lister, Signed, Wanted, wanted_lists
from fctui.managers.apt.root import FRESH, RETRY, AptRoot, Lists, oldest
from fctui.model.errors import TaskError
from fctui.tasks.task import Task

_PACKAGES = "binary-{arch}/Packages"


class OwnRoot(AptRoot):
    """The same as AptRoot, for hosts without apt."""

    engine = "own"

    async def lists(self, task: Task, *, refresh: bool, offline: bool) -> Lists:
        """Package lists that are there and indexed; to be called with the lock held.

        As with apt, lists older than an hour are updated, and where that fails older ones are used
        unless `refresh` asks for new ones. Raises TaskError when there are none.
        """
        await self.prepare(task)
        known = self.recorded()
        if known is not None and not refresh and (offline or self.fresh() is not None):
            return known
        if offline:
            raise TaskError(
                "The package lists have never been loaded, and this run is offline.",
                hint="Run it once with the network.",
            )
        try:
            lists = await self._updated(task)
        except TaskError as error:
            if known is None or refresh:
                raise TaskError(
                    f"The package lists could not be loaded and verified:\n{error.message}",
                    hint=error.hint or "Check the network, the mirror ([apt] mirror or sources).",
                ) from error
            task.log(error.message, "The lists of the last time are used.")
            lists = structs.replace(known, updated=time.time() - FRESH + RETRY)
        self._record(lists)
        return lists

    async def prepare(self, task: Task) -> None:  # noqa: ARG002 - as apt's
        """Make the directory; there is nothing to configure."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._write("status", b"")

    async def other_lists(self, task: Task, path: str) -> list[Path]:
        """Other lists of the archives by their path below a component, with `{arch}` in it, for the
        target's architecture: verified, decompressed, and the caller's to remove.
        """
        async with self._asked("contents", task) as (lister, signed):
            return await lister.fetch(wanted_lists(signed, path, archs=(self.arch,)), task)

    def labelled(self) -> list[tuple[Path, str, str]]:
        """The package lists that were loaded last, the label and codename of their archives."""
        lists = self.recorded()
        if lists is None:
            return []
        names = zip(lists.labels, lists.suites, strict=False)
        place = Path(lists.index).parent
        return [
            (place / f"{number}.packages", label, suites[-1])
            for number, (label, suites) in enumerate(names)
        ]

    @asynccontextmanager
    async def _asked(self, name: str, task: Task) -> AsyncIterator[tuple[Lister, list[Signed]]]:
        """Something that fetches into a directory of this root, and the archives' Release files."""
        archives = archives_of(self.sources, self._host)
        texts = [text for _, text in self.sources.files]
        credentials = (*source_credentials(texts), *host_credentials(self._host))
        room = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="partial-", dir=self.path))
        try:
            lister = Lister(self.path / name, room, credentials)
            suites = ", ".join(archive.suite for archive in archives)
            task.log(f"loading the lists of {suites}")
            yield lister, await lister.releases(archives)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, room, ignore_errors=True))

    async def _updated(self, task: Task) -> Lists:
        async with self._asked("packages", task) as (lister, signed):
            wanted = wanted_lists(signed, _PACKAGES)
            if not wanted:
                archs = ", ".join(self.sources.architectures)
                raise TaskError(
                    f"The archives have no packages for {archs}.", hint="Check [apt] mirror."
                )
            places = await lister.fetch(wanted, task)
        await asyncio.to_thread(self._keep_releases, signed)
        bases = tuple(each.signed.archive.uri.rstrip("/") for each in wanted)
        pins = tuple(each.signed.release.pin for each in wanted)
        suites = tuple((each.signed.archive.suite, *each.signed.release.names) for each in wanted)
        files = [(each.file.sha256, each.arch) for each in wanted]
        facts = (bases, pins, suites, files)
        digest = hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()
        index = self.path / "snapshots" / digest[:24] / INDEX_NAME
        if not await asyncio.to_thread(index.is_file):
            task.log("indexing the packages")
            await asyncio.to_thread(self._index, index, wanted, places)
        labels = tuple(each.signed.release.label for each in wanted)
        return Lists(digest, str(index), time.time(), bases, pins, suites, labels)

    def _keep_releases(self, signed: Sequence[Signed]) -> None:
        """Where and as apt has them, for who wants to know of when the lists are."""
        place = self.path / "state/lists"
        place.mkdir(parents=True, exist_ok=True)
        for number, each in enumerate(signed):
            suite = each.archive.suite.replace("/", "_")
            self._write(f"state/lists/{number}_dists_{suite}_Release", each.text)

    def _index(self, index: Path, wanted: Sequence[Wanted], places: Sequence[Path]) -> None:
        """Index the lists, linked beside the index: they are replaced when they change."""
        index.parent.mkdir(parents=True, exist_ok=True)
        lists = []
        for number, (each, place) in enumerate(zip(wanted, places, strict=True)):
            kept = index.parent / f"{number}.packages"
            with suppress(FileNotFoundError):
                kept.unlink()
            try:
                os.link(place, kept)
            except OSError:
                shutil.copyfile(place, kept)
            lists.append((kept, each.arch))
        build_index(lists, self.arch, index)
        for unused in (self.path / "packages").iterdir():
            if unused not in places:
                unused.unlink()
        for old in oldest(index.parent.parent, keep=index.parent):
            shutil.rmtree(old, ignore_errors=True)
