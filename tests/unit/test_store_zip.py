"""Zip archives: exact contents in every way of packing, and an end to what is damaged."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import zipfile
import zlib
from pathlib import Path

import pytest

from fctui.archive.payload import Item, Payload
from fctui.archive.write import draw, write
from fctui.archive.zip_format import dos_time
from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store import bounds
from fctui.store.writer import TreeWriter
from fctui.store.zip import unpack_zip


def make(path: Path, *members: tuple[str, bytes, int], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = method, mode << 16
            archive.writestr(info, data)
    return path


def unpack(archive: Path, into: Path) -> dict[str, Entry]:
    into.mkdir()
    return {entry.path: entry for entry in unpack_zip(archive, into, "d").entries}


FILE = stat.S_IFREG | 0o644


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, (1 << 18) - 1, 1 << 18, 1 << 20, (1 << 20) + 1, 5 << 20])
@pytest.mark.parametrize("dense", [True, False])
def test_contents_are_exact(tmp_path: Path, method: int, size: int, *, dense: bool) -> None:
    data = os.urandom(size) if dense else (b"abcd" * (size // 4 + 1))[:size]
    archive = make(tmp_path / "a.whl", ("d/x", data, FILE), ("d/y", b"y", 0), method=method)
    made = unpack(archive, tmp_path / "into")
    assert (tmp_path / "into/d/x").read_bytes() == data
    assert made["d/x"].sha256 == hashlib.sha256(data).hexdigest()
    assert made["d/x"].size == size


@pytest.mark.parametrize("size", [3, 1 << 19, 5 << 20])
def test_a_deflated_member_is_found_again_as_it_lies_in_the_archive(
    tmp_path: Path, size: int
) -> None:
    data = (os.urandom(64) * (size // 64 + 1))[:size]
    archive = make(tmp_path / "a.whl", ("d/x", data, FILE), ("d/y", b"y" * 99, FILE))
    (tmp_path / "into").mkdir()
    streams = unpack_zip(archive, tmp_path / "into", "d").streams
    assert streams is not None
    assert list(streams) == ["d/x", "d/y"]
    stream = streams["d/x"]
    packed = archive.read_bytes()[stream.offset :][: stream.packed]
    assert zlib.decompress(packed, -15) == data
    assert (stream.crc, stream.packed_crc) == (zlib.crc32(data), zlib.crc32(packed))


@pytest.mark.parametrize("size", [3, 1 << 19, 5 << 20])
@pytest.mark.parametrize("odd", ["stored", "behind", "far behind"])
def test_what_is_no_whole_deflate_stream_is_none(tmp_path: Path, size: int, odd: str) -> None:
    """Bytes behind the end of a stream do no harm to unpacking, but are not taken over."""
    data = os.urandom(64) * (size // 64 + 1)
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = engine.compress(data) + engine.flush()
    packed += {"stored": b"", "behind": b"z", "far behind": b"z" * (1 << 19)}[odd]
    archive = tmp_path / "a.whl"
    if odd == "stored":
        make(archive, ("x", data, FILE), method=zipfile.ZIP_STORED)
    else:
        item = Payload(8, len(data), len(packed), zlib.crc32(data), zlib.crc32(packed), packed)
        drawn = draw([Item("x", FILE, item)], dos_time(0))
        archive.touch()
        write(drawn, archive, progress=lambda _: None, stopped=lambda: False)
    (tmp_path / "into").mkdir()
    listed = unpack_zip(archive, tmp_path / "into", "d")
    assert (tmp_path / "into/x").read_bytes() == data
    assert listed.streams == {}


def test_modes_are_read_only_and_links_are_recorded(tmp_path: Path) -> None:
    archive = make(
        tmp_path / "a.whl",
        ("run", b"#!", stat.S_IFREG | 0o4775),
        ("link", b"../../etc/passwd", stat.S_IFLNK | 0o777),
        ("dir/", b"", stat.S_IFDIR | 0o755),
    )
    made = unpack(archive, tmp_path / "into")
    assert made["link"].link == "../../etc/passwd"
    assert os.listdir(tmp_path / "into") == ["run"]
    assert stat.S_IMODE((tmp_path / "into/run").stat().st_mode) == 0o555


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_devices_are_refused(tmp_path: Path, kind: int) -> None:
    with pytest.raises(TaskError, match="device"):
        unpack(make(tmp_path / "a.whl", ("dev", b"", kind | 0o644)), tmp_path / "into")


def test_a_file_below_a_link_is_refused(tmp_path: Path) -> None:
    archive = make(
        tmp_path / "a.whl",
        ("door", str(tmp_path).encode(), stat.S_IFLNK | 0o777),
        ("door/evil", b"x", FILE),
    )
    with pytest.raises(TaskError, match="no directory"):
        unpack(archive, tmp_path / "into")
    assert not (tmp_path / "evil").exists()


def test_a_bomb_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "FREE", 1 << 20)
    archive = make(tmp_path / "a.whl", *[(f"f{n}", bytes(1 << 20), FILE) for n in range(3)])
    with bounds.bounded(archive.stat().st_size, threading.Event()), pytest.raises(TaskError):
        unpack(archive, tmp_path / "into")
    assert os.listdir(tmp_path / "into") == []


def test_an_error_of_the_disk_comes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path / "a.whl", ("big", os.urandom(3 << 20), FILE))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fctui.store.writer.os.write", full)
    with pytest.raises(OSError, match="No space") as caught:
        unpack(archive, tmp_path / "into")
    assert caught.value.errno == 28


def test_a_short_write_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr("fctui.store.writer.os.write", lambda fd, data: real(fd, data[:1000]))
    writer = TreeWriter(tmp_path, "archive")
    chunks = [os.urandom(5000), b"", os.urandom(999), os.urandom(3000)]
    writer.file("x", chunks, 0o644)
    assert (tmp_path / "x").read_bytes() == b"".join(chunks)


def test_every_damaged_byte_of_a_small_archive_is_survived(tmp_path: Path) -> None:
    archive = make(tmp_path / "a.whl", ("d/x", b"hello " * 40, FILE), ("y", b"", FILE))
    good = archive.read_bytes()
    for at in range(len(good)):
        for flip in (0x01, 0x80):
            damaged = tmp_path / "b.whl"
            damaged.write_bytes(good[:at] + bytes([good[at] ^ flip]) + good[at + 1 :])
            into = tmp_path / f"{at}-{flip}"
            try:
                made = unpack(damaged, into)
            except TaskError:
                continue
            for entry in made.values():
                if not entry.link:
                    data = (into / entry.path).read_bytes()
                    assert hashlib.sha256(data).hexdigest() == entry.sha256
