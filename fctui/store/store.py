"""The store: fetch, verify, unpack and keep artifacts, addressed by their digest."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.store.access import Access
from fctui.store.artifacts import Artifacts, Unpacker
from fctui.store.disk import disk_errors
from fctui.store.fetch import Download, Fetch
from fctui.store.upkeep import used
from fctui.store.workspace import Workspace
from fctui.tasks.task import Task
from fctui.tasks.threads import stoppable

__all__ = ["Access", "Download", "Store", "Unpacker", "default_store"]


def default_store() -> Store:
    """The user's store: `FCTUI_CACHE_DIR`, else the platform's cache directory."""
    named = os.environ.get("FCTUI_CACHE_DIR")
    if named:
        return Store(Path(named).absolute())
    from platformdirs import user_cache_path

    return Store(user_cache_path("fctui"))


class Store:
    """Artifacts under one directory, safe for several processes at once.

    Files of unpacked trees are read-only and have one fixed modification time. They are linked
    into bundles: whoever edits a bundle in place all the same changes that time, and the tree is
    unpacked anew before its files are used again.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._artifacts = Artifacts(root)

    @property
    def workspace(self) -> Workspace:
        """Rooms for unfinished work, on the store's own file system."""
        return self._artifacts.workspace

    def contents(self, digest: str) -> Contents | None:
        """The listing of an artifact, if it was unpacked or listed before."""
        return self._artifacts.listing("listings", digest) or self._artifacts.listing(
            "remote", digest
        )

    def remember(self, digest: str, contents: Contents) -> None:
        """Keep a listing that was read from a registry without downloading the artifact."""
        self._artifacts.write("remote", digest, contents)

    def unpacked(self, digest: str) -> bool:
        """Whether the artifact's tree is in the store."""
        return self._artifacts.place("listings", digest).is_file()

    def tree(self, digest: str) -> Path:
        """The directory that the artifact is unpacked in. Never write there."""
        return self._artifacts.place("trees", digest)

    def place(self, kind: str, digest: str) -> Path:
        """Where something derived from a file of that digest is kept; it may not be there yet."""
        return self._artifacts.place(kind, digest)

    def archive(self, digest: str) -> Path:
        """The artifact as it was downloaded, under its own name.

        Raises TaskError when it is not there.
        """
        archive = self._artifacts.archive(digest)
        if archive is None:
            raise TaskError(f"{digest} is not in the store.", hint="Fetch it again.")
        return archive

    def intact(self, digest: str) -> bool:
        """Whether the tree is there and no file of it was edited through a bundle's hard link."""
        return self._artifacts.intact(digest) is not None

    def usable(self, digest: str) -> Contents:
        """The listing of a tree that files may be taken from, mended first where it has to be.

        Raises TaskError when it is not in the store or cannot be mended. Blocks its thread.
        """
        return self._artifacts.usable(digest)

    def forget(self, digest: str) -> None:
        """Give up a tree, and its archive where that has not its hash any more: the next fetch
        brings back what is missing. Blocks its thread.
        """
        with disk_errors(self.root):
            self._artifacts.sound_archive(digest)
            self._artifacts.place("listings", digest).unlink(missing_ok=True)

    def heal(self, digest: str) -> Contents:
        """Unpack a damaged tree anew from its kept archive, see `Artifacts.heal`."""
        return self._artifacts.heal(digest)

    async def fetch(
        self, downloads: Iterable[Download], task: Task, *, access: Access | None = None
    ) -> dict[str, Contents]:
        """Download, verify and unpack what is not there yet, in parallel, with progress in bytes.

        `access` has the certificates and the proxy of a package manager's own configuration;
        those of the environment hold without it. Returns the listings by artifact digest. (An
        artifact without a digest gets one; its key in the result is its URL.) Raises TaskError
        for a wrong hash, a truncated or hostile archive, an unreachable registry, a full disk.
        """
        wanted = {download.key: download for download in downloads}
        found = await asyncio.to_thread(self._present, wanted)
        missing = [download for key, download in wanted.items() if key not in found]
        if missing:
            found |= await Fetch(self._artifacts, task, access).run(missing)
        return found

    async def adopt(self, archive: Path, unpack: Unpacker, task: Task) -> Contents:
        """Take a file made here (a built wheel) into the store by its SHA-256 and unpack it."""
        task.log(f"taking in {archive.name}")
        return await stoppable(partial(self._adopt, archive, unpack))

    def recall(self, kind: str, key: str, max_age: float | None = None) -> bytes | None:
        """A remembered answer (a resolution, an index page) not older than `max_age` seconds."""
        path = self._answer(kind, key)
        try:
            if max_age is not None and time.time() - path.stat().st_mtime > max_age:
                return None
            data = path.read_bytes()
        except OSError:
            return None
        used(path)
        return data

    def keep(self, kind: str, key: str, data: bytes) -> None:
        """Remember an answer under a key that holds everything it depends on."""
        with disk_errors(self.root):
            self.workspace.write(self._answer(kind, key), data)

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock that other processes respect; it ends with the process. Blocks its thread."""
        return self._artifacts.lock(name)

    def _present(self, wanted: dict[str, Download]) -> dict[str, Contents]:
        found: dict[str, Contents] = {}
        for key, download in wanted.items():
            digest = download.artifact.digest
            if digest:
                self._artifacts.know(digest, download.unpack)
                listing = self._artifacts.intact(digest)
                if listing is not None and self._artifacts.archive(digest) is not None:
                    found[key] = listing
        return found

    def _adopt(self, archive: Path, unpack: Unpacker, stop: threading.Event) -> Contents:
        digest = hashlib.sha256()
        with disk_errors(self.root), contextlib.ExitStack() as stack:
            room = self.workspace.room()
            stack.callback(self.workspace.clear, room)
            copy = room / "archive"
            with archive.open("rb") as reading, copy.open("xb") as writing:
                while chunk := reading.read(1 << 20):
                    digest.update(chunk)
                    writing.write(chunk)
            key = f"sha256:{digest.hexdigest()}"
            self._artifacts.know(key, unpack)
            with self.lock(key):
                known = self._artifacts.intact(key)
                return known or self._artifacts.take_in(copy, archive.name, unpack, key, stop)

    def _answer(self, kind: str, key: str) -> Path:
        hashed = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        return self.root / "answers" / kind / hashed
