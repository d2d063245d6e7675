"""apt's own solver over a small signed archive on the loopback: nothing here leaves the machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import pytest
from msgspec import structs

from fctui.managers.apt.manager import Apt
from fctui.managers.interface import Context
from fctui.model.errors import ResolutionError, TaskError, UsageError
from fctui.model.finding import Kind
from fctui.model.package import Resolution
from fctui.model.plan import Category, Link, StoreFile
from fctui.model.target import Suite
from fctui.project.settings import AptSettings
from fctui.store.store import Store
from fctui.tasks.events import Progress, State, TaskFinished
from tests.support.apt_project import apt_context, apt_target
from tests.support.debs import Deb
from tests.support.recorder import Recorder
from tests.support.suite import Signer, served, signer, sources, write_archive

Resolver = Literal["apt", "own"]

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("gpg")), reason="needs apt-get and gpg"
)

DEBS = (
    Deb(
        "base", arch="amd64", fields={"Essential": "yes", "Priority": "required", "Depends": "core"}
    ),
    Deb("core", arch="amd64"),
    Deb("runtime", arch="amd64", fields={"Depends": "core, runtime-data"}),
    Deb("runtime-data"),
    Deb(
        "tool",
        "1:2.0-1",
        "amd64",
        fields={
            "Depends": "libone (>= 1.2), missing | libtwo, core, mailer",
            "Recommends": "nice",
        },
        files={"usr/bin/tool": b"#!/bin/sh\n", "usr/share/man/man1/tool.1.gz": b"manual"},
        executable=("usr/bin/tool",),
        summary="a tool with a \x1b[31mcolourful\x1b[0m summary",
    ),
    Deb("libone", "1.10", "amd64", files={"usr/lib/libone.so.1": b"one"}),
    Deb("libone", "1.2", "amd64"),
    Deb("libtwo", "2", "amd64", fields={"Depends": "libthree"}),
    Deb("libthree", "3", "amd64", fields={"Depends": "libtwo"}),
    Deb("nice", "1", "amd64"),
    Deb("postman", "1", "amd64", fields={"Provides": "mailer"}),
    Deb("font-a", fields={"Provides": "font"}),
    Deb("font-b", fields={"Provides": "font"}),
    Deb("broken", "1", "amd64", fields={"Depends": "nowhere (>= 3)"}),
    Deb("left", "1", "amd64", fields={"Conflicts": "right"}),
    Deb("right", "1", "amd64"),
    Deb("hostile-to-core", "1", "amd64", fields={"Conflicts": "core"}),
)


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, key: Signer) -> Iterator[str]:
    root = tmp_path_factory.mktemp("archive")
    write_archive(root, DEBS, signer=key)
    with served(root) as uri:
        yield uri


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One store for the module, so that the lists are loaded once."""
    return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture(params=["apt", "own"])
def resolver(request: pytest.FixtureRequest) -> Resolver:
    """Every test is one of apt's solver and of our own."""
    return cast("Resolver", request.param)


@pytest.fixture
def settings(archive: str, key: Signer, tmp_path: Path, resolver: Resolver) -> AptSettings:
    source = tmp_path / "test.sources"
    source.write_text(sources(archive, key.keyring))
    return AptSettings(sources=(str(source),), resolver=resolver)


def resolved(context: Context) -> Resolution:
    return asyncio.run(Apt().resolve(context))


def test_only_what_the_target_lacks(tmp_path: Path, store: Store, settings: AptSettings) -> None:
    context = apt_context(
        tmp_path / "p", "# tools\ntool # the one\ncore\n", store=store, apt=settings
    )
    resolution = resolved(context)
    assert set(resolution.packages) == {"tool", "libone", "libtwo", "libthree", "postman"}
    tool = resolution.packages["tool"]
    assert tool.version == "1:2.0-1"
    assert tool.requires == ("libone", "libtwo", "postman")
    assert tool.installed_size == 12 * 1024
    assert tool.artifact is not None
    assert tool.artifact.sha256
    assert tool.artifact.size == len(DEBS[4].build())
    assert "\x1b" not in tool.summary
    assert resolution.packages["libone"].version == "1.10"
    assert resolution.packages["libthree"].requires == ("libtwo",)
    assert [(root.id, root.source, root.line) for root in resolution.roots] == [
        ("tool", "apt.txt", 2)
    ]
    (finding,) = resolution.findings
    assert (finding.kind, finding.subject, finding.breaks) == (Kind.UNRESOLVED, "core", False)


def test_what_a_target_names_is_not_bundled(
    tmp_path: Path, store: Store, settings: AptSettings
) -> None:
    target = apt_target("more", installed=("libone", "not-in-this-suite"))
    context = apt_context(tmp_path / "p", "tool\n", store=store, apt=settings, target=target)
    resolution = resolved(context)
    assert set(resolution.packages) == {"tool", "libtwo", "libthree", "postman"}
    assert resolution.packages["tool"].requires == ("libtwo", "postman")


def test_recommends_are_a_setting(tmp_path: Path, store: Store, settings: AptSettings) -> None:
    with_them = structs.replace(settings, recommends=True)
    resolution = resolved(apt_context(tmp_path / "p", "tool\n", store=store, apt=with_them))
    assert "nice" in resolution.packages
    assert "nice" in resolution.packages["tool"].requires


def test_a_version_can_be_named(tmp_path: Path, store: Store, settings: AptSettings) -> None:
    resolution = resolved(apt_context(tmp_path / "p", "libone=1.2\n", store=store, apt=settings))
    assert resolution.packages["libone"].version == "1.2"
    assert resolution.roots[0].requirement == "libone=1.2"


@pytest.mark.parametrize(("wanted", "version"), [("1.*", "1.10"), ("1.2*", "1.2")])
def test_the_beginning_of_a_version(
    tmp_path: Path, store: Store, settings: AptSettings, wanted: str, version: str
) -> None:
    context = apt_context(tmp_path / "p", f"libone={wanted}\n", store=store, apt=settings)
    assert resolved(context).packages["libone"].version == version


def test_a_virtual_package_with_one_provider_is_that(
    tmp_path: Path, store: Store, settings: AptSettings
) -> None:
    resolution = resolved(apt_context(tmp_path / "p", "mailer\n", store=store, apt=settings))
    assert [root.id for root in resolution.roots] == ["postman"]
    assert resolution.roots[0].requirement == "mailer"


@pytest.mark.parametrize(
    ("packages", "message", "hint"),
    [
        ("\nlibtree\n", "apt.txt:2: there is no package libtree in Debian bookworm", "libthree"),
        ("libone=7\n", "apt.txt:1: there is no libone 7", "1.10, 1.2"),
        ("libone=1.3*\n", "apt.txt:1: there is no libone 1.3*", "1.10, 1.2"),
        ("font\n", "font is a virtual package", "font-a, font-b"),
        ("core\nbroken\n", "apt.txt:2: broken cannot be satisfied on the target", ""),
        ("broken\n", "nowhere (>= 3)", ""),
        ("left\nright\n", "left, right cannot be satisfied together", ""),
        ("hostile-to-core\n", "hostile-to-core cannot be satisfied on the target", ""),
    ],
)
def test_what_cannot_be_resolved_is_named(
    tmp_path: Path, store: Store, settings: AptSettings, packages: str, message: str, hint: str
) -> None:
    with pytest.raises(ResolutionError) as caught:
        resolved(apt_context(tmp_path / "p", packages, store=store, apt=settings))
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["-oDpkg::Pre-Invoke::=x", "a[/b]", "Libone", "x\x1b[31m", "a;b"])
def test_no_option_or_expression_gets_to_apt(
    tmp_path: Path, store: Store, settings: AptSettings, text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(apt_context(tmp_path / "p", f"core\n{text}\n", store=store, apt=settings))
    assert "apt.txt:2" in caught.value.message
    assert "\x1b" not in caught.value.message


def test_a_second_run_asks_nobody(tmp_path: Path, store: Store, settings: AptSettings) -> None:
    context = apt_context(tmp_path / "p", "tool\n", store=store, apt=settings)
    first = resolved(context)
    begun = time.perf_counter()
    again = resolved(apt_context(tmp_path / "p", "tool\n", store=store, apt=settings))
    assert time.perf_counter() - begun < 0.25  # no process was started; 5 ms where it is quiet
    assert again == first


def test_fetched_laid_out_and_searched(tmp_path: Path, store: Store, settings: AptSettings) -> None:
    context = apt_context(tmp_path / "p", "tool\n", store=store, apt=settings)
    apt = Apt()
    resolution = asyncio.run(apt.resolve(context))
    listing = asyncio.run(apt.fetch(context, resolution))
    assert set(listing.contents) == set(resolution.packages)
    planned = apt.layout(context, resolution, listing, "target")
    by_path = {file.path: file for file in planned.files}
    assert set(by_path) == {"usr/bin/tool", "usr/lib/libone.so.1"}
    assert by_path["usr/bin/tool"].mode & 0o111
    assert by_path["usr/lib/libone.so.1"].shared_library
    source = by_path["usr/lib/libone.so.1"].source
    assert isinstance(source, StoreFile)
    assert (store.tree(source.digest) / source.path).read_bytes() == b"one"
    assert [(saving.rule, saving.files, saving.size) for saving in planned.savings] == [
        ("manuals", 1, len(b"manual"))
    ]
    assert [name for name, _, _ in apt.search(context, "libt")] == ["libtwo", "libthree"]


def test_an_unsigned_archive_is_refused(
    tmp_path: Path, archive: str, key: Signer, store: Store, resolver: Resolver
) -> None:
    root = tmp_path / "unsigned"
    write_archive(root, DEBS)
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        reporter = Recorder()
        context = apt_context(tmp_path / "p", "core\n", apt=settings, reporter=reporter)
        with pytest.raises(TaskError) as caught:
            resolved(context)
    assert "could not be loaded and verified" in caught.value.message
    assert not list((tmp_path / "p/store/apt").glob("*/lists.json"))
    finished = [event for event in reporter.events if isinstance(event, TaskFinished)]
    assert [event.state for event in finished] == [State.FAILED]


def test_an_archive_signed_by_somebody_else_is_refused(
    tmp_path: Path, key: Signer, resolver: Resolver
) -> None:
    root = tmp_path / "archive"
    with signer() as other:
        write_archive(root, DEBS, signer=other)
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        with pytest.raises(TaskError, match="could not be loaded and verified"):
            resolved(apt_context(tmp_path / "p", "core\n", apt=settings))


def test_an_archive_that_changes_under_its_release_is_refused(
    tmp_path: Path, key: Signer, resolver: Resolver
) -> None:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key)
    for name in ("Packages", "Packages.xz"):
        path = root / "dists/bookworm/main/binary-amd64" / name
        path.write_bytes(path.read_bytes()[:-10] + b"0123456789")
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        with pytest.raises(TaskError, match="could not be loaded and verified"):
            resolved(apt_context(tmp_path / "p", "core\n", apt=settings))


def test_a_deb_with_another_hash_is_refused(
    tmp_path: Path, key: Signer, resolver: Resolver
) -> None:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key)
    path = root / "pool" / DEBS[5].filename
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        context = apt_context(tmp_path / "p", "libone\n", apt=settings)
        resolution = resolved(context)
        with pytest.raises(TaskError, match=r"libone.*wrong sha256"):
            asyncio.run(Apt().fetch(context, resolution))


def test_without_the_archive_the_lists_of_the_last_time_serve(
    tmp_path: Path, key: Signer, resolver: Resolver
) -> None:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key)
    project = tmp_path / "p"
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        reporter = Recorder()
        resolved(apt_context(project, "core\ntool\n", apt=settings, reporter=reporter))
        assert any(isinstance(event, Progress) for event in reporter.events)
    resolution = resolved(apt_context(project, "libtwo\n", apt=settings, offline=True))
    assert set(resolution.packages) == {"libtwo", "libthree"}
    with pytest.raises(TaskError, match="could not be loaded"):
        resolved(apt_context(project, "libtwo\n", apt=settings, refresh=True))
    listing = asyncio.run(
        Apt().contents(apt_context(project, "", apt=settings, offline=True), resolution)
    )
    assert set(listing.unknown) == {"libtwo", "libthree"}


def test_offline_from_the_start_says_so(tmp_path: Path, settings: AptSettings) -> None:
    with pytest.raises(TaskError, match="never been loaded"):
        resolved(apt_context(tmp_path / "p", "core\n", apt=settings, offline=True))


def test_a_refreshed_archive_is_seen(tmp_path: Path, key: Signer, resolver: Resolver) -> None:
    root = tmp_path / "archive"
    write_archive(root, [DEBS[0], DEBS[1]], signer=key)
    project = tmp_path / "p"
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
        context = apt_context(project, "libtwo\n", apt=settings)
        with pytest.raises(ResolutionError):
            resolved(context)
        assert Apt().search(context, "libtwo") == ()
        write_archive(root, DEBS, signer=key)
        for path in (root / "dists").rglob("*"):
            os.utime(path, (later := time.time() + 60, later))  # HTTP compares whole seconds
        resolution = resolved(apt_context(project, "libtwo\n", apt=settings, refresh=True))
        assert "libtwo" in resolution.packages
        assert Apt().search(context, "libtwo")


def test_an_archive_in_a_directory(tmp_path: Path, key: Signer, resolver: Resolver) -> None:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key)
    (tmp_path / "test.sources").write_text(sources(root.as_uri(), key.keyring))
    settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
    context = apt_context(tmp_path / "p", "libone\n", apt=settings)
    resolution = resolved(context)
    listing = asyncio.run(Apt().fetch(context, resolution))
    assert [entry.path for entry in listing.contents["libone"].entries] == ["usr/lib/libone.so.1"]


def test_another_architecture(tmp_path: Path, key: Signer, resolver: Resolver) -> None:
    root = tmp_path / "archive"
    write_archive(
        root,
        [Deb("base", arch="arm64", fields={"Essential": "yes"}), Deb("xx", arch="arm64")],
        arch="arm64",
        signer=key,
    )
    (tmp_path / "test.sources").write_text(sources(root.as_uri(), key.keyring))
    settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
    target = apt_target(arch="aarch64")
    resolution = resolved(apt_context(tmp_path / "p", "xx\n", apt=settings, target=target))
    artifact = resolution.packages["xx"].artifact
    assert artifact is not None
    assert artifact.filename == "xx_1.0_arm64.deb"


def test_alternatives_of_several_debs(tmp_path: Path, key: Signer, resolver: Resolver) -> None:
    line = "update-alternatives --install /usr/lib/libx.so.3 libx.so.3 /usr/lib/{0}/libx.so.3 {1}"
    script = f"#!/bin/sh\n{line}\n"
    debs = [
        Deb("base", arch="amd64", fields={"Essential": "yes"}),
        Deb(
            "libx-slow",
            arch="amd64",
            postinst=script.format("slow", 10),
            files={"usr/lib/slow/libx.so.3": b"slow"},
        ),
        Deb(
            "libx-fast",
            arch="amd64",
            postinst=script.format("fast", 100),
            files={"usr/lib/fast/libx.so.3": b"fast"},
        ),
    ]
    root = tmp_path / "archive"
    write_archive(root, debs, signer=key)
    (tmp_path / "test.sources").write_text(sources(root.as_uri(), key.keyring))
    settings = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
    context = apt_context(tmp_path / "p", "libx-slow\nlibx-fast\n", apt=settings)
    apt = Apt()
    resolution = asyncio.run(apt.resolve(context))
    listing = asyncio.run(apt.contents(context, resolution))
    planned = apt.layout(context, resolution, listing, "target")
    (link,) = [file for file in planned.files if isinstance(file.source, Link)]
    assert (link.path, link.owner, link.category) == (
        "usr/lib/libx.so.3",
        "libx-fast",
        Category.LINK,
    )
    assert link.source == Link("fast/libx.so.3")


def test_no_apt_on_the_machine(
    tmp_path: Path, archive: str, key: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test.sources").write_text(sources(archive, key.keyring))
    settings = AptSettings(sources=(str(tmp_path / "test.sources"),))
    monkeypatch.setenv("PATH", str(tmp_path))  # neither apt nor gpgv
    resolution = resolved(apt_context(tmp_path / "p", "tool\n", apt=settings))
    assert resolution.resolver == "fctui's own"
    assert set(resolution.packages) == {"tool", "libone", "libtwo", "libthree", "postman"}


def test_two_at_once_do_not_disturb_each_other(tmp_path: Path, settings: AptSettings) -> None:
    store = Store(tmp_path / "store")

    async def both() -> list[Resolution]:
        contexts = [
            apt_context(tmp_path / name, "tool\n", store=store, apt=settings) for name in ("p", "q")
        ]
        return await asyncio.gather(*(Apt().resolve(context) for context in contexts))

    first, second = asyncio.run(both())
    assert first.packages == second.packages


def test_cancelled_it_leaves_the_root_usable(tmp_path: Path, settings: AptSettings) -> None:
    async def cancelled() -> None:
        reporter = Recorder()
        context = apt_context(tmp_path / "p", "tool\n", apt=settings, reporter=reporter)
        work = asyncio.ensure_future(Apt().resolve(context))
        while not reporter.events:  # noqa: ASYNC110 - the recorder has no event to wait for
            await asyncio.sleep(0)
        await asyncio.sleep(0.05 if settings.resolver == "apt" else 0)  # ours is done by then
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    resolution = resolved(apt_context(tmp_path / "p", "tool\n", apt=settings))
    assert "libtwo" in resolution.packages


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path, settings: AptSettings) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "store")
    with pytest.raises(TaskError, match="cannot be used"):
        resolved(apt_context(tmp_path / "p", "tool\n", store=store, apt=settings))


def test_what_the_security_archive_has_newer(tmp_path: Path, key: Signer) -> None:
    old = Deb("libone", "1.2", "amd64")
    write_archive(tmp_path / "main", [old, Deb("libtwo", "2", "amd64")], signer=key)
    fixed = Deb("libone", "1.10", "amd64", fields={"Source": "one (1.10-0)"})
    write_archive(tmp_path / "security", [fixed], signer=key, label="Debian-Security")
    with served(tmp_path) as uri:
        for name in ("main", "security"):
            text = sources(f"{uri}/{name}", key.keyring)
            (tmp_path / f"{name}.sources").write_text(text)
        paths = tuple(str(tmp_path / f"{name}.sources") for name in ("main", "security"))
        context = apt_context(
            tmp_path / "p", "libone=1.2\nlibtwo\n", apt=AptSettings(sources=paths)
        )
        told = asyncio.run(Apt().advisories(context, resolved(context)))
        alone = apt_context(tmp_path / "q", "libone\n", apt=AptSettings(sources=paths[:1]))
        silent = asyncio.run(Apt().advisories(alone, resolved(alone)))
    (only,) = told.advisories
    assert (only.package, only.version, only.fixed) == ("libone", "1.2", ("1.10",))
    assert only.id == "bookworm/one/1.10"
    assert told.untold == ()
    assert silent.advisories == ()
    assert [untold.packages for untold in silent.untold] == [("libone",)]


def test_where_an_archive_is_out_of_reach_another_one_can_be_named(
    tmp_path: Path, key: Signer, resolver: Resolver
) -> None:
    source = tmp_path / "dead.sources"
    source.write_text(sources("http://127.0.0.1:9", key.keyring))
    target = structs.replace(apt_target(), suite=Suite("buster", "10", archived=True))
    apt = AptSettings(sources=(str(source),), resolver=resolver)
    with pytest.raises(TaskError) as caught:
        resolved(apt_context(tmp_path / "p", "tool\n", target=target, apt=apt))
    assert "Debian 10 has left" in caught.value.hint
    assert "FCTUI_APT_ARCHIVE" in caught.value.hint
