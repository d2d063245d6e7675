"""Tar streams in every format that packages come in, and the ones that nobody should send."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store import bounds
from fctui.store.bounds import Bounds, Stopped
from fctui.store.tar import unpack_tar

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]


def tar(
    *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "", format_: int = 2
) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format_) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, link, len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def unpack(data: bytes, into: Path, **options: object) -> dict[str, Entry]:
    entries = unpack_tar(io.BytesIO(data), into, name="thing.tar", **options)  # type: ignore[arg-type]
    return {entry.path: entry for entry in entries}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 3 << 20])
def test_contents_are_exact_in_every_format(tmp_path: Path, format_: int, size: int) -> None:
    data = os.urandom(size)
    made = unpack(tar(("./a/x", data), ("./a/y", b"end"), format_=format_), tmp_path)
    assert (tmp_path / "a/x").read_bytes() == data
    assert made["a/x"].sha256 == hashlib.sha256(data).hexdigest()
    assert made["a/y"].size == 3


@pytest.mark.parametrize("format_", FORMATS[1:])
@pytest.mark.parametrize("name", ["d/" * 90 + "file", "n" * 200, "ünïcode/" + "包" * 60])
def test_long_names_and_links(tmp_path: Path, format_: int, name: str) -> None:
    data = tar((name, b"x"), format_=format_)
    assert set(unpack(data, tmp_path)) == {name}
    link = tar((f"{name}.l", b""), kind=tarfile.SYMTYPE, link=name, format_=format_)
    (tmp_path / "other").mkdir()
    assert unpack(link, tmp_path / "other")[f"{name}.l"].link == name


def test_a_ustar_prefix_is_put_before_the_name(tmp_path: Path) -> None:
    name = "p" * 120 + "/" + "n" * 80
    assert set(unpack(tar((name, b"x"), format_=tarfile.USTAR_FORMAT), tmp_path)) == {name}


def test_the_size_of_an_extended_header_holds(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.size, info.pax_headers = 5, {"size": "5", "comment": "x=y\n", "mtime": "1.5"}
        archive.addfile(info, io.BytesIO(b"hello"))
    made = unpack(stream.getvalue(), tmp_path)
    assert made["a"].size == 5


def test_the_first_directory_is_stripped_and_members_are_skipped(tmp_path: Path) -> None:
    data = tar(("package/a", b"1"), ("package/doc/b", b"2"), ("loose", b"3"))
    made = unpack(data, tmp_path, strip=1, skip=lambda path: path.startswith("doc/"))
    assert set(made) == {"a"}
    assert sorted(os.listdir(tmp_path)) == ["a"]


def test_the_last_of_two_members_stays(tmp_path: Path) -> None:
    made = unpack(tar(("a", b"first"), ("./a", b"second!")), tmp_path)
    assert (tmp_path / "a").read_bytes() == b"second!"
    assert made["a"].size == 7


def test_devices_pipes_and_directories_are_left_out(tmp_path: Path) -> None:
    for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
        assert unpack(tar(("x", b""), kind=kind), tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_what_follows_the_end_is_not_looked_at(tmp_path: Path) -> None:
    data = tar(("a", b"x")) + b"trailing rubbish"
    assert set(unpack(data, tmp_path)) == {"a"}


def test_a_broken_checksum_after_the_end_is_found(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(tar(("a", os.urandom(100_000)))))
    packed[-6] ^= 1
    with gzip.open(io.BytesIO(packed)) as stream, pytest.raises(TaskError, match="damaged"):
        unpack_tar(stream, tmp_path)


GOOD = tar(("a/b", os.urandom(2000)), ("c", b"x"))


@pytest.mark.parametrize("cut", [0, 100, 512, 600, 1500, 2500])
def test_a_truncated_stream_is_damaged(tmp_path: Path, cut: int) -> None:
    if cut == 2500:
        cut = 512 + 2048 + 100
    with pytest.raises(TaskError, match=r"thing\.tar is damaged"):
        unpack(GOOD[:cut], tmp_path)


@pytest.mark.parametrize(
    ("start", "rubbish"),
    [(148, b"0000000\0"), (124, b"9999999999\0"), (124, b"\xff" * 12), (0, b"\0" * 20 + b"x")],
)
def test_a_rubbish_header_is_damaged_or_refused(tmp_path: Path, start: int, rubbish: bytes) -> None:
    header = bytearray(GOOD[:512])
    header[start : start + len(rubbish)] = rubbish
    if start != 148:
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
    if start == 0:
        assert set(unpack(bytes(header) + GOOD[512:], tmp_path)) == {"c"}  # a name of nothing
        return
    with pytest.raises(TaskError, match="damaged"):
        unpack(bytes(header) + GOOD[512:], tmp_path)


@pytest.mark.parametrize("flipped", range(0, 512, 7))
def test_a_flipped_bit_in_a_header_is_found(tmp_path: Path, flipped: int) -> None:
    data = bytearray(GOOD)
    data[flipped] ^= 0x40
    with pytest.raises(TaskError):
        unpack(bytes(data), tmp_path)


def test_an_enormous_extended_header_is_damaged(tmp_path: Path) -> None:
    data = tar(("x", b"y" * (2 << 20)), kind=b"x")
    with pytest.raises(TaskError, match="damaged"):
        unpack(data, tmp_path)


def test_a_sparse_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="sparse"):
        unpack(tar(("x", b""), kind=tarfile.GNUTYPE_SPARSE), tmp_path)


@pytest.mark.parametrize("name", ["a/../../x", "/etc/x", "..", "a\nb", "\x1b[31m", "x/\x7f"])
def test_a_hostile_name_is_refused_and_shown_clean(tmp_path: Path, name: str) -> None:
    (tmp_path / "into").mkdir()
    with pytest.raises(TaskError, match="refused") as caught:
        unpack(tar((name, b"x")), tmp_path / "into")
    assert caught.value.message.isprintable()
    assert [path.name for path in tmp_path.iterdir()] == ["into"]


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    data = tar(("caf\udce9", b"x"), format_=tarfile.GNU_FORMAT)
    with pytest.raises(TaskError, match="not UTF-8"):
        unpack(data, tmp_path)


@pytest.mark.parametrize("order", [("a", "a/b"), ("a/b", "a")])
def test_a_file_that_is_a_directory_too_is_refused(tmp_path: Path, order: tuple[str, str]) -> None:
    with pytest.raises(TaskError, match="directory"):
        unpack(tar(*[(name, b"x") for name in order]), tmp_path)


def test_a_name_too_long_for_the_disk_is_no_traceback(tmp_path: Path) -> None:
    for name in ("n" * 300, "包" * 90, "d/" * 2000 + "x"):
        with pytest.raises(TaskError, match="longer"):
            unpack(tar((name, b"x")), tmp_path)


def test_a_hard_link_is_a_second_name(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("./a")
        info.size, info.mode = 3, 0o6755
        archive.addfile(info, io.BytesIO(b"abc"))
        second = tarfile.TarInfo("./d/b")
        second.type, second.linkname = tarfile.LNKTYPE, "./a"
        archive.addfile(second)
    made = unpack(stream.getvalue(), tmp_path)
    assert made["d/b"].sha256 == made["a"].sha256
    assert (tmp_path / "d/b").samefile(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o555


def test_more_bytes_than_allowed_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "FREE", 1000)
    with bounds.bounded(10, threading.Event()), pytest.raises(TaskError, match="more than"):
        unpack(tar(("a", bytes(2000))), tmp_path)


def test_it_stops_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with bounds.bounded(10, stop), pytest.raises(Stopped):
        unpack(tar(("a", b"x")), tmp_path)
    assert bounds.current().size == Bounds().size
