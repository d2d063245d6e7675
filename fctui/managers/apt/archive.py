"""Finding the archive of suites that have left the mirrors, without any address of our own.

debootstrap's scripts name it. Where debootstrap is not installed, its deb is taken from the
host's own archive, verified like any other, and read; nothing of it is run or installed.
"""

from __future__ import annotations

import platform

from msgspec import structs

from fctui.managers.apt.engine import root_in
from fctui.managers.apt.host import Host
from fctui.managers.apt.solver import UnsatisfiableError, solve
from fctui.managers.apt.sources import host_sources
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.store import Download, Store
from fctui.tasks.task import Task

_PACKAGE = "debootstrap"
_SCRIPTS = "usr/share/debootstrap/scripts"
_KIND = "apt-archive"
# What the store remembers the digest of that deb under.

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def known_archive(store: Store, host: Host) -> Host | None:
    """The host with debootstrap's scripts as the store has them; None where it has none."""
    digest = (store.recall(_KIND, _PACKAGE) or b"").decode()
    if not digest or not store.unpacked(digest):
        return None
    return structs.replace(host, debootstrap=store.tree(digest) / _SCRIPTS)


async def find_archive(store: Store, host: Host, task: Task, *, offline: bool) -> Host | None:
    """Bring debootstrap's scripts into the store; None where the host's archive has none.

    Raises TaskError where the host's archive cannot be read.
    """
    from fctui.managers.apt.deb import unpack_deb

    arch = _ARCHITECTURES.get(platform.machine())
    if arch is None or not host.source_files():
        return None
    task.log("looking for the archive of old suites in debootstrap's scripts")
    root = root_in(store.root / "apt", host_sources(host, (arch,)), host)
    async with root.locked(task):
        await root.lists(task, refresh=False, offline=offline)
        try:
            empty = root.path / "status"
            chosen = await solve(task, root, [_PACKAGE], empty, recommends=False)
        except (UnsatisfiableError, TaskError):
            return None
    found = next((each for each in chosen if each.name == _PACKAGE and each.sha256), None)
    if found is None:
        return None
    artifact = Artifact(f"{_PACKAGE}.deb", found.uri, found.size, f"sha256:{found.sha256}")
    await store.fetch([Download(artifact, unpack_deb)], task)
    store.keep(_KIND, _PACKAGE, artifact.digest.encode())
    return known_archive(store, host)
