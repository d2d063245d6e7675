"""The store among several processes: one does the work, a killed one is no hindrance."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.bounds import current
from fctui.store.store import Download, Store
from fctui.store.zip import unpack_zip
from fctui.tasks.events import Silent
from fctui.tasks.task import Tasks

WHEELS = 6

FETCH = """
import asyncio, hashlib, sys
from pathlib import Path
from fctui.model.package import Artifact
from fctui.store.store import Download, Store
from fctui.store.zip import unpack_zip
from tests.support.recorder import Recorder
from fctui.tasks.task import Tasks

unpacked = 0

def unpack(archive, into, digest):
    global unpacked
    unpacked += 1
    return unpack_zip(archive, into, digest)

async def main():
    store = Store(Path(sys.argv[1]))
    downloads = []
    for path in sorted(Path(sys.argv[2]).glob("*.whl")):
        digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        size = path.stat().st_size
        downloads.append(Download(Artifact(path.name, path.as_uri(), size, digest), unpack))
    print("begin", flush=True)
    async with Tasks(Recorder()).open("pip", "fetch") as task:
        found = await store.fetch(downloads, task)
    print(len(found), unpacked)

asyncio.run(main())
"""


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    place = tmp_path / "wheels"
    place.mkdir()
    for number in range(WHEELS):
        make_wheel(place, number)
    return place


def make_wheel(place: Path, number: int) -> None:
    with zipfile.ZipFile(place / f"w{number}-1.0-py3-none-any.whl", "w") as archive:
        for member in range(60):
            archive.writestr(f"w{number}/f{member}.bin", os.urandom(20_000))


def start(store: Path, wheels: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", FETCH, str(store), str(wheels)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> list[int]:
    out, problems = process.communicate(timeout=60)
    assert process.returncode == 0, problems
    return [int(word) for word in out.split()[1:]]


def check(store: Path, wheels: Path) -> None:
    """Every tree in the store is what its archive has."""
    for path in wheels.glob("*.whl"):
        digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        listing = Store(store).contents(digest)
        assert listing is not None
        assert len(listing.entries) == 60
        for entry in listing.entries:
            data = (Store(store).tree(digest) / entry.path).read_bytes()
            assert hashlib.sha256(data).hexdigest() == entry.sha256


def test_two_at_once_do_the_work_once(tmp_path: Path, wheels: Path) -> None:
    store = tmp_path / "store"
    processes = [start(store, wheels) for _ in range(3)]
    results = [result(process) for process in processes]
    assert [found for found, _ in results] == [WHEELS] * 3
    assert sum(unpacked for _, unpacked in results) == WHEELS
    check(store, wheels)
    assert list((store / "tmp").iterdir()) == []
    assert list((store / "locks").iterdir()) == []


def test_a_killed_fetch_hinders_nobody(tmp_path: Path, wheels: Path) -> None:
    store = tmp_path / "store"
    for moment in range(8):
        process = start(store, wheels)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moment * 0.015)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    make_wheel(wheels, WHEELS)  # something to do: who has nothing to do sweeps nothing
    found, _ = result(start(store, wheels))
    assert found == WHEELS + 1
    check(store, wheels)
    assert list((store / "tmp").iterdir()) == []


def downloads(wheels: Path) -> list[Download]:
    found = []
    for path in sorted(wheels.glob("*.whl")):
        digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
        artifact = Artifact(path.name, path.as_uri(), path.stat().st_size, digest)
        found.append(Download(artifact, unpack_zip))
    return found


def fetch(store: Store, wanted: list[Download]) -> None:
    async def run() -> None:
        async with Tasks(Silent()).open("pip", "fetch") as task:
            await store.fetch(wanted, task)

    asyncio.run(run())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_and_leaves_room(small_disk: Path, wheels: Path) -> None:
    store = Store(small_disk / "store")
    with pytest.raises(TaskError, match="disk is full") as caught:
        fetch(store, downloads(wheels))
    assert "FCTUI_CACHE_DIR" in caught.value.hint
    store.workspace.close()
    assert list((small_disk / "store/tmp").iterdir()) == []
    shutil.rmtree(small_disk / "store")
    fetch(Store(small_disk / "store"), downloads(wheels)[:1])


def test_cancelling_stops_an_unpacking_thread(tmp_path: Path, wheels: Path) -> None:
    store = Store(tmp_path / "store")
    reached = threading.Event()

    def endless(archive: Path, into: Path, digest: str) -> Contents:
        reached.set()
        current().stop.wait(20)
        return unpack_zip(archive, into, digest)

    wanted = [structs.replace(downloads(wheels)[0], unpack=endless)]

    async def run() -> float:
        async with Tasks(Silent()).open("pip", "fetch") as task:
            work = asyncio.create_task(store.fetch(wanted, task))
            await asyncio.to_thread(reached.wait, 10)
            begun = time.monotonic()
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work
            return time.monotonic() - begun

    assert asyncio.run(run()) < 2
    store.workspace.close()
    assert list((tmp_path / "store/tmp").iterdir()) == []
    assert list((tmp_path / "store/locks").iterdir()) == []
    assert not (tmp_path / "store/listings").exists()
