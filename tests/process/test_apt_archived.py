"""Debian 10 from an archive of old suites that the user names, what is past its date included."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import pytest

from fctui.managers.apt import suite
from fctui.managers.apt.host import Host
from fctui.model.errors import TaskError
from fctui.model.target import Suite
from fctui.store.store import Store
from fctui.workflow.workflow import Workflow
from tests.support.debs import Deb
from tests.support.recorder import Recorder
from tests.support.suite import Signer, served, signer, write_archive

Resolver = Literal["apt", "own"]

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg to sign")

PAST = "Sat, 08 Jan 2022 00:00:00 UTC"
DEBS = (
    Deb("base", arch="amd64", fields={"Essential": "yes", "Priority": "required"}),
    Deb("tool", "1", "amd64", files={"usr/bin/tool": b"of the release\n"}),
)
MENDED = (Deb("tool", "1+deb10u1", "amd64", files={"usr/bin/tool": b"with the fix\n"}),)


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


@pytest.fixture(params=["apt", "own"])
def resolver(request: pytest.FixtureRequest) -> Resolver:
    if request.param == "apt" and not shutil.which("apt-get"):
        pytest.skip("needs apt-get")
    return cast("Resolver", request.param)


@pytest.fixture(autouse=True)
def _keys_of_the_host(tmp_path: Path, key: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive's key is among Debian's on this machine, which has no sources of its own."""
    keyrings = tmp_path / "keyrings"
    keyrings.mkdir()
    shutil.copyfile(key.keyring, keyrings / "debian-archive-removed-keys.gpg")
    host = Host(etc=tmp_path / "etc", keyrings=keyrings, debootstrap=tmp_path / "none")
    monkeypatch.setattr(suite, "Host", lambda: host)


def laid_out(root: Path, key: Signer) -> Path:
    """The archive of the release and of its security updates, as mirrors have them."""
    mended, changes = root / "debian-security", "buster/updates"
    write_archive(root / "debian", DEBS, signer=key, suite="buster", Valid_Until=PAST)
    write_archive(mended, MENDED, signer=key, suite=changes, Valid_Until=PAST)
    return root / "debian"


def built(place: Path, resolver: Resolver) -> str:
    """What the bundle of a runtime that is Debian 10 has of the tool, whatever resolver is set."""
    project = place / "project"
    project.mkdir()
    (project / "apt.txt").write_text("tool\n")
    (project / "fctui.toml").write_text(f'[apt]\nresolver = "{resolver}"\n')
    workflow = Workflow.open(
        project, target="fc-python3.10", reporter=Recorder(), store=Store(place / "store")
    )
    assert workflow.target.suite == Suite("buster", "10", archived=True)
    bundle = asyncio.run(workflow.build(project / "out")).bundle
    return (bundle / "usr/bin/tool").read_text()


@pytest.mark.parametrize("scheme", ["http", "file", "path"])
def test_a_build_from_a_mirror_of_old_suites(
    tmp_path: Path, key: Signer, resolver: Resolver, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past its date as it is; the newest that its security archive had. What the variable for the
    other suites says does not count.
    """
    monkeypatch.setenv("FCTUI_APT_MIRROR", (tmp_path / "nowhere").as_uri())
    root = laid_out(tmp_path / "mirror", key)
    if scheme == "http":
        with served(root.parent) as uri:
            monkeypatch.setenv("FCTUI_APT_ARCHIVE", f"{uri}/debian")
            assert built(tmp_path, resolver) == "with the fix\n"
        return
    monkeypatch.setenv("FCTUI_APT_ARCHIVE", root.as_uri() if scheme == "file" else str(root))
    assert built(tmp_path, resolver) == "with the fix\n"


def test_another_key_signs_no_old_suite_either(
    tmp_path: Path, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signer() as stranger:
        root = laid_out(tmp_path / "mirror", stranger)
    monkeypatch.setenv("FCTUI_APT_ARCHIVE", root.as_uri())
    with pytest.raises(TaskError, match="verified"):
        built(tmp_path, resolver)


def test_a_deb_that_was_changed_is_refused(
    tmp_path: Path, key: Signer, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = laid_out(tmp_path / "mirror", key)
    deb = next((root.parent / "debian-security/pool").iterdir())
    deb.write_bytes(deb.read_bytes()[:-1] + b"x")
    monkeypatch.setenv("FCTUI_APT_ARCHIVE", root.as_uri())
    with pytest.raises(TaskError, match="wrong sha256"):
        built(tmp_path, resolver)


def test_a_key_that_has_expired_since_has_signed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolver: Resolver
) -> None:
    with signer(made="20220101T000000") as old:
        root = laid_out(tmp_path / "mirror", old)
        shutil.copyfile(old.keyring, tmp_path / "keyrings/debian-archive-keyring.gpg")
    monkeypatch.setenv("FCTUI_APT_ARCHIVE", root.as_uri())
    assert built(tmp_path, resolver) == "with the fix\n"
