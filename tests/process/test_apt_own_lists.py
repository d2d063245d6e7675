"""Lists without apt: what is signed, what is out of date, what lies there under its hash."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.apt.manager import Apt
from fctui.managers.apt.own.signature import signed_text
from fctui.model.errors import MissingToolError, ResolutionError, TaskError, UsageError
from fctui.model.package import Resolution
from fctui.project.settings import AptSettings
from tests.support.apt_project import apt_context
from tests.support.debs import Deb
from tests.support.suite import Signer, served, signer, sources, write_archive

pytestmark = pytest.mark.skipif(not shutil.which("gpg"), reason="needs gpg to sign")

DEBS = (Deb("base", arch="amd64", fields={"Essential": "yes"}), Deb("tool", arch="amd64"))
PAST = "Sat, 08 Jan 2022 00:00:00 UTC"


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


def resolved(place: Path, text: str, packages: str = "tool\n") -> Resolution:
    (place / "test.sources").write_text(text)
    settings = AptSettings(sources=(str(place / "test.sources"),), resolver="own")
    return asyncio.run(Apt().resolve(apt_context(place / "p", packages, apt=settings)))


def test_a_release_that_is_past_its_date_is_refused(tmp_path: Path, key: Signer) -> None:
    write_archive(tmp_path / "a", DEBS, signer=key, Valid_Until=PAST)
    with pytest.raises(TaskError, match="was valid until 2022-01-08") as caught:
        resolved(tmp_path, sources((tmp_path / "a").as_uri(), key.keyring))
    assert "Check-Valid-Until: no" in caught.value.hint


def test_an_archived_suite_may_be_past_its_date_and_no_more(tmp_path: Path, key: Signer) -> None:
    write_archive(tmp_path / "a", DEBS, signer=key, Valid_Until=PAST)
    text = sources((tmp_path / "a").as_uri(), key.keyring).strip() + "\nCheck-Valid-Until: no\n"
    assert set(resolved(tmp_path, text).packages) == {"tool"}
    with signer() as other:
        write_archive(tmp_path / "b", DEBS, signer=other, Valid_Until=PAST)
    text = sources((tmp_path / "b").as_uri(), key.keyring).strip() + "\nCheck-Valid-Until: no\n"
    with pytest.raises(TaskError, match="not signed by a key that is trusted"):
        resolved(tmp_path, text)


def test_lists_are_taken_by_their_hash(tmp_path: Path, key: Signer) -> None:
    """A mirror in the middle of an update has another file under the name already."""
    root = tmp_path / "a"
    write_archive(root, DEBS, signer=key, Acquire_By_Hash="yes")
    for name in ("Packages", "Packages.xz"):
        (root / "dists/bookworm/main/binary-amd64" / name).write_bytes(b"of the next update")
    with served(root) as uri:
        assert set(resolved(tmp_path, sources(uri, key.keyring)).packages) == {"tool"}


def test_what_is_not_automatic_is_taken_when_it_is_named_only(tmp_path: Path, key: Signer) -> None:
    newer = (*DEBS, Deb("tool", "9", "amd64"))
    write_archive(tmp_path / "a", DEBS, signer=key)
    write_archive(tmp_path / "b", newer, signer=key, NotAutomatic="yes")
    two = "\n".join(sources((tmp_path / name).as_uri(), key.keyring) for name in ("a", "b"))
    assert resolved(tmp_path, two).packages["tool"].version == "1.0"
    assert resolved(tmp_path, two, "tool=9\n").packages["tool"].version == "9"


def test_a_source_without_a_key_is_refused(tmp_path: Path, key: Signer) -> None:
    write_archive(tmp_path / "a", DEBS, signer=key)
    text = sources((tmp_path / "a").as_uri())
    with pytest.raises((UsageError, TaskError), match=r"names no key|not signed by a key"):
        resolved(tmp_path, text)


def test_why_there_is_no_set_is_told_to_the_bottom(tmp_path: Path, key: Signer) -> None:
    debs = (
        *DEBS,
        Deb("top", arch="amd64", fields={"Depends": "middle"}),
        Deb("middle", arch="amd64", fields={"Depends": "bottom (>= 3)"}),
        Deb("bottom", "2", "amd64"),
    )
    write_archive(tmp_path / "a", debs, signer=key)
    with pytest.raises(ResolutionError) as caught:
        resolved(tmp_path, sources((tmp_path / "a").as_uri(), key.keyring), "top\n")
    assert "middle: it needs bottom (>= 3), which cannot be had" in caught.value.message


@pytest.mark.parametrize("tool", ["gpgv", "sequoia"])
def test_only_what_is_signed_is_read(
    tmp_path: Path, key: Signer, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = key.clear_sign(b"Suite: x\nSHA256:\n")
    if tool == "sequoia":
        pytest.importorskip("pysequoia")
        monkeypatch.setenv("PATH", str(tmp_path))
    elif not shutil.which("gpgv"):
        pytest.skip("needs gpgv")
    ask = [key.keyring]
    assert asyncio.run(signed_text(signed, ask, "x")).strip() == b"Suite: x\nSHA256:"
    around = b"Suite: before\n\n" + signed + b"\nSuite: behind\n"
    try:
        text = asyncio.run(signed_text(around, ask, "x"))
    except TaskError:
        text = b""
    assert b"before" not in text
    assert b"behind" not in text
    with pytest.raises(TaskError, match="not signed"):
        asyncio.run(signed_text(signed.replace(b"Suite: x", b"Suite: y"), ask, "x"))
    with pytest.raises(TaskError, match="not signed"):
        asyncio.run(signed_text(b"Suite: x\n", ask, "x"))


def test_an_armored_keyring_serves(tmp_path: Path, key: Signer) -> None:
    if not shutil.which("gpgv"):
        pytest.skip("needs gpgv")
    armored = tmp_path / "key.asc"
    armored.write_bytes(key.exported(armored=True))
    text = asyncio.run(signed_text(key.clear_sign(b"Suite: x\n"), [armored], "x"))
    assert text.strip() == b"Suite: x"


def test_without_any_verifier_nothing_is_believed(
    tmp_path: Path, key: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = key.clear_sign(b"Suite: x\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pysequoia", None)
    with pytest.raises(MissingToolError, match="Nothing on this machine can verify") as caught:
        asyncio.run(signed_text(signed, [key.keyring], "x"))
    assert "fctui[openpgp]" in caught.value.hint
