"""Listing wheels by ranges: the same as unpacking them, and safe against what is in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fctui.managers.pip.manager import Pip
from fctui.managers.pip.wheel import describe, unpack_wheel
from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution
from fctui.store import ranges
from fctui.store.store import Store
from tests.support.index import Index, serving
from tests.support.pip_project import make_context
from tests.support.wheels import Wheel, record, zipped

SCRIPTS = Wheel(
    "Scripted-Thing",
    files={
        "scripted_thing/__init__.py": b"",
        "scripted_thing/native.so": os.urandom(200_000),
        "scripted_thing/tool.sh": b"#!/bin/sh\n",
    },
    data={
        "scripts/run": b"#!python -u\r\nprint('\xff')\n",
        "scripts/program": b"\x7fELF" + os.urandom(600_000),
        "data/share/x.txt": b"data",
    },
    entry_points="[console_scripts]\nmain = scripted_thing:main\n",
    executable=("scripted_thing/tool.sh",),
    summary="A \x1b[31mred\x1b[0m thing",
)


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as served:
        yield served


async def listed(index: Index, tmp_path: Path, filename: str, *, digest: bool = True) -> Contents:
    data = index.files[filename]
    hashed = f"sha256:{hashlib.sha256(data).hexdigest()}" if digest else ""
    artifact = Artifact(filename, f"{index.url}/files/{filename}", len(data), hashed)
    package = Package(manager="pip", id="x", name="x", version="1.0", artifact=artifact)
    resolution = Resolution(manager="pip", target="made", roots=(), packages={"x": package})
    (tmp_path / "project").mkdir(exist_ok=True)
    context = make_context(tmp_path / "project", tmp_path / "store", ["x"])
    found = await Pip().contents(context, resolution)
    assert await Pip().contents(context, resolution) == found
    return found.contents["x"]


def unpacked(data: bytes, tmp_path: Path, name: str) -> Contents:
    archive = tmp_path / name
    archive.write_bytes(data)
    into = tmp_path / f"{name}.tree"
    into.mkdir()
    return unpack_wheel(archive, into, f"sha256:{hashlib.sha256(data).hexdigest()}")


async def test_by_ranges_as_unpacked(index: Index, tmp_path: Path) -> None:
    index.add(SCRIPTS)
    found = await listed(index, tmp_path, SCRIPTS.filename)
    assert index.downloads() == []
    real = unpacked(SCRIPTS.build(), tmp_path, SCRIPTS.filename)
    own = f"{SCRIPTS.info}/RECORD"  # it cannot hold its own hash
    entries = {e.path: e for e in real.entries}
    entries[own] = msgspec.structs.replace(entries[own], sha256="")
    assert {e.path: e for e in found.entries} == entries
    assert found.texts == real.texts
    assert real.streams
    assert found.packed == {path: stream.packed for path, stream in real.streams.items()}
    assert (
        found.texts["scripted_thing-1.0.data/scripts/run"].encode("latin-1").endswith(b"\xff')\n")
    )
    assert "scripted_thing-1.0.data/scripts/program" not in found.texts
    assert describe(found)[0] == "A red thing"


async def test_a_directory_that_is_longer_than_the_tail(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "TAIL", 300)
    files = {f"many/module_{number}.py": b"x" * number for number in range(400)}
    wheel = Wheel("many", files=files)
    index.add(wheel)
    found = await listed(index, tmp_path, wheel.filename)
    real = unpacked(wheel.build(), tmp_path, wheel.filename)
    assert [e.path for e in found.entries] == [e.path for e in real.entries]
    assert found.texts == real.texts
    assert index.downloads() == []


async def test_downloaded_where_the_server_knows_no_ranges(index: Index, tmp_path: Path) -> None:
    index.ranges = False
    index.add(SCRIPTS)
    found = await listed(index, tmp_path, SCRIPTS.filename)
    assert all(entry.sha256 for entry in found.entries)
    assert index.downloads()


async def test_downloaded_where_the_index_tells_no_hash(index: Index, tmp_path: Path) -> None:
    index.add(SCRIPTS)
    found = await listed(index, tmp_path, SCRIPTS.filename, digest=False)
    data = index.files[SCRIPTS.filename]
    assert found.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert len(index.downloads()) == 1


async def test_a_large_text_script_is_downloaded(index: Index, tmp_path: Path) -> None:
    script = b"#!python\n" + os.urandom(400_000).hex().encode()
    wheel = Wheel("large", data={"scripts/large": script})
    index.add(wheel)
    found = await listed(index, tmp_path, wheel.filename)
    assert found.texts["large-1.0.data/scripts/large"].encode("latin-1") == script


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil", "a/\x1b[2J.py", "x//y/../../../z"])
async def test_hostile_names(index: Index, tmp_path: Path, name: str) -> None:
    members = {**Wheel("evil").members(), name: b"boom"}
    index.add_file("evil-1.0-py3-none-any.whl", zipped(members))
    with pytest.raises(TaskError) as raised:
        await listed(index, tmp_path, "evil-1.0-py3-none-any.whl")
    assert "\x1b" not in raised.value.message


async def test_a_member_twice(index: Index, tmp_path: Path) -> None:
    data = Wheel("twice", files={"a.py": b"1", "b.py": b"2"}).build().replace(b"b.py", b"a.py")
    index.add_file("twice-1.0-py3-none-any.whl", data)
    with pytest.raises(TaskError, match="two members"):
        await listed(index, tmp_path, "twice-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.py": b""}, "0 .dist-info"),
        ({"b-1.dist-info/WHEEL": b"", "c-1.dist-info/WHEEL": b""}, "2 .dist-info"),
        ({"x-1.0.dist-info/RECORD": b""}, "no WHEEL"),
        ({"x-1.0.dist-info/WHEEL": b"Wheel-Version: 2.0\n"}, "format '2.0'"),
    ],
)
async def test_what_is_no_wheel(
    index: Index, tmp_path: Path, members: dict[str, bytes], said: str
) -> None:
    index.add_file("x-1.0-py3-none-any.whl", zipped(members))
    with pytest.raises(TaskError, match=said.replace(".", r"\.")):
        await listed(index, tmp_path, "x-1.0-py3-none-any.whl")


async def test_damage_in_a_member_is_seen(index: Index, tmp_path: Path) -> None:
    """A range listing that does not add up falls back to the download, which names the damage."""
    data = bytearray(SCRIPTS.build())
    at = data.find(b"Root-Is-Purelib") if b"Root-Is-Purelib" in data else 0
    at = at or bytes(data).find(f"{SCRIPTS.info}/METADATA".encode()) + 60
    data[at] ^= 0xFF
    index.add_file(SCRIPTS.filename, bytes(data))
    with pytest.raises(TaskError, match="damaged"):
        await listed(index, tmp_path, SCRIPTS.filename)


async def test_what_record_says_is_not_believed_after_the_download(
    index: Index, tmp_path: Path
) -> None:
    wheel = Wheel("liar", files={"liar.py": b"true\n"})
    members = wheel.members()
    lies = {**members, "liar.py": b"other"}
    members[f"{wheel.info}/RECORD"] = record(lies, f"{wheel.info}/RECORD")
    index.add_file(wheel.filename, zipped(members))
    found = await listed(index, tmp_path, wheel.filename)
    real = unpacked(index.files[wheel.filename], tmp_path, wheel.filename)
    promised = {e.path: e.sha256 for e in found.entries}["liar.py"]
    true = {e.path: e.sha256 for e in real.entries}["liar.py"]
    assert promised == hashlib.sha256(b"other").hexdigest()
    assert true == hashlib.sha256(b"true\n").hexdigest()


async def test_the_server_refuses(index: Index, tmp_path: Path) -> None:
    index.add(SCRIPTS)
    index.credentials = ("u", "p")
    with pytest.raises(TaskError, match="answers 401") as raised:
        await listed(index, tmp_path, SCRIPTS.filename)
    assert "credentials" in raised.value.hint


def test_a_store_is_not_written_by_a_listing(tmp_path: Path) -> None:
    assert Store(tmp_path).contents("sha256:" + "0" * 64) is None
