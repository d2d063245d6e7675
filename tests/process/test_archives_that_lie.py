"""Wheels, tarballs, debs and jars that lie: nothing is written outside, the error is clear, and the
bundle that stands there stays as it is.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import lzma
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from fctui.model.errors import FctuiError
from fctui.store import bounds
from fctui.store.store import Store
from fctui.workflow.workflow import Workflow
from tests.process.test_build import on_disk, tree_hash
from tests.support.debs import Deb, ar, compressed, stanza
from tests.support.lies import BOMB, Lie, Member, lies, tar_of, zip_of
from tests.support.maven_repository import FakeMaven, node
from tests.support.maven_repository import serving as serving_jars
from tests.support.registry import Registry
from tests.support.registry import serving as serving_packages
from tests.support.suite import Signer, served, signer, sources, write_archive
from tests.support.wheelhouse import environment, make_wheel
from tests.support.wheels import Wheel, record

NAMES = tuple(lies("", Path("/nowhere")))
LEFT_OUT_BY_NPM = {"through its own link", "hard link out"}
# npm takes no links from a tarball: what is left is a file in a directory.


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What no archive may touch."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret").write_text("secret")
    return place


@pytest.fixture(autouse=True)
def _less_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "FREE", BOMB // 2)


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


class Victim:
    """A project with a bundle, and what is around it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.project = top / "project"
        self.project.mkdir()
        (self.project / "fctui.toml").write_text('target = "debian12"\n')
        self.bundle = self.project / "build" / "bundle"

    def build(self) -> FctuiError | None:
        """Build with a store of its own; returns what went wrong."""
        store = Store(self.top / "store")
        try:
            asyncio.run(Workflow.open(self.project, store=store).build())
        except FctuiError as error:
            return error
        finally:
            store.workspace.close()
        return None

    def around(self) -> dict[str, int]:
        """All that is neither bundle nor cache nor what a package manager keeps for itself."""
        kept = ("project/build/bundle/", "store/", "home/", "npm-cache/", "fake/", "served/")
        return {p: size for p, size in on_disk(self.top).items() if not p.startswith(kept)}


def expose(victim: Victim, name: str, lie: Lie, say: Callable[[], object]) -> None:
    """Build, then lie, then build again: what must hold after that."""
    assert victim.build() is None
    say()
    before, around = tree_hash(victim.bundle), victim.around()
    error = victim.build()
    assert victim.around() == around
    if error is not None:
        assert "liar" in error.message, "it does not name the archive"
        assert error.message.isprintable()
        assert len(error.message) < 500
        assert tree_hash(victim.bundle) == before
        assert os.listdir(victim.bundle.parent) == ["bundle"]
    else:
        assert lie.harmless, f"an archive with a {name} was taken"
        assert tree_hash(victim.bundle) != before
    for directory, names, files in os.walk(victim.bundle):
        for each in (*names, *files):
            path = os.path.join(directory, each)
            mode = os.lstat(path).st_mode
            assert stat.S_IFMT(mode) in {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
            assert not mode & (stat.S_ISUID | stat.S_ISGID)
            if stat.S_ISLNK(mode) and not os.readlink(path).startswith("/"):  # the target's own
                assert Path(path).resolve().is_relative_to(victim.bundle), "a link leads out"


@pytest.mark.parametrize("name", [each for each in NAMES if each != "hard link out"])
def test_wheel(name: str, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim, wheels = Victim(tmp_path), tmp_path / "wheels"
    for variable, value in environment(wheels, tmp_path / "store").items():
        monkeypatch.setenv(variable, value)
    make_wheel(wheels, "good")
    required = victim.project / "requirements.txt"
    required.write_text("good\n")
    lie = lies("liar/", outside)[name]

    def say() -> None:
        wheel = Wheel("liar")
        members = {k: v for k, v in wheel.members().items() if not k.endswith("RECORD")}
        honest = [Member(path, data) for path, data in members.items()]
        listed = {**members, **{m.name: m.data for m in lie.members if m.name.isprintable()}}
        own = f"{wheel.info}/RECORD"
        honest.append(Member(own, record(listed, own)))
        (wheels / wheel.filename).write_bytes(zip_of([*honest, *lie.members]))
        required.write_text("good\nliar\n")

    expose(victim, name, lie, say)


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
@pytest.mark.parametrize("name", NAMES)
def test_npm_tarball(
    name: str, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = Victim(tmp_path)
    lie = lies("package/", outside)[name]
    lie = Lie(lie.members, harmless=lie.harmless or name in LEFT_OUT_BY_NPM)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "none"))
    manifest = victim.project / "package.json"
    manifest.write_text(json.dumps({"dependencies": {"good": "1"}}))

    def say(registry: Registry) -> None:
        text = b'{"name": "liar", "version": "1.0.0"}'
        packed = gzip.compress(tar_of([Member("package/package.json", text), *lie.members]))
        registry.publish("liar", "1.0.0", packed)
        manifest.write_text(json.dumps({"dependencies": {"good": "1", "liar": "1"}}))

    with serving_packages() as registry:
        (victim.project / ".npmrc").write_text(f"registry={registry.url}\nfetch-retries=0\n")
        registry.add("good", "1.0.0")
        expose(victim, name, lie, lambda: say(registry))


class LyingDeb(Deb):
    """A deb with members of its own."""

    members: Sequence[Member] = ()

    def build(self) -> bytes:
        """The bytes of the deb."""
        control = tar_of([Member("./control", stanza(self.control).encode())])
        return ar(
            {
                "debian-binary": b"2.0\n",
                "control.tar.xz": lzma.compress(control),
                "data.tar.xz": compressed(tar_of(self.members), "xz"),
            }
        )


@pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("gpg")), reason="needs apt-get and gpg"
)
@pytest.mark.parametrize("name", NAMES)
def test_deb(name: str, tmp_path: Path, outside: Path, key: Signer) -> None:
    victim = Victim(tmp_path)
    lie = lies("./usr/share/liar/", outside)[name]
    archive = tmp_path / "served"
    good = Deb("good", files={"usr/share/good/x": b"good"})
    liar = LyingDeb("liar", members=lie.members)
    write_archive(archive, (good, liar), signer=key)
    wanted = victim.project / "apt.txt"
    wanted.write_text("good\n")
    with served(archive) as uri:
        source = tmp_path / "test.sources"
        source.write_text(sources(uri, key.keyring))
        with (victim.project / "fctui.toml").open("a") as settings:
            settings.write(f'[apt]\nsources = ["{source}"]\n')
        expose(victim, name, lie, partial(wanted.write_text, "good\nliar\n"))


@pytest.mark.parametrize("name", [each for each in NAMES if each != "hard link out"])
def test_jar(name: str, tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A jar is not unpacked: it is read, and what is in it is shown."""
    victim = Victim(tmp_path)
    lie = lies("liar/", outside)[name]
    (tmp_path / "fake").mkdir()
    maven = FakeMaven(tmp_path / "fake", monkeypatch)
    wanted = victim.project / "maven.txt"
    wanted.write_text("g:good:1\n")

    with serving_jars() as repository:
        repository.add("g:good:1")
        repository.add("g:liar:1", zip_of([Member("META-INF/MANIFEST.MF"), *lie.members]))
        maven.answers(repository.url, [node("g:good:1")])

        def say() -> None:
            wanted.write_text("g:good:1\ng:liar:1\n")
            maven.answers(repository.url, [node("g:good:1"), node("g:liar:1")])

        expose(victim, name, Lie(lie.members, harmless=True), say)
