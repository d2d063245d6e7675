"""The store: fetch, verify, unpack, keep, and materialize artifacts, addressed by their digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from fctui.model.contents import Contents
from fctui.model.package import Artifact
from fctui.tasks.task import Task




Unpacker = Callable[[Path, Path, str], Contents]
"""`unpack(archive, into, digest)`: writes the files of an archive into an existing empty directory,
never outside of it, and returns their listing with hashes. Runs on a thread; raises TaskError."""


class Download(Struct, frozen=True):
    """An artifact to have in the store, how to unpack it, and headers that its registry wants."""

    artifact: Artifact
    unpack: Unpacker
    headers: Mapping[str, str] = {}


class Store:
    """Artifacts under one directory, safe for several processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def contents(self, digest: str) -> Contents | None:
        """The listing of an artifact, if it was unpacked or listed before."""
        raise NotImplementedError

    def remember(self, digest: str, contents: Contents) -> None:
        """Keep a listing that was read from a registry without downloading the artifact."""
        raise NotImplementedError

    def unpacked(self, digest: str) -> bool:
        """Whether the artifact's tree is in the store."""
        raise NotImplementedError

    def tree(self, digest: str) -> Path:
        """The directory that the artifact is unpacked in. Never write there."""
        raise NotImplementedError

    def archive(self, digest: str) -> Path:
        """The artifact as it was downloaded."""
        raise NotImplementedError

    async def fetch(self, downloads: Iterable[Download], task: Task) -> dict[str, Contents]:
        """Download, verify and unpack what is not there yet, in parallel, with progress in bytes.

        Returns the listings by artifact digest. (An artifact without a digest gets one; its key in
        the result is its URL.) Raises TaskError for a wrong hash, a truncated or hostile archive,
        an unreachable registry, a full disk.
        """
        raise NotImplementedError

    async def adopt(self, archive: Path, unpack: Unpacker, task: Task) -> Contents:
        """Take a file made here (a built wheel) into the store by its SHA-256 and unpack it."""
        raise NotImplementedError

    def recall(self, kind: str, key: str, max_age: float | None = None) -> bytes | None:
        """A remembered answer (a resolution, an index page) not older than `max_age` seconds."""
        raise NotImplementedError

    def keep(self, kind: str, key: str, data: bytes) -> None:
        """Remember an answer under a key that holds everything it depends on."""
        raise NotImplementedError
