"""Planned files made real: from the store that stays as it is, mended where it was edited."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.model.plan import (
    Category,
    Generated,
    How,
    Link,
    PlannedFile,
    ProjectFile,
    Source,
    StoreFile,
)
from fctui.store.materialize import materialize
from fctui.store.store import Download, Store
from fctui.store.zip import unpack_zip
from fctui.tasks.task import Tasks
from tests.support.recorder import Recorder

FILES = {"pkg/a.py": b"a = 1\n", "pkg/b.so": b"\x7fELF", "bin/tool": b"#!/bin/sh\n"}


def wheel(tmp_path: Path) -> Artifact:
    path = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            info = zipfile.ZipInfo(name)
            mode = 0o755 if name.startswith("bin/") else 0o644
            info.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(info, data)
    digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    return Artifact(path.name, path.as_uri(), path.stat().st_size, digest)


@pytest.fixture
def artifact(tmp_path: Path) -> Artifact:
    return wheel(tmp_path)


def fetch(store: Store, artifact: Artifact) -> None:
    async def run() -> None:
        async with Tasks(Recorder()).open("pip", "fetch") as task:
            await store.fetch([Download(artifact, unpack_zip)], task)

    asyncio.run(run())


@pytest.fixture
def store(tmp_path: Path, artifact: Artifact) -> Store:
    made = Store(tmp_path / "store")
    fetch(made, artifact)
    return made


def planned(path: str, source: Source, mode: int = 0o644) -> PlannedFile:
    return PlannedFile(
        path=path,
        size=0,
        category=Category.DATA,
        owner="o",
        manager="pip",
        source=source,
        mode=mode,
    )


def plan(artifact: Artifact) -> list[PlannedFile]:
    return [planned(name, StoreFile(artifact.digest, name)) for name in FILES]


def fresh(store: Store) -> Store:
    """The store as another process sees it."""
    return Store(store.root)


def make(store: Store, files: Sequence[PlannedFile], tmp_path: Path, name: str = "out") -> Path:
    dest = tmp_path / name
    dest.mkdir()
    materialize(store, files, tmp_path, dest)
    return dest


def test_an_edited_tree_is_mended_before_its_files_are_used(
    store: Store, artifact: Artifact, tmp_path: Path
) -> None:
    first = make(store, plan(artifact), tmp_path, "first")
    edited = first / "pkg/a.py"
    edited.chmod(0o644)
    edited.write_bytes(b"a = 2\n")
    other = fresh(store)
    fetch(other, artifact)
    second = make(other, plan(artifact), tmp_path, "second")
    assert (second / "pkg/a.py").read_bytes() == FILES["pkg/a.py"]
    assert edited.read_bytes() == b"a = 2\n"


def test_a_tree_edited_since_the_fetch_is_mended(
    store: Store, artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fctui.store.artifacts.TRUSTED_FOR", 0)
    damaged = store.tree(artifact.digest) / "pkg/b.so"
    damaged.chmod(0o644)
    damaged.write_bytes(b"\x7fELG")
    out = make(store, plan(artifact), tmp_path)
    assert (out / "pkg/b.so").read_bytes() == FILES["pkg/b.so"]
    assert store.intact(artifact.digest)


def test_a_changed_mode_alone_is_seen(store: Store, artifact: Artifact) -> None:
    (store.tree(artifact.digest) / "pkg/a.py").chmod(0o666)
    assert not store.intact(artifact.digest)


def test_a_damaged_tree_that_nobody_can_mend_is_given_up(
    store: Store, artifact: Artifact, tmp_path: Path
) -> None:
    (store.tree(artifact.digest) / "pkg/a.py").unlink()
    other = fresh(store)
    with pytest.raises(TaskError, match="damaged") as caught:
        make(other, plan(artifact), tmp_path)
    assert "Build again" in caught.value.hint
    assert not other.unpacked(artifact.digest)
    fetch(other, artifact)
    make(other, plan(artifact), tmp_path, "again")


def test_a_damaged_archive_is_fetched_anew(store: Store, artifact: Artifact) -> None:
    archive = store.archive(artifact.digest)
    archive.write_bytes(archive.read_bytes()[:-1])
    (store.tree(artifact.digest) / "pkg/a.py").unlink()
    fetch(fresh(store), artifact)
    assert store.intact(artifact.digest)
    assert archive.stat().st_size == artifact.size


@pytest.mark.parametrize("how", ["auto", "link", "copy", "reflink"])
def test_a_mode_that_differs_is_not_linked(
    store: Store, artifact: Artifact, tmp_path: Path, how: How
) -> None:
    dest = tmp_path / "out"
    dest.mkdir()
    files = [
        planned("run", StoreFile(artifact.digest, "pkg/a.py"), 0o755),
        planned("plain", StoreFile(artifact.digest, "bin/tool")),
    ]
    materialize(store, files, tmp_path, dest, how)
    assert stat.S_IMODE((dest / "run").stat().st_mode) == 0o555
    assert stat.S_IMODE((dest / "plain").stat().st_mode) == 0o444
    assert (dest / "run").stat().st_nlink == (dest / "plain").stat().st_nlink == 1
    assert store.intact(artifact.digest)


@pytest.mark.parametrize("problem", [errno.EXDEV, errno.EMLINK, errno.EPERM])
def test_where_links_are_not_possible_it_copies(
    store: Store,
    artifact: Artifact,
    tmp_path: Path,
    problem: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(problem, os.strerror(problem))

    monkeypatch.setattr("os.link", refuse)
    out = make(store, plan(artifact), tmp_path)
    assert {p: (out / p).read_bytes() for p in FILES} == FILES
    assert (out / "pkg/a.py").stat().st_nlink == 1


def test_copies_where_the_kernel_does_not_send_between_files(
    store: Store, artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))

    monkeypatch.setattr("os.sendfile", refuse)
    dest = tmp_path / "out"
    dest.mkdir()
    materialize(store, plan(artifact), tmp_path, dest, "copy")
    assert {p: (dest / p).read_bytes() for p in FILES} == FILES
    assert {(dest / p).stat().st_nlink for p in FILES} == {1}


def test_a_full_disk_is_told(
    store: Store, artifact: Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.link", refuse)
    with pytest.raises(TaskError, match="disk is full"):
        make(store, plan(artifact), tmp_path)


def test_nothing_is_written_through_a_link(tmp_path: Path, store: Store) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    files = [
        planned("door", Link(str(outside))),
        planned("door/evil", Generated(b"x")),
    ]
    with pytest.raises(TaskError, match="door"):
        make(store, files, tmp_path)
    assert list(outside.iterdir()) == []


def test_two_files_of_one_path_are_an_error(tmp_path: Path, store: Store) -> None:
    with pytest.raises(TaskError, match="exists"):
        make(store, [planned("a", Generated(b"1")), planned("a", Generated(b"2"))], tmp_path)


def test_a_project_file_that_has_gone_is_told(tmp_path: Path, store: Store) -> None:
    with pytest.raises(TaskError, match=r"handler\.py of the project"):
        make(store, [planned("handler.py", ProjectFile("handler.py"))], tmp_path)


def test_a_project_file_that_became_a_link_is_not_followed(tmp_path: Path, store: Store) -> None:
    (tmp_path / "handler.py").symlink_to("/etc/passwd")
    with pytest.raises(TaskError, match=r"handler\.py"):
        make(store, [planned("handler.py", ProjectFile("handler.py"))], tmp_path)


def test_a_file_that_the_listing_lacks_is_told(
    tmp_path: Path, store: Store, artifact: Artifact
) -> None:
    with pytest.raises(TaskError, match="not in the store"):
        make(store, [planned("x", StoreFile(artifact.digest, "pkg/none"))], tmp_path)
    with pytest.raises(TaskError):
        make(store, [planned("x", StoreFile("sha256:" + "0" * 64, "x"))], tmp_path, "other")


def test_it_tells_how_far_it_is_and_stops_when_asked(tmp_path: Path, store: Store) -> None:
    files = [planned(f"d{n % 7}/f{n}", Generated(b"%d" % n)) for n in range(2000)]
    seen: list[tuple[int, int]] = []
    dest = tmp_path / "all"
    dest.mkdir()
    hashes = materialize(
        store, files, tmp_path, dest, progress=lambda done, total: seen.append((done, total))
    )
    assert max(seen) == (2000, 2000)
    assert hashes["d0/f7"] == hashlib.sha256(b"7").hexdigest()
    stop = threading.Event()
    part = tmp_path / "part"
    part.mkdir()
    made = materialize(
        store, files, tmp_path, part, progress=lambda *_: stop.set(), cancelled=stop.is_set
    )
    assert 0 < len(made) < 2000


def test_an_unpacker_that_lists_what_is_not_there_is_refused(
    tmp_path: Path, artifact: Artifact
) -> None:
    store = Store(tmp_path / "other")

    def wrong(archive: Path, into: Path, digest: str) -> Contents:
        listing = unpack_zip(archive, into, digest)
        (into / "pkg/a.py").unlink()
        return listing

    async def run() -> None:
        async with Tasks(Recorder()).open("pip", "fetch") as task:
            await store.fetch([Download(artifact, wrong)], task)

    with pytest.raises(TaskError):
        asyncio.run(run())
    assert not store.unpacked(artifact.digest)


def test_what_an_unpacker_writes_itself_is_sealed(tmp_path: Path, artifact: Artifact) -> None:
    store = Store(tmp_path / "other")

    def own(archive: Path, into: Path, digest: str) -> Contents:
        listing = unpack_zip(archive, into, digest)
        (into / "pkg/a.py").chmod(0o600)
        (into / "pkg/a.py").write_bytes(FILES["pkg/a.py"])
        return listing

    async def run() -> None:
        async with Tasks(Recorder()).open("pip", "fetch") as task:
            await store.fetch([Download(artifact, own)], task)

    asyncio.run(run())
    assert store.intact(artifact.digest)
