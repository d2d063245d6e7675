"""The store: whole artifacts or none, verified, unpacked in their place, mended when edited."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import io
import os
import stat
import struct
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.model.plan import (
    Category,
    Generated,
    Link,
    PlannedFile,
    ProjectFile,
    Source,
    StoreFile,
)
from fctui.store.materialize import materialize
from fctui.store.store import Download, Store
from fctui.store.tar import unpack_tar
from fctui.store.zip import unpack_zip
from fctui.tasks.events import Silent
from fctui.tasks.task import Tasks


def make_zip(path: Path, members: dict[str, bytes], mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | mode) << 16
            archive.writestr(info, data)
    return path


def artifact(path: Path, digest: str | None = None) -> Artifact:
    real = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    return Artifact(path.name, path.as_uri(), size, real if digest is None else digest)


def fetch(store: Store, *artifacts: Artifact) -> dict[str, object]:
    async def run() -> dict[str, object]:
        async with Tasks(Silent()).open("pip", "fetch") as task:
            downloads = [Download(each, unpack_zip) for each in artifacts]
            return dict(await store.fetch(downloads, task))

    return asyncio.run(run())


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


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_fetched_archive_is_listed_hashed_and_read_only(store: Store, tmp_path: Path) -> None:
    made = artifact(make_zip(tmp_path / "a.zip", {"pkg/x.py": b"print()", "pkg/deep/y": b""}))
    fetch(store, made)
    listing = store.contents(made.digest)
    assert listing is not None
    assert {entry.path: entry.size for entry in listing.entries} == {"pkg/x.py": 7, "pkg/deep/y": 0}
    assert listing.entries[0].sha256 == hashlib.sha256(b"print()").hexdigest()
    assert stat.S_IMODE((store.tree(made.digest) / "pkg/x.py").stat().st_mode) == 0o444
    assert store.archive(made.digest).name == "a.zip"
    assert list((store.root / "tmp").glob("*/*")) == []


@pytest.mark.parametrize(("mode", "kept"), [(0o644, 0o444), (0o4755, 0o555)])
def test_a_umask_takes_nothing_away(store: Store, tmp_path: Path, mode: int, kept: int) -> None:
    source = make_zip(tmp_path / "x.zip", {"pkg/x": b"x"}, mode)
    before = os.umask(0o077)
    try:
        fetch(store, made := artifact(source))
    finally:
        os.umask(before)
    assert stat.S_IMODE((store.tree(made.digest) / "pkg/x").stat().st_mode) == kept


def test_a_wrong_hash_leaves_nothing(store: Store, tmp_path: Path) -> None:
    made = artifact(make_zip(tmp_path / "a.zip", {"x": b"1"}), "sha256:" + "0" * 64)
    with pytest.raises(TaskError, match="wrong sha256"):
        fetch(store, made)
    assert not store.unpacked(made.digest)
    assert list(store.root.glob("archives/*/*")) == []
    assert list((store.root / "tmp").glob("*/*")) == []


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_a_truncated_archive_is_refused(store: Store, tmp_path: Path, cut: int) -> None:
    path = make_zip(tmp_path / "a.whl", {"x": os.urandom(500), "y": os.urandom(500)})
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(TaskError, match=r"a\.whl is damaged"):
        fetch(store, artifact(path))


def test_a_flipped_bit_is_found_by_the_checksum(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.whl", {"x": os.urandom(500)})
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(bytes(data))
    (tmp_path / "into").mkdir()
    with pytest.raises(TaskError, match="damaged"):
        unpack_zip(path, tmp_path / "into", "d")


@pytest.mark.parametrize("name", ["../evil", "/abs", "a/../../b", "a\x1b[31m", "a\nb"])
def test_hostile_names_write_nothing_outside(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "a.whl", {name: b"x"})
    (tmp_path / "into").mkdir()
    with pytest.raises(TaskError) as caught:
        unpack_zip(path, tmp_path / "into", "d")
    assert "\x1b" not in caught.value.message
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.whl", "into"]
    assert list((tmp_path / "into").iterdir()) == []


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"1")
        archive.writestr("x", b"2")
    (tmp_path / "into").mkdir()
    with pytest.raises(TaskError, match="two members"):
        unpack_zip(path, tmp_path / "into", "d")


def test_a_member_larger_than_declared_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.whl", {"x": b"0" * 100_000})
    data = path.read_bytes()
    data = data.replace(struct.pack("<L", 100_000), struct.pack("<L", 10))
    path.write_bytes(data)
    (tmp_path / "into").mkdir()
    with pytest.raises(TaskError, match="damaged"):
        unpack_zip(path, tmp_path / "into", "d")


def make_tar(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for info, data in members:
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    stream.seek(0)
    return stream


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, 0o4755
    return info


def test_a_tar_is_unpacked_without_links_devices_and_set_id(tmp_path: Path) -> None:
    stream = make_tar(
        (tar_member("./bin/"[:-1], tarfile.DIRTYPE), b""),
        (tar_member("./bin/tool"), b"#!/bin/sh\n"),
        (tar_member("./bin/alias", tarfile.SYMTYPE, "tool"), b""),
        (tar_member("./bin/second", tarfile.LNKTYPE, "./bin/tool"), b""),
        (tar_member("./dev/null", tarfile.CHRTYPE), b""),
    )
    entries = {entry.path: entry for entry in unpack_tar(stream, tmp_path)}
    assert set(entries) == {"bin/tool", "bin/alias", "bin/second"}
    assert entries["bin/alias"].link == "tool"
    assert entries["bin/second"].sha256 == entries["bin/tool"].sha256
    assert not (tmp_path / "bin/alias").is_symlink()
    assert stat.S_IMODE((tmp_path / "bin/tool").stat().st_mode) == 0o555


def test_a_tar_that_writes_through_its_own_link_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    into = tmp_path / "into"
    into.mkdir()
    stream = make_tar(
        (tar_member("door", tarfile.SYMTYPE, str(outside)), b""), (tar_member("door/x"), b"evil")
    )
    with pytest.raises(TaskError, match="no directory"):
        unpack_tar(stream, into)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x"])
def test_a_tar_with_a_climbing_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TaskError, match="refused"):
        unpack_tar(make_tar((tar_member(name), b"x")), tmp_path)


def test_a_hard_link_to_something_outside_is_refused(tmp_path: Path) -> None:
    stream = make_tar((tar_member("x", tarfile.LNKTYPE, "etc/passwd"), b""))
    with pytest.raises(TaskError, match="not in the archive"):
        unpack_tar(stream, tmp_path)


@pytest.mark.parametrize("how", ["auto", "link", "copy"])
def test_materialize_makes_each_kind_of_source(store: Store, tmp_path: Path, how: str) -> None:
    made = artifact(make_zip(tmp_path / "a.zip", {"m.py": b"one", "tool": b"two"}))
    fetch(store, made)
    (tmp_path / "index.py").write_text("code")
    dest = tmp_path / "dest"
    dest.mkdir()
    files = [
        planned("lib/m.py", StoreFile(made.digest, "m.py")),
        planned("bin/tool", StoreFile(made.digest, "tool"), 0o755),
        planned("gen", Generated(b"three"), 0o755),
        planned("l/ink", Link("../gen")),
        planned("index.py", ProjectFile("index.py")),
    ]
    hashes = materialize(store, files, tmp_path, dest, how)  # type: ignore[arg-type]
    assert (dest / "lib/m.py").read_bytes() == b"one"
    assert (dest / "l/ink").read_bytes() == b"three"
    assert os.access(dest / "bin/tool", os.X_OK)
    assert not (store.tree(made.digest) / "tool").stat().st_mode & 0o111
    assert hashes["index.py"] == hashlib.sha256(b"code").hexdigest()
    assert hashes["lib/m.py"] == hashlib.sha256(b"one").hexdigest()


def test_an_edit_in_place_is_found_and_mended(store: Store, tmp_path: Path) -> None:
    made = artifact(make_zip(tmp_path / "a.zip", {"m.py": b"one"}))
    fetch(store, made)
    dest = tmp_path / "dest"
    dest.mkdir()
    materialize(store, [planned("m.py", StoreFile(made.digest, "m.py"))], tmp_path, dest)
    os.chmod(dest / "m.py", 0o644)
    (dest / "m.py").write_bytes(b"two")
    assert not store.intact(made.digest)
    (tmp_path / "a.zip").unlink()
    fetch(store, made)
    assert store.intact(made.digest)
    assert (store.tree(made.digest) / "m.py").read_bytes() == b"one"


def test_answers_are_remembered_and_grow_old(store: Store) -> None:
    store.keep("kind", "key", b"answer")
    assert store.recall("kind", "key") == b"answer"
    assert store.recall("kind", "other") is None
    os.utime(store._answer("kind", "key"), (0, 0))
    assert store.recall("kind", "key", max_age=60) is None
    assert store.recall("kind", "key") == b"answer"


def test_rooms_are_spread_where_the_file_system_can(store: Store) -> None:
    directory = os.open(store.workspace.room().parent, os.O_RDONLY)
    try:
        flags = fcntl.ioctl(directory, 0x80086601, bytes(8))
    except OSError:
        pytest.skip("the file system has no flags")
    finally:
        os.close(directory)
    if not int.from_bytes(flags[:4], sys.byteorder) & 0x80000:
        pytest.skip("only ext4 has extents and spreads")
    assert int.from_bytes(flags[:4], sys.byteorder) & 0x20000


def test_rooms_of_the_dead_are_swept(store: Store) -> None:
    dead = store.root / "tmp" / "999999999-dead"
    dead.mkdir(parents=True)
    (dead / "half").write_text("x")
    store.workspace.room()
    assert not dead.exists()
    store.workspace.close()


def test_a_digest_that_is_a_path_is_refused(store: Store) -> None:
    with pytest.raises(TaskError, match="not a digest"):
        store.tree("sha256:../../etc")
