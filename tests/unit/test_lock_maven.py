"""Maven's artifacts in fctui.lock: taken from there without mvn, from whatever mirror there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fctui.managers.interface import Context
from fctui.managers.maven.manager import Maven
from fctui.managers.maven.newest import stable_newest
from fctui.model.errors import TaskError
from fctui.model.lock import Pinned
from fctui.model.package import Package, Resolution
from fctui.store.store import Store
from tests.support.maven_project import dependency, maven_context, pom_text
from tests.support.maven_repository import FakeMaven, MavenRepository, node, serving

CLASSIC, API = "ch.qos.logback:logback-classic", "org.slf4j:slf4j-api"
TREE = [node(f"{CLASSIC}:1.5.11", "compile", node(f"{API}:2.0.15"))]
POM = pom_text(dependency(f"{CLASSIC}:1.5.11"))


@pytest.fixture
def repository() -> Iterator[MavenRepository]:
    with serving() as served:
        served.add(f"{CLASSIC}:1.5.11")
        served.add(f"{API}:2.0.15")
        yield served


@pytest.fixture
def maven(
    repository: MavenRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeMaven:
    made = FakeMaven(tmp_path / "maven", monkeypatch)
    made.answers(repository.url, TREE)
    return made


@pytest.fixture
def context(maven: FakeMaven, tmp_path: Path) -> Context:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pom.xml").write_text(POM)
    return maven_context(root, Store(tmp_path / "store"))


def without_licences(resolution: Resolution) -> dict[str, Package]:
    """What decides about a bundle."""
    return {
        id_: msgspec.structs.replace(package, summary="", licenses=())
        for id_, package in resolution.packages.items()
    }


async def pinned(context: Context) -> tuple[Resolution, Pinned]:
    made = await Maven().resolve(context)
    pins = await Maven().pin([(context, made)])
    pin = pins.by_target["test"]
    return made, msgspec.convert(msgspec.to_builtins(pin), Pinned)


async def test_it_comes_back_without_mvn(context: Context, maven: FakeMaven) -> None:
    made, pin = await pinned(context)
    frozen = replace(context, frozen=True, memory={})
    maven.fails("it was asked")
    found = await Maven().pinned(frozen, pin)
    assert without_licences(found) == without_licences(made)
    assert found.roots == made.roots
    assert found.findings == made.findings
    assert len(maven.asked) == 1
    listing = await Maven().fetch(frozen, found)
    assert listing.contents.keys() == made.packages.keys()


async def test_the_path_in_a_repository_is_kept_and_a_mirror_is_asked(
    context: Context, maven: FakeMaven, repository: MavenRepository, tmp_path: Path
) -> None:
    _, pin = await pinned(context)
    assert [(each.id, each.url) for each in pin.sources] == [("central", repository.url)]
    assert pin.packages[0].path.startswith("ch/qos/logback/logback-classic/1.5.11/")
    with serving() as mirror:
        mirror.files = dict(repository.files)
        settings = maven.home / ".m2" / "settings.xml"
        settings.write_text(
            "<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf>"
            f"<url>{mirror.url}</url></mirror></mirrors></settings>"
        )
        other = replace(context, store=Store(tmp_path / "other"), frozen=True, memory={})
        found = await Maven().pinned(other, pin)
        artifact = found.packages[API].artifact
        assert artifact is not None
        assert artifact.url.startswith(mirror.url)
        assert (await Maven().fetch(other, found)).contents.keys() == found.packages.keys()


async def test_another_jar_under_that_name_is_refused(
    context: Context, repository: MavenRepository, tmp_path: Path
) -> None:
    _, pin = await pinned(context)
    repository.add(f"{API}:2.0.15", b"PK\x05\x06" + bytes(18))
    other = replace(context, store=Store(tmp_path / "other"), frozen=True, memory={})
    found = await Maven().pinned(other, pin)
    with pytest.raises(TaskError):
        await Maven().fetch(other, found)


def test_statements_leave_out_what_decides_nothing(context: Context) -> None:
    pom = context.project.root / "pom.xml"
    before = set(Maven().statements(context))
    told = POM.replace("<dependencies>", "<!-- why -->\n<name>told</name><dependencies>", 1)
    assert told != POM
    pom.write_text(told.replace("</project>", "<build><finalName>x</finalName></build></project>"))
    assert set(Maven().statements(context)) == before
    pom.write_text(POM.replace("1.5.11", "1.5.12"))
    assert set(Maven().statements(context)) != before


def test_a_parent_in_the_project_counts(context: Context) -> None:
    root = context.project.root
    parent = (
        "<parent><groupId>p</groupId><artifactId>above</artifactId><version>1</version>"
        "<relativePath>parent</relativePath></parent>"
    )
    (root / "parent").mkdir()
    above = root / "parent" / "pom.xml"
    above.write_text(pom_text("").replace("<dependencies></dependencies>", ""))
    text = above.read_text()
    artifact = text[text.index("<artifactId>") : text.index("</artifactId>")]
    above.write_text(text.replace(artifact, "<artifactId>above", 1))
    (root / "pom.xml").write_text(POM.replace("<dependencies>", f"{parent}<dependencies>", 1))
    sources = {statement.source for statement in Maven().statements(context)}
    assert sources == {"pom.xml", "parent/pom.xml"}


def test_the_newest_is_no_early_one() -> None:
    listed = [
        "1.9",
        "1.10",
        "1.2",
        "2.0-rc1",
        "2.0.0-M3",
        "2.1.0-alpha1",
        "1.11-SNAPSHOT",
        "20041127.091804",
    ]
    assert stable_newest(listed) == "1.10"
    assert stable_newest(["33.0-jre", "33.4.8-jre", "33.4.8-android"]) == "33.4.8-jre"
    assert stable_newest(["1.0-rc1"]) == "1.0-rc1"
    assert stable_newest([]) == ""
