"""The zip that is written, read by the standard library: names, modes, times, zip64."""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from fctui.archive.check import DamagedError, check
from fctui.archive.choices import archive_time
from fctui.archive.payload import Item, Payload
from fctui.archive.write import Drawn, draw, write
from fctui.archive.zip_format import DEFLATED, EARLIEST, LATEST, STORED, dos_time, unix_mode
from fctui.model.errors import TaskError, UsageError

PLAIN = unix_mode(executable=False, link=False)
WHEN = dos_time(EARLIEST)


def stored(path: str, data: bytes, mode: int = PLAIN) -> Item:
    crc = zlib.crc32(data)
    return Item(path, mode, Payload(STORED, len(data), len(data), crc, crc, data))


def raw_deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def taken(path: str, source: Path, data: bytes, offset: int = 3) -> Item:
    """An entry whose stream is in another file."""
    packed = raw_deflated(data)
    source.write_bytes(b"x" * offset + packed + b"behind")
    crc, packed_crc = zlib.crc32(data), zlib.crc32(packed)
    payload = Payload(DEFLATED, len(data), len(packed), crc, packed_crc, None, str(source), offset)
    return Item(path, PLAIN, payload)


def written(drawn: Drawn, path: Path) -> Path:
    path.touch()
    write(drawn, path, progress=lambda _: None, stopped=lambda: False)
    return path


def checked(drawn: Drawn, path: Path) -> str:
    return check(drawn, path, progress=lambda _: None, stopped=lambda: False)


def test_names_modes_links_and_times(tmp_path: Path) -> None:
    items = [
        stored("bin/run", b"#!/bin/sh\n", unix_mode(executable=True, link=False)),
        stored("link", b"bin/run", unix_mode(executable=False, link=True)),
        stored("päckchen/文.txt", b"x"),
    ]
    path = written(draw(items, dos_time(1_700_000_001)), tmp_path / "a.zip")
    with zipfile.ZipFile(path) as opened:
        run, link, named = opened.infolist()
        assert opened.read("bin/run") == b"#!/bin/sh\n"
    assert stat.S_IMODE(run.external_attr >> 16) == 0o755
    assert stat.S_ISLNK(link.external_attr >> 16)
    assert named.filename == "päckchen/文.txt"
    assert named.flag_bits & 0x800
    assert not run.flag_bits & 0x800
    assert run.date_time == (2023, 11, 14, 22, 13, 20)
    assert run.create_system == 3


def test_the_time_is_of_the_years_that_a_zip_can_hold() -> None:
    assert dos_time(0) == dos_time(EARLIEST) == (0x21, 0)
    assert dos_time(1 << 40) == dos_time(LATEST)


def test_source_date_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert archive_time() == EARLIEST
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert archive_time() == 1_700_000_000
    for wrong in ("soon", "-5", "1e9"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
            archive_time()


def test_a_stream_is_taken_over_as_it_is(tmp_path: Path) -> None:
    data = b"some text " * 1000
    drawn = draw([taken("a.txt", tmp_path / "source", data)], WHEN)
    path = written(drawn, tmp_path / "a.zip")
    assert raw_deflated(data) in path.read_bytes()
    assert checked(drawn, path) == hashlib.sha256(path.read_bytes()).hexdigest()
    with zipfile.ZipFile(path) as opened:
        assert opened.read("a.txt") == data


def test_a_source_that_has_changed_is_found(tmp_path: Path) -> None:
    item = taken("a.txt", tmp_path / "source", b"text " * 4000)
    content = bytearray((tmp_path / "source").read_bytes())
    content[20] ^= 0x10
    (tmp_path / "source").write_bytes(content)
    drawn = draw([item], WHEN)
    path = written(drawn, tmp_path / "a.zip")
    with pytest.raises(DamagedError, match=r"a\.txt") as told:
        checked(drawn, path)
    assert told.value.file == str(tmp_path / "source")


def test_a_source_that_has_gone_or_is_shorter(tmp_path: Path) -> None:
    drawn = draw([taken("a.txt", tmp_path / "source", b"text " * 4000)], WHEN)
    (tmp_path / "source").write_bytes(b"x")
    with pytest.raises(TaskError, match="ends too early"):
        written(drawn, tmp_path / "a.zip")
    (tmp_path / "source").unlink()
    with pytest.raises(TaskError, match="source"):
        written(drawn, tmp_path / "a.zip")


def test_every_flipped_byte_of_an_archive_is_found(tmp_path: Path) -> None:
    items = [stored("a", b"abc"), taken("b", tmp_path / "source", b"text " * 50)]
    drawn = draw(items, WHEN)
    path = written(drawn, tmp_path / "a.zip")
    whole = path.read_bytes()
    unnoticed = []
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            checked(drawn, path)
        except TaskError:
            continue
        unnoticed.append(at)
    assert unnoticed == []


def test_more_entries_than_a_plain_zip_can_count(tmp_path: Path) -> None:
    drawn = draw([stored(f"d{n // 500}/{n}", b"") for n in range(70_000)], WHEN)
    path = written(drawn, tmp_path / "a.zip")
    checked(drawn, path)
    with zipfile.ZipFile(path) as opened:
        assert len(opened.infolist()) == 70_000


def test_entries_behind_and_beyond_four_gigabytes(tmp_path: Path) -> None:
    """The hole in the middle is not written: only headers and the directory are."""
    big = 5 << 30
    hole = Payload(STORED, big, big, 0x1234, 0x1234, None, "not read", 0)
    drawn = draw([stored("a", b"first"), Item("b", PLAIN, hole), stored("c", b"last")], WHEN)
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        for record, header in zip(drawn.records, drawn.headers, strict=True):
            file.seek(record.offset)
            file.write(header)
            if record.path != "b":
                file.write({"a": b"first", "c": b"last"}[record.path])
        file.seek(drawn.size - len(drawn.directory))
        file.write(drawn.directory)
    with zipfile.ZipFile(path) as opened:
        assert [(m.filename, m.file_size) for m in opened.infolist()] == [
            ("a", 5),
            ("b", big),
            ("c", 4),
        ]
        assert opened.read("c") == b"last"
        assert opened.getinfo("c").header_offset > big
