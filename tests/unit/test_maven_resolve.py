"""Resolving Maven artifacts: from what mvn writes to packages, their addresses, and the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.managers.maven.jar import facts_of
from fctui.managers.maven.manager import Maven
from fctui.model.errors import MissingToolError, ResolutionError, TaskError, UsageError
from fctui.model.plan import StoreFile
from fctui.store.store import Store
from tests.support.maven_project import dependency, maven_context, pom_text
from tests.support.maven_repository import (
    JAVA_17,
    FakeMaven,
    MavenRepository,
    class_file,
    make_jar,
    node,
    serving,
)

CLASSIC, CORE = "ch.qos.logback:logback-classic", "ch.qos.logback:logback-core"
TO_SLF4J, LOG4J = "org.apache.logging.log4j:log4j-to-slf4j", "org.apache.logging.log4j:log4j-api"
JUL, SLF4J = "org.slf4j:jul-to-slf4j", "org.slf4j:slf4j-api"

# What mvn 3.8.7 with dependency:3.8.1 wrote for these four, log4j-api in scope test.
PLAIN = [
    node(
        f"{CLASSIC}:1.5.11",
        "compile",
        node(f"{CORE}:1.5.10"),
        node(f"{SLF4J}:2.0.15"),
    ),
    node(f"{TO_SLF4J}:2.23.1"),
    node(f"{LOG4J}:2.23.1", "test"),
    node(f"{JUL}:2.0.16", "runtime"),
]
VERBOSE = [
    PLAIN[0],
    node(f"{TO_SLF4J}:2.23.1", "compile", node(f"{LOG4J}:2.23.1"), node(f"{SLF4J}:2.0.9")),
    PLAIN[2],
    node(f"{JUL}:2.0.16", "runtime", node(f"{SLF4J}:2.0.16", "runtime")),
]
MANAGED = (
    "<dependency><groupId>ch.qos.logback</groupId><artifactId>logback-core</artifactId>"
    "<version>1.5.10</version></dependency>"
)
LIBRARY = Path("/bin/true").read_bytes()
POM = pom_text(
    dependency(f"{CLASSIC}:1.5.11")
    + dependency(f"{TO_SLF4J}:2.23.1")
    + dependency(f"{LOG4J}:2.23.1", "test")
    + dependency(f"{JUL}:2.0.16", "runtime")
)


@pytest.fixture
def repository() -> Iterator[MavenRepository]:
    with serving() as served:
        for each in (f"{CLASSIC}:1.5.11", f"{CORE}:1.5.10", f"{SLF4J}:2.0.15"):
            served.add(each)
        served.add(f"{TO_SLF4J}:2.23.1")
        served.add(f"{JUL}:2.0.16")
        yield served


@pytest.fixture
def maven(
    repository: MavenRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeMaven:
    made = FakeMaven(tmp_path / "maven", monkeypatch)
    made.answers(repository.url, PLAIN, VERBOSE, managed=MANAGED)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pom.xml").write_text(POM)
    return root


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


async def test_packages_edges_and_what_lost(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    found = await Maven().resolve(maven_context(project, store))
    assert {i: p.requires for i, p in found.packages.items()} == {
        CLASSIC: (CORE, SLF4J),
        CORE: (),
        SLF4J: (),
        TO_SLF4J: (SLF4J,),
        JUL: (SLF4J,),
    }
    assert [(root.id, root.line) for root in found.roots] == [
        (CLASSIC, 9),
        (TO_SLF4J, 10),
        (JUL, 12),
    ]
    note = found.packages[SLF4J].note
    assert note == (
        "scope compile; group org.slf4j; the version nearest to the project wins; "
        "2.0.9 omitted, which log4j-to-slf4j asked for; "
        "2.0.16 omitted, which jul-to-slf4j asked for; needs Java 8"
    )
    assert "set by dependency management" in found.packages[CORE].note
    assert found.packages[JUL].note == "scope runtime; group org.slf4j; needs Java 8"
    assert found.packages[JUL].name == "jul-to-slf4j"
    artifact = found.packages[CLASSIC].artifact
    assert artifact is not None
    assert artifact.filename == "logback-classic-1.5.11.jar"
    assert artifact.url.startswith(repository.url)
    assert artifact.size == found.packages[CLASSIC].installed_size


async def test_needed_at_run_time_but_declared_for_tests(
    maven: FakeMaven, project: Path, store: Store
) -> None:
    (finding,) = (await Maven().resolve(maven_context(project, store))).findings
    assert finding.subject == LOG4J
    assert finding.needed_by == (TO_SLF4J,)
    assert "its scope is test" in finding.message


async def test_remembered_until_what_decides_changes(
    maven: FakeMaven, project: Path, store: Store
) -> None:
    first = await Maven().resolve(maven_context(project, store))
    assert await Maven().resolve(maven_context(project, store)) == first
    assert len(maven.asked) == 1
    await Maven().resolve(maven_context(project, store, java="11"))
    assert "-Djava.version=11.0.0" in maven.asked[-1]
    (project / "pom.xml").write_text(POM.replace("1.0<", "1.1<"))
    await Maven().resolve(maven_context(project, store))
    (maven.home / ".m2" / "settings.xml").write_text("<settings/>")
    await Maven().resolve(maven_context(project, store))
    await Maven().resolve(maven_context(project, store, refresh=True))
    assert len(maven.asked) == 5


async def test_versions_that_move_are_asked_again_after_a_day(
    maven: FakeMaven, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pom.xml").write_text(POM.replace("<version>2.23.1<", "<version>[2.0,3)<"))
    await Maven().resolve(maven_context(project, store))
    await Maven().resolve(maven_context(project, store))
    assert len(maven.asked) == 1
    monkeypatch.setattr("fctui.managers.maven.resolve.DAY", -1.0)
    await Maven().resolve(maven_context(project, store, offline=True))
    assert len(maven.asked) == 1
    await Maven().resolve(maven_context(project, store))
    assert len(maven.asked) == 2


async def test_fetched_and_laid_out(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    before = len(repository.requests)
    listing = await manager.contents(context, resolution)
    assert len(repository.requests) == before  # what is inside was seen while resolving
    planned = manager.layout(context, resolution, listing, "target").files
    fetched = await manager.fetch(context, resolution)
    assert manager.layout(context, resolution, fetched, "target").files == planned
    assert sorted(file.path for file in planned) == [
        "lib/jul-to-slf4j-2.0.16.jar",
        "lib/log4j-to-slf4j-2.23.1.jar",
        "lib/logback-classic-1.5.11.jar",
        "lib/logback-core-1.5.10.jar",
        "lib/slf4j-api-2.0.15.jar",
    ]
    for file in planned:
        assert isinstance(file.source, StoreFile)
        data = (store.tree(file.source.digest) / file.source.path).read_bytes()
        assert data in repository.files.values()
        assert file.owner in resolution.packages


async def test_a_jar_that_is_not_what_the_checksum_says(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    path = next(path for path in repository.files if path.endswith("slf4j-api-2.0.15.jar"))
    data = bytearray(repository.files[path])
    data[60] ^= 1
    repository.files[path] = bytes(data)
    with pytest.raises(TaskError, match="slf4j-api"):
        await manager.fetch(context, resolution)


async def test_from_the_local_repository_and_offline(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    for path, data in repository.files.items():
        if path.endswith(".jar"):
            kept = maven.home / ".m2" / "repository" / path.lstrip("/")
            kept.parent.mkdir(parents=True)
            kept.write_bytes(data)
    manager, context = Maven(), maven_context(project, store, offline=True)
    resolution = await manager.resolve(context)
    assert "--offline" in maven.asked[0]
    listing = await manager.contents(context, resolution)
    assert listing.contents.keys() == resolution.packages.keys()
    assert {c.size for c in (await manager.fetch(context, resolution)).contents.values()}
    assert repository.requests == []


async def test_offline_without_the_jars(maven: FakeMaven, project: Path, store: Store) -> None:
    manager, context = Maven(), maven_context(project, store, offline=True)
    resolution = await manager.resolve(context)
    listing = await manager.contents(context, resolution)
    assert listing.unknown.keys() == resolution.packages.keys()
    with pytest.raises(TaskError, match="works offline"):
        await manager.fetch(context, resolution)
    # It is not remembered: with the network there is more to know.
    online = maven_context(project, store)
    known = await manager.resolve(online)
    assert all(p.artifact and p.artifact.size for p in known.packages.values())


async def test_no_checksum_published(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    for path in [path for path in repository.files if path.endswith(".sha1")]:
        del repository.files[path]
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    listing = await manager.contents(context, resolution)
    assert {contents.digest.partition(":")[0] for contents in listing.contents.values()} == {
        "sha256"
    }
    assert await manager.contents(context, resolution) == listing


async def test_nowhere_to_be_found(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    for path in [path for path in repository.files if "slf4j-api" in path]:
        del repository.files[path]
    with pytest.raises(ResolutionError, match=r"No repository has org.slf4j:slf4j-api:2.0.15"):
        await Maven().resolve(maven_context(project, store))


async def test_credentials_and_mirrors(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    repository.login = "Basic bWU6c2VjcmV0"  # me:secret
    mirror = f"<mirrors><mirror><id>ours</id><mirrorOf>*</mirrorOf><url>{repository.url}</url>"
    maven.answers(
        "https://example.invalid/maven", PLAIN, VERBOSE, mirrors=f"{mirror}</mirror></mirrors>"
    )
    context = maven_context(project, store)
    with pytest.raises(TaskError, match="refuses access"):
        await Maven().resolve(context)
    (maven.home / ".m2" / "settings.xml").write_text(
        "<settings><servers><server><id>ours</id><username>me</username>"
        "<password>${env.THE_PASSWORD}</password></server></servers></settings>"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THE_PASSWORD", "secret")
        resolution = await Maven().resolve(context)
        await Maven().fetch(context, resolution)
    kept = b"".join(p.read_bytes() for p in (store.root / "answers").rglob("*") if p.is_file())
    assert b"secret" not in kept
    assert b"bWU6" not in kept


async def test_mvn_downloads_where_only_it_can(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    """A password that only Maven can decrypt: its own download ends in the local repository."""
    repository.login = "Basic something else"
    for path, data in repository.files.items():
        if path.endswith(".jar"):
            kept = maven.place / "delivers" / path.lstrip("/")
            kept.parent.mkdir(parents=True)
            kept.write_bytes(data)
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    assert [":resolve@jars" in line for line in maven.asked] == [False, True]
    for package in resolution.packages.values():
        assert package.artifact is not None
        assert package.artifact.url.startswith("file:///")
    listing = await manager.fetch(context, resolution)
    assert listing.contents.keys() == resolution.packages.keys()
    assert await Maven().resolve(maven_context(project, store)) == resolution
    assert len(maven.asked) == 2


async def test_an_artifact_of_ones_own_is_taken_anew_when_it_was_installed_again(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    maven.answers(repository.url, [node("own:shared:1-SNAPSHOT")])
    place = maven.home / ".m2" / "repository" / "own" / "shared" / "1-SNAPSHOT"
    place.mkdir(parents=True)
    for content in ("one", "two"):
        jar = make_jar({"n/name": content})
        (place / "shared-1-SNAPSHOT.jar").write_bytes(jar)
        manager, context = Maven(), maven_context(project, store)
        for _ in range(2):
            resolution = await manager.resolve(context)
        listing = await manager.fetch(context, resolution)
        (file,) = manager.layout(context, resolution, listing, "target").files
        assert file.path == "lib/shared-1-SNAPSHOT.jar"
        assert isinstance(file.source, StoreFile)
        assert (store.tree(file.source.digest) / file.source.path).read_bytes() == jar
    assert len(maven.asked) == 2


@pytest.mark.parametrize("version", ["../../../etc", "1\x1b[31m/x", ".."])
async def test_a_coordinate_that_leads_elsewhere(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository, version: str
) -> None:
    maven.answers(repository.url, [node(f"a:b:{version}")])
    with pytest.raises(ResolutionError, match="is no place in a repository") as caught:
        await Maven().resolve(maven_context(project, store))
    assert "\x1b" not in caught.value.message
    assert repository.requests == []


@pytest.mark.parametrize(
    "jar",
    [
        b"no zip at all" * 100,
        make_jar()[:-40],
        make_jar({"../../evil.so": LIBRARY}),
        make_jar({"x\x1b[31m.so": LIBRARY}),
    ],
    ids=["no zip", "cut", "climbing", "control"],
)
async def test_damaged_and_hostile_jars(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository, jar: bytes
) -> None:
    repository.add(f"{JUL}:2.0.16", jar)
    manager, context = Maven(), maven_context(project, store)
    with pytest.raises(TaskError) as caught:
        await manager.fetch(context, await manager.resolve(context))
    assert "\x1b" not in caught.value.message
    assert not (store.root.parent / "evil.so").exists()


async def test_nothing_is_declared_or_nothing_stays(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    maven.answers(repository.url, [node("junit:junit:4.12", "test")])
    (project / "pom.xml").write_text(pom_text(dependency("junit:junit:4.12", "test")))
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    assert (resolution.packages, resolution.roots) == ({}, ())
    listing = await manager.fetch(context, resolution)
    assert manager.layout(context, resolution, listing, "target").files == ()


async def test_classes_too_new_for_the_target(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    repository.add(f"{JUL}:2.0.16", make_jar(version=JAVA_17))
    manager, context = Maven(), maven_context(project, store, java="11")
    resolution = await manager.resolve(context)
    for listing in (
        await manager.contents(context, resolution),
        await manager.fetch(context, resolution),
    ):
        (finding,) = manager.layout(context, resolution, listing, "target").findings
        assert finding.subject == JUL
        assert "needs Java 17; Test has Java 11" in finding.message
    bare = maven_context(project, store)
    (finding,) = manager.layout(bare, resolution, listing, "target").findings
    assert "has no Java of its own" in finding.message


async def test_the_largest_package_tells_the_java(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    files = {
        "META-INF/versions/21/b/B.class": class_file(65),
        "module-info.class": class_file(65),
        "b/B.class": class_file(55),
        "b/C.class": class_file(55),
    }
    repository.add(f"{JUL}:2.0.16", make_jar(files, version=JAVA_17))
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    for listing in (
        await manager.contents(context, resolution),
        await manager.fetch(context, resolution),
    ):
        assert facts_of(listing.contents[JUL]).java == 11


async def test_natives_are_listed_and_read_once_fetched(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    others = {"native/x.dll": b"MZ", "broken.so": b"\x7fELF"}
    jar = make_jar({"native/linux/libx.so": LIBRARY, **others})
    repository.add(f"{JUL}:2.0.16", jar)
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    listed = facts_of((await manager.contents(context, resolution)).contents[JUL])
    assert [(n.path, n.size, n.machine) for n in listed.natives] == [
        ("native/linux/libx.so", len(LIBRARY), ""),
        ("native/x.dll", 2, ""),
        ("broken.so", 4, ""),
    ]
    fetched = facts_of((await manager.fetch(context, resolution)).contents[JUL])
    assert [n.machine for n in fetched.natives][1:] == ["other", "other"]
    assert fetched.natives[0].needed == ("libc.so.6",)
    assert fetched.files == listed.files
    digest = hashlib.sha1(jar, usedforsecurity=False).hexdigest()
    assert [p.suffix for p in store.tree(f"sha1:{digest}").iterdir()] == [".jar"]


async def test_two_files_of_one_name(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    repository.add("a.one:core:1.0")
    repository.add("b.two:core:1.0")
    maven.answers(repository.url, [node("a.one:core:1.0"), node("b.two:core:1.0")])
    manager, context = Maven(), maven_context(project, store)
    resolution = await manager.resolve(context)
    listing = await manager.contents(context, resolution)
    files = manager.layout(context, resolution, listing, "target").files
    assert [file.path for file in files] == ["lib/a.one.core-1.0.jar", "lib/b.two.core-1.0.jar"]


async def test_no_mvn(project: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingToolError) as caught:
        await Maven().resolve(maven_context(project, store))
    assert caught.value.exit_code == 3
    assert "install maven" in caught.value.hint


UNREACHABLE = """\
[ERROR] Failed to execute goal
Caused by: org.eclipse.aether.transfer.ArtifactTransferException: Could not transfer it
Caused by: java.net.UnknownHostException: example.invalid: Name not known
"""
WRONG_MODEL = """\
[ERROR] 'dependencies.dependency.version' for a:b:jar is missing. @ line 3, column 4
org.apache.maven.project.ProjectBuildingException: Some problems
"""
NO_VERSION = (
    "Caused by: org.eclipse.aether.resolution.VersionRangeResolutionException: "
    "No versions available for a:b:jar:[9,) within specified range\n"
)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (UNREACHABLE, TaskError, "example.invalid: Name not known"),
        (WRONG_MODEL, UsageError, "is missing. @ line 3"),
        (NO_VERSION, ResolutionError, "No versions available"),
        ("[ERROR] \x1b[31mno such\x1b[0m JAVA_HOME\n", TaskError, "no such JAVA_HOME"),
        ("", TaskError, "it said nothing"),
    ],
)
async def test_failures(
    maven: FakeMaven,
    project: Path,
    store: Store,
    said: str,
    kind: type[Exception],
    words: str,
) -> None:
    maven.fails(said)
    with pytest.raises(kind, match=words) as caught:
        await Maven().resolve(maven_context(project, store))
    assert "\x1b" not in str(caught.value)
    assert not list((store.root / "tmp").glob("*/*"))


async def test_a_list_of_coordinates(
    maven: FakeMaven, project: Path, store: Store, repository: MavenRepository
) -> None:
    (project / "pom.xml").unlink()
    (project / "maven.txt").write_text(f"# logs\n{CLASSIC}:1.5.11  # here\n{JUL}:jar:2.0.16\n")
    maven.answers(repository.url, [PLAIN[0], PLAIN[3]])
    found = await Maven().resolve(maven_context(project, store))
    assert [(r.id, r.requirement, r.source, r.line) for r in found.roots] == [
        (CLASSIC, f"{CLASSIC}:1.5.11", "maven.txt", 2),
        (JUL, f"{JUL}:jar:2.0.16", "maven.txt", 3),
    ]
    assert "<artifactId>logback-classic</artifactId><version>1.5.11</version>" in maven.pom
