"""What the store holds, and giving up what nobody has used."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.store.bounds import Stopped
from fctui.store.store import Store
from fctui.store.upkeep import DAY, Freed, give_up, holdings, used

OLD = 40 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def put(store: Store, path: str, age: float, size: int = 100) -> Path:
    """A file in the store that was used so long ago."""
    place = store.root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(bytes(size))
    then = time.time() - age
    for each in (place, place.parent):
        os.utime(each, (then, then))
    return place


def artifact(store: Store, name: str, age: float) -> list[Path]:
    listing = put(store, f"listings/{name[:2]}/sha256-{name}", age)
    archive = put(store, f"archives/{name[:2]}/sha256-{name}/x.whl", OLD, 10_000)
    tree = put(store, f"trees/{name[:2]}/sha256-{name}/x.py", OLD, 30_000)
    return [listing, archive, tree]


def prune(store: Store, days: float) -> Freed:
    return give_up(store.root, store.workspace, days * DAY, lambda _size: None, threading.Event())


def test_what_is_there_by_kind(store: Store) -> None:
    artifact(store, "aa11", 0)
    artifact(store, "aa22", 0)
    put(store, "roots/one/root/usr/bin/x", 0, 50_000)
    put(store, "roots/one/root.json", 0)
    seen: list[int] = []
    found = {each.kind: each for each in holdings(store.root, seen.append, threading.Event())}
    assert {kind: each.entries for kind, each in found.items()} == {
        "archives": 2,
        "trees": 2,
        "listings": 2,
        "roots": 1,
    }
    assert found["roots"].size >= 50_000
    assert seen == sorted(seen)
    assert seen[-1] == sum(each.size for each in found.values())


def test_an_artifact_goes_with_its_listing(store: Store) -> None:
    old, new = artifact(store, "aa11", OLD), artifact(store, "bb22", 0)
    freed = prune(store, 30)
    assert freed.entries == 3
    assert freed.size >= 40_000
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)
    assert list((store.root / "tmp").glob("*/*")) == []


def test_what_is_read_is_used(store: Store) -> None:
    store.remember("sha256:cc33", Contents("sha256:cc33", ()))
    store.keep("kind", "key", b"answer")
    for path in (p for p in store.root.rglob("*") if p.is_file()):
        os.utime(path, (time.time() - OLD, time.time() - OLD))
    assert store.contents("sha256:cc33") is not None
    assert store.recall("kind", "key") == b"answer"
    assert store.recall("kind", "key", 100) is None  # its age is what it was
    assert prune(store, 30).entries == 0
    assert prune(store, 0).entries == 2


def test_use_is_noted_once_a_day(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch()
    os.utime(path, (time.time() - 100, time.time() - 100))
    before = path.stat().st_atime_ns
    used(path)
    assert path.stat().st_atime_ns == before
    os.utime(path, (time.time() - 2 * DAY, time.time() - 3 * DAY))
    used(path)
    assert time.time() - path.stat().st_atime < 60
    assert time.time() - path.stat().st_mtime > 2 * DAY
    used(tmp_path / "nowhere")


def test_directories_that_nobody_may_write_to_go_too(store: Store) -> None:
    inner = put(store, "roots/one/root/locked/in/x", OLD)
    inner.parent.chmod(0o500)
    inner.parent.parent.chmod(0o500)
    put(store, "roots/one/record", OLD)
    assert prune(store, 30).entries == 1
    assert list((store.root / "roots").iterdir()) == []
    assert list((store.root / "tmp").glob("*/*")) == []


def test_everything_is_not_given_up_under_another_process(store: Store) -> None:
    artifact(store, "aa11", 0)
    room = store.root / "tmp" / "1-other"
    room.mkdir(parents=True)
    descriptor = os.open(room, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(TaskError, match="Another fctui"):
            prune(store, 0)
        assert prune(store, 30).entries == 0
    finally:
        os.close(descriptor)
    assert prune(store, 0).entries == 3


def test_stopped_it_has_given_up_whole_things_only(store: Store) -> None:
    paths = artifact(store, "aa11", OLD)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        give_up(store.root, store.workspace, 30 * DAY, lambda _size: None, stop)
    assert all(path.exists() for path in paths)
    assert list((store.root / "tmp").glob("*/*")) == []
