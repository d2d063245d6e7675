"""Each manager's service on the loopback: what it tells, keeps to itself, and may not do to us."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.apt.advisories import Fix
from fctui.managers.apt.advisories import judged as judged_debs
from fctui.managers.maven.manager import Maven
from fctui.managers.npm.advisories import fixed_by
from fctui.managers.npm.manager import Npm
from fctui.managers.pip.advisories import json_base
from fctui.managers.pip.manager import Pip
from fctui.model.advisory import Severity
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.store.store import Store
from tests.support import index as indexes
from tests.support import registry as registries
from tests.support.npm_project import npm_context
from tests.support.pip_project import make_context


def package(manager: str, id_: str, version: str, digest: str = "sha256:00") -> Package:
    return Package(
        manager=manager,
        id=id_,
        name=id_.rpartition("node_modules/")[2],
        version=version,
        artifact=Artifact("a", "https://example.invalid/a", None, digest) if digest else None,
    )


def resolution(*packages: Package) -> Resolution:
    return Resolution(
        manager=packages[0].manager,
        target="made",
        roots=(Root(packages[0].id, packages[0].id),),
        packages={each.id: each for each in packages},
    )


def known(id_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "aliases": [], "summary": None, "details": "", "fixed_in": [], **more}


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[indexes.Index]:
    with indexes.serving() as index:
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", index.simple)
        monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
        yield index


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://example.invalid/simple", "https://example.invalid/pypi"),
        ("https://example.invalid/a/b/simple/", "https://example.invalid/a/b/pypi"),
        ("https://example.invalid/root/dev/+simple/", ""),
        ("file:///srv/simple", ""),
    ],
)
def test_where_an_index_has_its_json(url: str, base: str) -> None:
    assert json_base(url) == base


async def test_what_an_index_knows_of_a_version(index: indexes.Index, tmp_path: Path) -> None:
    index.pages["one/1.0"] = {
        "info": {"version": "1.0"},
        "vulnerabilities": [
            known(
                "PYSEC-2024-1",
                aliases=["CVE-2024-1"],
                details="# Bad\x1b[31m thing\nhappens.\n\nMore of it.",
                fixed_in=["1.1", "2.0"],
                link="https://example.invalid/PYSEC-2024-1",
            ),
            known("PYSEC-2024-2", withdrawn="2024-05-01T00:00:00Z"),
        ],
    }
    index.pages["two/2.0"] = {"info": {"version": "2.0"}, "vulnerabilities": []}
    asked = resolution(package("pip", "one", "1.0"), package("pip", "two", "2.0"))
    told = await Pip().advisories(make_context(tmp_path, tmp_path / "store"), asked)
    (only,) = told.advisories
    assert (only.package, only.version, only.id) == ("one", "1.0", "PYSEC-2024-1")
    assert only.aliases == ("CVE-2024-1",)
    assert only.severity is Severity.UNKNOWN
    assert only.summary == "Bad thing happens."
    assert only.fixed == ("1.1", "2.0")
    assert told.untold == ()


async def test_an_index_without_pages_by_version_answers_for_the_newest(
    index: indexes.Index, tmp_path: Path
) -> None:
    page = {"info": {"version": "2.0"}, "vulnerabilities": [known("X-1")]}
    index.pages["one"] = page
    index.pages["two"] = page
    asked = resolution(package("pip", "one", "1.0"), package("pip", "two", "2.0"))
    told = await Pip().advisories(make_context(tmp_path, tmp_path / "store"), asked)
    assert [advisory.package for advisory in told.advisories] == ["two"]
    assert [untold.packages for untold in told.untold] == [("one",)]


@pytest.mark.parametrize(
    "page", [{"info": {}}, {"vulnerabilities": [3]}, {"vulnerabilities": None}]
)
async def test_an_index_that_tells_nothing_is_no_all_clear(
    index: indexes.Index, tmp_path: Path, page: dict[str, Any]
) -> None:
    index.pages["one/1.0"] = page
    told = await Pip().advisories(
        make_context(tmp_path, tmp_path / "store"), resolution(package("pip", "one", "1.0"))
    )
    assert told.advisories == ()
    assert [untold.packages for untold in told.untold] == [("one",)]


async def test_what_is_not_from_an_index_is_not_asked_about(
    index: indexes.Index, tmp_path: Path
) -> None:
    told = await Pip().advisories(
        make_context(tmp_path, tmp_path / "store"), resolution(package("pip", "own", "1", ""))
    )
    assert index.requests == []
    assert [untold.packages for untold in told.untold] == [("own",)]


async def test_an_answer_is_kept_and_offline_it_is_all_there_is(
    index: indexes.Index, tmp_path: Path
) -> None:
    index.pages["one/1.0"] = {"info": {}, "vulnerabilities": [known("X-1")]}
    one, two = package("pip", "one", "1.0"), package("pip", "two", "1.0")
    context = make_context(tmp_path, tmp_path / "store")
    await Pip().advisories(context, resolution(one))
    count = len(index.requests)
    await Pip().advisories(context, resolution(one))
    assert len(index.requests) == count
    offline = make_context(tmp_path, tmp_path / "store", offline=True)
    told = await Pip().advisories(offline, resolution(one, two))
    assert [advisory.id for advisory in told.advisories] == ["X-1"]
    assert [untold.packages for untold in told.untold] == [("two",)]
    assert len(index.requests) == count


async def test_an_index_that_is_not_there_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(TaskError, match="cannot be asked"):
        await Pip().advisories(
            make_context(tmp_path, tmp_path / "store"), resolution(package("pip", "one", "1.0"))
        )


async def test_stopped_it_waits_for_no_answer(index: indexes.Index, tmp_path: Path) -> None:
    index.delay = 5
    asking = asyncio.ensure_future(
        Pip().advisories(
            make_context(tmp_path, tmp_path / "store"), resolution(package("pip", "one", "1.0"))
        )
    )
    await asyncio.sleep(0.5)
    asking.cancel()
    begun = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert time.monotonic() - begun < 4


async def test_an_index_out_of_order_is_an_error(index: indexes.Index, tmp_path: Path) -> None:
    index.broken = True
    with pytest.raises(TaskError, match="503"):
        await Pip().advisories(
            make_context(tmp_path, tmp_path / "store"), resolution(package("pip", "one", "1.0"))
        )


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[registries.Registry]:
    monkeypatch.setenv("HOME", str(tmp_path))
    with registries.serving() as registry:
        monkeypatch.setenv("npm_config_registry", registry.url)
        yield registry


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.workspace.close()


def advisory(vulnerable: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 1065,
        "title": "Prototype Pollution",
        "severity": "critical",
        "url": "https://example.invalid/advisories/GHSA-jf85-cpcp-j695",
        "vulnerable_versions": vulnerable,
        **more,
    }


async def test_a_registry_is_asked_once_for_all(
    registry: registries.Registry, tmp_path: Path, store: Store
) -> None:
    registry.advisories = {"a": [advisory("<1.5.0")], "@s/b": [advisory(">=9")]}
    asked = resolution(
        package("npm", "node_modules/a", "1.0.0"),
        package("npm", "node_modules/@s/b/node_modules/a", "1.5.0"),
        package("npm", "node_modules/@s/b", "1.0.0"),
    )
    told = await Npm().advisories(npm_context(tmp_path, store), asked)
    assert registry.asked == [{"@s/b": ["1.0.0"], "a": ["1.0.0", "1.5.0"]}]
    (only,) = told.advisories
    assert (only.package, only.id) == ("node_modules/a", "GHSA-jf85-cpcp-j695")
    assert only.severity is Severity.CRITICAL
    assert only.fixed == ("1.5.0",)
    assert only.aliases == ("1065",)


async def test_a_scope_with_a_registry_of_its_own_is_not_told_to_the_other(
    registry: registries.Registry, tmp_path: Path, store: Store
) -> None:
    registry.advisories = {}
    with registries.serving() as private:
        private.token = "t"
        private.advisories = {"@own/x": [advisory("*", severity="made up")]}
        host = private.url.removeprefix("http:")
        (tmp_path / ".npmrc").write_text(
            f"@own:registry={private.url}\n{host}:_authToken=t\n", encoding="utf-8"
        )
        asked = resolution(
            package("npm", "node_modules/a", "1.0.0"),
            package("npm", "node_modules/@own/x", "1.0.0"),
        )
        told = await Npm().advisories(npm_context(tmp_path, store), asked)
        assert private.asked == [{"@own/x": ["1.0.0"]}]
    assert registry.asked == [{"a": ["1.0.0"]}]
    (only,) = told.advisories
    assert only.severity is Severity.UNKNOWN
    assert only.fixed == ()


async def test_a_registry_without_the_endpoint_is_no_all_clear(
    registry: registries.Registry, tmp_path: Path, store: Store
) -> None:
    asked = resolution(package("npm", "node_modules/a", "1.0.0"))
    told = await Npm().advisories(npm_context(tmp_path, store), asked)
    assert [untold.packages for untold in told.untold] == [("node_modules/a",)]
    assert "405" in told.untold[0].reason


async def test_a_registry_that_refuses_is_an_error(
    registry: registries.Registry, tmp_path: Path, store: Store
) -> None:
    registry.token = "wanted"
    registry.advisories = {}
    with pytest.raises(TaskError, match="401"):
        await Npm().advisories(
            npm_context(tmp_path, store), resolution(package("npm", "node_modules/a", "1.0.0"))
        )


@pytest.mark.parametrize(
    ("version", "vulnerable", "fixed"),
    [
        ("1.0.0", "<1.5.0", ("1.5.0",)),
        ("4.1.0", "<=4.0.13 || >=4.1.0 <4.1.2", ("4.1.2",)),
        ("4.0.1", "<=4.0.13 || >=4.1.0 <4.1.2", ("> 4.0.13",)),
        ("1.0.0", "*", ()),
        ("1.0.0", ">=1.0.0", ()),
        ("1.0.0", "", ()),
    ],
)
def test_the_end_of_a_vulnerable_range(version: str, vulnerable: str, fixed: tuple[str]) -> None:
    assert fixed_by(version, vulnerable) == fixed


def test_a_deb_older_than_the_security_archive_has_it() -> None:
    fix = Fix("3.0.17-1~deb12u2", "bookworm-security", "openssl")
    fixes = {("libssl3", ""): fix, ("libssl3", "i386"): fix}
    told = judged_debs(
        [
            package("apt", "libssl3", "3.0.9-1"),
            package("apt", "libssl-doc", "3.0.9-1"),
        ],
        fixes,
    )
    (only,) = told
    assert (only.package, only.fixed) == ("libssl3", ("3.0.17-1~deb12u2",))
    assert only.id == "bookworm-security/openssl/3.0.17-1~deb12u2"
    assert not list(judged_debs([package("apt", "libssl3", "3.0.17-1~deb12u2")], fixes))


async def test_maven_says_that_nobody_tells(tmp_path: Path) -> None:
    told = await Maven().advisories(
        make_context(tmp_path, tmp_path / "store"), resolution(package("maven", "g:a", "1"))
    )
    assert [untold.packages for untold in told.untold] == [("g:a",)]
