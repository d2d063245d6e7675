"""Debs in fctui.lock: taken from there without a solver, from whatever mirror has the suite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fctui.managers.apt.manager import Apt
from fctui.managers.interface import Context
from fctui.model.errors import LockError
from fctui.model.lock import Pinned
from fctui.model.package import Package, Resolution
from fctui.project.settings import AptSettings
from fctui.store.store import Store
from fctui.tasks.events import CommandShown
from tests.support.apt_project import apt_context
from tests.support.debs import Deb
from tests.support.recorder import Recorder
from tests.support.suite import SUITE, Signer, served, signer, sources, write_archive

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("gpg")), reason="needs apt-get and gpg"
)

DEBS = (
    Deb("base", arch="amd64", fields={"Essential": "yes", "Priority": "required"}),
    Deb("tool", "1:2.0+b1-1", "amd64", fields={"Depends": "libone"}),
    Deb("libone", "1.10", "amd64", files={"usr/lib/libone.so.1": b"one"}),
)


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, key: Signer) -> Path:
    root = tmp_path_factory.mktemp("archive")
    write_archive(root, DEBS, signer=key)
    return root


def settings(place: Path, uri: str, key: Signer) -> AptSettings:
    source = place / "test.sources"
    source.write_text(sources(uri, key.keyring))
    return AptSettings(sources=(str(source),))


def told(resolution: Resolution, uri: str) -> dict[str, Package]:
    """What decides about a bundle; the archive's address is another for each server."""
    return {
        id_: msgspec.structs.replace(
            package,
            summary="",
            artifact=package.artifact
            and msgspec.structs.replace(
                package.artifact, url=package.artifact.url.removeprefix(uri)
            ),
        )
        for id_, package in resolution.packages.items()
    }


async def locked(context: Context) -> tuple[Resolution, Pinned]:
    made = await Apt().resolve(context)
    pins = await Apt().pin([(context, made)])
    return made, msgspec.convert(msgspec.to_builtins(pins.by_target["test"]), Pinned)


async def test_it_comes_back_from_another_mirror(
    tmp_path: Path, archive: Path, key: Signer
) -> None:
    with served(archive) as uri:
        context = apt_context(
            tmp_path / "p",
            "# why\ntool\nbase\n",
            store=Store(tmp_path / "store"),
            apt=settings(tmp_path, uri, key),
        )
        made, pin = await locked(context)
    assert uri not in msgspec.json.encode(pin).decode()
    (source,) = pin.sources
    assert (source.id, source.date) == (SUITE, "Sat, 01 Jan 2022 00:00:00 UTC")
    mirror = tmp_path / "mirror"
    shutil.copytree(archive / "pool", mirror / "debian" / "pool")  # not even its lists are asked
    recorder = Recorder()
    with served(mirror) as other:
        frozen = replace(
            apt_context(
                tmp_path / "p",
                "base\ntool\n",
                store=Store(tmp_path / "other"),
                apt=settings(tmp_path, f"{other}/debian/", key),
                reporter=recorder,
            ),
            frozen=True,
        )
        found = await Apt().pinned(frozen, pin)
        assert told(found, f"{other}/debian") == told(made, uri.rstrip("/"))
        assert found.findings == made.findings
        assert [(root.id, root.line) for root in found.roots] == [("tool", 2)]
        assert (await Apt().fetch(frozen, found)).contents.keys() == {"tool", "libone"}
    shown = [event for event in recorder.events if isinstance(event, CommandShown)]
    assert shown == []
    offline = replace(frozen, offline=True, memory={})
    again = await Apt().pinned(offline, pin)
    assert (await Apt().fetch(offline, again)).contents.keys() == {"tool", "libone"}


async def test_a_suite_that_no_source_has_is_told(
    tmp_path: Path, archive: Path, key: Signer
) -> None:
    with served(archive) as uri:
        apt = settings(tmp_path, uri, key)
        context = apt_context(tmp_path / "p", "tool\n", store=Store(tmp_path / "store"), apt=apt)
        _, pin = await locked(context)
    elsewhere = msgspec.structs.replace(
        pin,
        packages=tuple(msgspec.structs.replace(p, source="other") for p in pin.packages),
    )
    fresh = replace(context, store=Store(tmp_path / "other"), frozen=True, memory={})
    with pytest.raises(LockError, match="locked from other, which no source here has"):
        await Apt().pinned(fresh, elsewhere)
    outside = msgspec.structs.replace(
        pin, packages=tuple(msgspec.structs.replace(p, path="../../x.deb") for p in pin.packages)
    )
    with pytest.raises(LockError, match="has the path"):
        await Apt().pinned(fresh, outside)
    unhashed = msgspec.structs.replace(
        pin, packages=tuple(msgspec.structs.replace(p, digest="") for p in pin.packages)
    )
    with pytest.raises(LockError, match="has no hash"):
        await Apt().pinned(fresh, unhashed)


def test_statements_are_about_what_is_asked(tmp_path: Path) -> None:
    def said(text: str, *, recommends: bool = False) -> set[object]:
        context = apt_context(tmp_path, text, apt=AptSettings(recommends=recommends))
        return set(Apt().statements(context))

    assert said("# why\nlibgl1\ncurl\n") == said("curl\nlibgl1 # this\n")
    assert said("curl\n") != said("curl=1\n")
    assert said("curl\n") != said("curl\n", recommends=True)
