"""What fctui plans for Maven is what mvn itself resolves: the tree, what it omits, and the jars."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fctui.managers.maven.jar import facts_of
from fctui.managers.maven.manager import Maven
from fctui.managers.maven.program import DEPENDENCY_PLUGIN, HELP_PLUGIN
from fctui.model.package import Resolution
from fctui.project.xml_nodes import parse_xml
from fctui.store.store import Store
from tests.support.maven_mirror import mirroring
from tests.support.maven_project import dependency, maven_context, pom_text

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("mvn") is None, reason="mvn is the oracle"),
    pytest.mark.xdist_group("maven"),  # they share Maven's local repository
]


def bom(coordinate: str) -> str:
    imported = dependency(coordinate, "import").replace("<version>", "<type>pom</type><version>")
    return f"<dependencyManagement><dependencies>{imported}</dependencies></dependencyManagement>"


def without(*names: str) -> str:
    listed = "".join(
        f"<exclusion><groupId>{g}</groupId><artifactId>{a}</artifactId></exclusion>"
        for g, a in (name.split(":") for name in names)
    )
    return f"<exclusions>{listed}</exclusions>"


SPRING_PARENT = """
  <parent><groupId>org.springframework.boot</groupId>
  <artifactId>spring-boot-starter-parent</artifactId><version>3.3.5</version><relativePath/></parent>
"""

PROJECTS: dict[str, str] = {
    "spring-web": pom_text(
        dependency("org.springframework.boot:spring-boot-starter-web:-")
        + dependency("org.springframework.boot:spring-boot-starter-test:-", "test")
        + dependency("org.projectlombok:lombok:-", "provided"),
        before=SPRING_PARENT,
    ),
    "netty-natives": pom_text(
        dependency("io.netty:netty-transport-native-epoll:jar:linux-x86_64:4.1.114.Final")
        + dependency("io.netty:netty-tcnative-boringssl-static:2.0.66.Final")
        + dependency("io.netty:netty-codec-http2:4.1.100.Final")
    ),
    "function-compute": pom_text(
        dependency("com.aliyun.fc.runtime:fc-java-core:1.4.1")
        + dependency("com.aliyun.fc.runtime:fc-java-common:2.2.2")
        + dependency("javax.servlet:javax.servlet-api:3.1.0", "provided")
    ),
    "oss": pom_text(dependency("com.aliyun.oss:aliyun-sdk-oss:3.17.4")),
    "tablestore": pom_text(
        dependency("com.aliyun.openservices:tablestore:5.17.6")
        + dependency("com.google.protobuf:protobuf-java:3.25.3")
    ),
    "conflicts": pom_text(
        dependency("org.apache.hadoop:hadoop-client:3.3.6")
        + dependency("com.google.guava:guava:19.0")
    ),
    "exclusions": pom_text(
        dependency(
            "org.apache.zookeeper:zookeeper:3.8.4",
            more=without("ch.qos.logback:logback-classic", "io.netty:*"),
        )
        + dependency("org.apache.curator:curator-recipes:5.6.0", more=without("*:guava"))
    ),
    "boms": pom_text(
        dependency("software.amazon.awssdk:s3:-")
        + dependency("com.fasterxml.jackson.core:jackson-databind:2.16.1"),
        bom("software.amazon.awssdk:bom:2.25.11"),
    ),
    "scopes": pom_text(
        dependency("org.apache.httpcomponents:httpclient:4.5.14", "runtime")
        + dependency("commons-codec:commons-codec:1.15", "test")
        + dependency("javax.servlet:javax.servlet-api:4.0.1", "provided")
        + dependency("org.apache.kafka:kafka-clients:3.7.0")
    ),
    "moved-and-odd": pom_text(
        dependency("mysql:mysql-connector-java:8.0.31")
        + dependency("com.google.guava:guava-bom:pom:33.0.0-jre")
        + dependency("org.openjfx:javafx-graphics:17.0.2")
        + dependency("junit:junit:[4.12,4.13.1]")
        + dependency("org.apache.hadoop:hadoop-common:test-jar:tests:3.3.6", more=without("*:*"))
        + dependency("org.xerial:sqlite-jdbc:3.45.1.0")
    ),
    "profiles": pom_text(
        dependency("com.squareup.okhttp3:okhttp:${okhttp.version}"),
        "<properties><okhttp.version>4.12.0</okhttp.version></properties>"
        "<profiles><profile><activation><os><family>unix</family></os></activation><dependencies>"
        + dependency("net.java.dev.jna:jna-platform:5.14.0")
        + "</dependencies></profile></profiles>",
    ),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("store"))


def mvn(directory: Path, goal: str, *argv: str) -> None:
    """The oracle runs in the project itself, on its own POM."""
    whole = f"{':'.join(DEPENDENCY_PLUGIN)}:{goal}"
    done = subprocess.run(
        ["mvn", "--batch-mode", "--quiet", whole, *argv],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:]


def their_tree(directory: Path) -> dict[str, tuple[str, str, str]]:
    """What is there at run time, by id: version, scope, and the parent in `dependency:tree` (""
    for what is declared). The plugin's own filter by scope would drop what has its place below
    something for tests alone.
    """
    out = directory / "oracle.json"
    mvn(directory, "tree", "-DoutputType=json", f"-DoutputFile={out}")
    found: dict[str, tuple[str, str, str]] = {}

    def walk(node: dict[str, Any], parent: str) -> None:
        for child in node.get("children", ()):
            named = [child[k] for k in ("groupId", "artifactId", "classifier") if child[k]]
            id_ = ":".join(named)
            assert id_ not in found
            found[id_] = (child["version"], child["scope"], parent)
            walk(child, id_)

    walk(json.loads(out.read_text()), "")
    return {id_: found[id_] for id_ in found if found[id_][1] in {"compile", "runtime"}}


def their_edges(directory: Path) -> Iterator[tuple[str, str, str, bool]]:
    """(parent, child, version, lost a conflict) of all that mvn looked at, omitted ones too."""
    out = directory / "oracle.graphml"
    mvn(directory, "tree", "-Dverbose", "-DoutputType=graphml", f"-DoutputFile={out}")
    names: dict[str, tuple[str, str, bool]] = {}
    edges = []
    for element in ET.parse(out).iter():  # noqa: S314 - mvn has just written it
        tag = element.tag.rpartition("}")[2]
        if tag == "node":
            label = "".join(element.itertext()).strip()
            plain, _, why = label.strip("()").partition(" - ")
            plain = plain.partition(" (")[0]
            parts = plain.split(":")
            classifier = parts[3:4] if len(parts) == 6 else []
            version = parts[-2] if len(parts) > 4 else parts[-1]
            id_ = ":".join([*parts[:2], *classifier])
            names[element.attrib["id"]] = (id_, version, "omitted for conflict" in why)
        elif tag == "edge":
            edges.append((element.attrib["source"], element.attrib["target"]))
    for source, target in edges:
        yield names[source][0], *names[target]


def scope_of(resolution: Resolution, id_: str) -> str:
    return resolution.packages[id_].note.partition(";")[0].removeprefix("scope ")


@pytest.mark.parametrize("name", PROJECTS)
async def test_tree_is_mavens(name: str, store: Store, tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text(PROJECTS[name])
    ours = await Maven().resolve(maven_context(tmp_path, store))

    theirs = their_tree(tmp_path)
    assert {i: (p.version, scope_of(ours, i)) for i, p in ours.packages.items()} == {
        id_: (version, scope) for id_, (version, scope, _) in theirs.items()
    }
    assert [root.id for root in ours.roots] == [i for i, (_, _, up) in theirs.items() if not up]
    for id_, (_, _, parent) in theirs.items():
        assert parent not in ours.packages or id_ in ours.packages[parent].requires

    edges = list(their_edges(tmp_path))
    wanted = {(a, b) for a, b, *_ in edges if a in ours.packages and b in ours.packages}
    assert {(id_, b) for id_, p in ours.packages.items() for b in p.requires} == wanted
    for above, below, version, lost in edges:
        if above in ours.packages and below in ours.packages:
            assert (f"{version} omitted" in ours.packages[below].note) == lost or (
                version == ours.packages[below].version
            )


@pytest.mark.parametrize("name", ["spring-web", "netty-natives", "oss", "scopes", "moved-and-odd"])
def test_bundle_has_the_jars_that_maven_copies(name: str, store: Store, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pom.xml").write_text(PROJECTS[name])
    environment = {**os.environ, "FCTUI_CACHE_DIR": str(store.root)}
    fctui = [sys.executable, "-m", "fctui"]
    planned = json.loads(
        subprocess.run(
            [*fctui, "plan", "--json", project], check=True, capture_output=True, env=environment
        ).stdout
    )
    subprocess.run([*fctui, "build", "-q", project], check=True, env=environment)
    bundle = project / "build" / "bundle"
    ours = {f["path"]: f["size"] for f in planned["files"] if f["manager"] == "maven"}
    assert ours == {f"lib/{p.name}": p.stat().st_size for p in (bundle / "lib").iterdir()}

    copied = tmp_path / "copied"
    mvn(project, "copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={copied}")
    theirs = {path.name: digest(path) for path in copied.iterdir() if path.suffix != ".pom"}
    assert {path.name: digest(path) for path in (bundle / "lib").iterdir()} == theirs


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_native_libraries_in_jars(store: Store, tmp_path: Path) -> None:
    (tmp_path / "maven.txt").write_text("org.xerial:sqlite-jdbc:3.45.1.0\n")
    manager, context = Maven(), maven_context(tmp_path, store)
    resolution = await manager.resolve(context)
    listed = facts_of(
        (await manager.contents(context, resolution)).contents["org.xerial:sqlite-jdbc"]
    )
    fetched = facts_of(
        (await manager.fetch(context, resolution)).contents["org.xerial:sqlite-jdbc"]
    )
    assert listed.files == fetched.files
    assert [(n.path, n.size) for n in listed.natives] == [(n.path, n.size) for n in fetched.natives]
    machines = {n.machine for n in fetched.natives if "/Linux/" in n.path}
    assert {"x86_64", "aarch64"} <= machines


async def test_second_time_without_a_network_and_without_mvn_running(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "pom.xml").write_text(PROJECTS["oss"])
    first = await Maven().resolve(maven_context(tmp_path, store))
    events: list[object] = []

    class Reporter:
        def emit(self, event: object) -> None:
            events.append(event)

    context = maven_context(tmp_path, store, offline=True, reporter=Reporter())
    assert await Maven().resolve(context) == first
    assert not any("--batch-mode" in str(event) for event in events)


async def test_offline_from_the_local_repository(tmp_path: Path, store: Store) -> None:
    """Another store: mvn answers with --offline from what it has cached."""
    (tmp_path / "pom.xml").write_text(PROJECTS["oss"])
    first = await Maven().resolve(maven_context(tmp_path, store))
    mvn(tmp_path, "copy-dependencies", "-DincludeScope=runtime")
    other = Store(tmp_path / "other-store")
    context = maven_context(tmp_path, other, offline=True)
    again = await Maven().resolve(context)
    assert {i: p.version for i, p in again.packages.items()} == {
        i: p.version for i, p in first.packages.items()
    }
    fetched = await Maven().fetch(context, again)
    assert not fetched.unknown
    assert fetched.contents.keys() == first.packages.keys()


HANDLER = """\
package example;
import com.aliyun.fc.runtime.Context;
import com.aliyun.fc.runtime.PojoRequestHandler;
import com.google.gson.Gson;
import java.util.Map;

public class Handler implements PojoRequestHandler<String, String> {
    public String handleRequest(String event, Context context) {
        Map<?, ?> read = new Gson().fromJson(event, Map.class);
        return "hello " + read.get("name");
    }
    public static void main(String[] words) {
        System.out.println(new Handler().handleRequest(words[0], null));
    }
}
"""


@pytest.mark.skipif(
    not (shutil.which("javac") and shutil.which("bwrap")), reason="compiles, and runs confined"
)
def test_a_java_handler_runs_from_the_bundle(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "src" / "main" / "java" / "example" / "Handler.java"
    source.parent.mkdir(parents=True)
    source.write_text(HANDLER)
    (tmp_path / "pom.xml").write_text(
        pom_text(
            dependency("com.aliyun.fc.runtime:fc-java-core:1.4.1")
            + dependency("com.google.code.gson:gson:2.10.1")
        )
    )
    environment = {**os.environ, "FCTUI_CACHE_DIR": str(store.root)}
    build = [sys.executable, "-m", "fctui", "build", "-q", str(tmp_path), "--target", "fc-java11"]
    subprocess.run(build, check=True, env=environment)
    bundle = tmp_path / "build" / "bundle"
    compile_ = ["javac", "--release", "11", "-cp", f"{bundle}/lib/*", "-d"]
    subprocess.run([*compile_, str(tmp_path / "target" / "classes"), str(source)], check=True)
    subprocess.run(build, check=True, env=environment)
    assert not (bundle / "src").exists()
    confined = ["bwrap", "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--dev", "/dev"]
    confined += ["--proc", "/proc", "--unshare-net", "--tmpfs", "/mnt", "--ro-bind", str(bundle)]
    java = ["java", "-cp", "/mnt/code:/mnt/code/lib/*", "example.Handler"]
    done = subprocess.run(
        [*confined, "/mnt/code", *java, '{"name": "jar"}'],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "hello jar\n"


def repository_of(directory: Path) -> str:
    """The repository that mvn's own configuration names."""
    out = directory / "effective.xml"
    whole = f"{':'.join(HELP_PLUGIN)}:effective-pom"
    argv = ["mvn", "--batch-mode", "--quiet", whole, f"-Doutput={out}"]
    subprocess.run(argv, cwd=directory, check=True)
    return parse_xml(out.read_bytes(), "effective").value("repositories", "repository", "url")


async def test_mirror_and_credentials_of_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything comes through the mirror that settings.xml names, with its user: plugins and POMs
    by mvn, checksums and jars by fctui.
    """
    (tmp_path / "pom.xml").write_text(pom_text(dependency("org.slf4j:jul-to-slf4j:2.0.16")))
    original = await asyncio.to_thread(repository_of, tmp_path)
    home = tmp_path / "home"
    (home / ".m2").mkdir(parents=True)
    with mirroring(original, "Basic bWU6c2VjcmV0") as mirror:
        (home / ".m2" / "settings.xml").write_text(
            f"<settings><localRepository>{home}/repository</localRepository><servers><server>"
            "<id>ours</id><username>me</username><password>secret</password></server></servers>"
            f"<mirrors><mirror><id>ours</id><mirrorOf>*</mirrorOf><url>{mirror.url}</url>"
            "</mirror></mirrors></settings>"
        )
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("MAVEN_OPTS", f"-Duser.home={home}")
        store = Store(tmp_path / "store")
        context = maven_context(tmp_path, store)
        resolution = await Maven().resolve(context)
        fetched = await Maven().fetch(context, resolution)
    assert fetched.contents.keys() == {"org.slf4j:jul-to-slf4j", "org.slf4j:slf4j-api"}
    for package in resolution.packages.values():
        assert package.artifact is not None
        assert package.artifact.url.startswith(mirror.url)
    assert any(path.endswith("jul-to-slf4j-2.0.16.jar") for path in mirror.served)
    assert any("maven-dependency-plugin" in path for path in mirror.served)


async def test_for_another_architecture(store: Store, tmp_path: Path) -> None:
    """Profiles in the POMs of dependencies choose by `os.arch`, and classifiers are made of it."""
    (tmp_path / "pom.xml").write_text(
        pom_text(
            dependency("org.openjfx:javafx-base:17.0.2")
            + dependency(
                "io.netty:netty-transport-native-epoll:jar:${os.detected.classifier}:4.1.114.Final"
            )
        )
    )
    found = {}
    for arch in ("x86_64", "aarch64"):
        resolution = await Maven().resolve(maven_context(tmp_path, store, arch=arch))
        found[arch] = {i for i in resolution.packages if i.count(":") == 2}
    epoll = "io.netty:netty-transport-native-epoll"
    assert found == {
        "x86_64": {"org.openjfx:javafx-base:linux", f"{epoll}:linux-x86_64"},
        "aarch64": {"org.openjfx:javafx-base:linux-aarch64", f"{epoll}:linux-aarch_64"},
    }


async def test_extensions_are_not_loaded(store: Store, tmp_path: Path) -> None:
    """Mvn itself fails on them, for they are nowhere; here they are not even looked for."""
    nowhere = "<groupId>nowhere.invalid</groupId><artifactId>code</artifactId><version>1</version>"
    build = f"<build><extensions><extension>{nowhere}</extension></extensions></build>"
    project = tmp_path / "parent" / "project"
    (project / ".mvn").mkdir(parents=True)
    (project / ".mvn" / "extensions.xml").write_text(
        f"<extensions><extension>{nowhere}</extension></extensions>"
    )
    (project / ".mvn" / "jvm.config").write_text("-javaagent:/nowhere.jar\n")
    parent = pom_text("", f"<packaging>pom</packaging>{build}").replace("function", "parent")
    (project.parent / "pom.xml").write_text(parent)
    (project / "pom.xml").write_text(
        pom_text(
            dependency("org.slf4j:slf4j-api:2.0.16"),
            build,
            before="<parent><groupId>example</groupId><artifactId>parent</artifactId>"
            "<version>1.0</version></parent>",
        )
    )
    resolution = await Maven().resolve(maven_context(project, store))
    assert list(resolution.packages) == ["org.slf4j:slf4j-api"]
    with pytest.raises(AssertionError):
        await asyncio.to_thread(mvn, project, "tree")
