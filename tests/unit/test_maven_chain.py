"""Copies of POMs in which nothing runs; settings, options and repositories as Maven has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.managers.maven.access import Reach
from fctui.managers.maven.chain import copies, read_chain
from fctui.managers.maven.options import project_options
from fctui.managers.maven.program import java_major, java_version, maven_command
from fctui.managers.maven.repository import Place, local_file
from fctui.managers.maven.settings import Mirror, Repository, parse_settings, read_settings
from fctui.model.errors import UsageError
from fctui.project.xml_nodes import parse_xml
from tests.support.maven_project import maven_target

EXTENSION = (
    "<extensions><extension><groupId>evil</groupId><artifactId>code</artifactId>"
    "<version>1</version></extension></extensions>"
)
BUILD = f"<build>{EXTENSION}<plugins><plugin><groupId>evil</groupId></plugin></plugins></build>"
CODE = f"{BUILD}<reporting><plugins/></reporting><modules><module>evil</module></modules>"
PLUGINS = "<pluginRepositories><pluginRepository><id>evil</id></pluginRepository>"
PROFILE = (
    f"<profiles><profile><id>p</id>{BUILD}<properties><x>1</x></properties></profile></profiles>"
)


def pom(artifact: str, parent: str = "", more: str = "", relative: str | None = None) -> str:
    place = "" if relative is None else f"<relativePath>{relative}</relativePath>"
    above = (
        f"<parent><groupId>g</groupId><artifactId>{parent}</artifactId>"
        f"<version>1</version>{place}</parent>"
        if parent
        else ""
    )
    return (
        f"<project><modelVersion>4.0.0</modelVersion>{above}<groupId>g</groupId>"
        f"<artifactId>{artifact}</artifactId><version>1</version>"
        f"<packaging>hpi</packaging>{more}</project>"
    )


def test_nothing_that_runs_is_left_in_a_pom_or_its_parents(tmp_path: Path) -> None:
    project, local = tmp_path / "a" / "project", tmp_path / "local"
    project.mkdir(parents=True)
    kept = "<properties><kept>yes</kept></properties>"
    whole = f"{CODE}{PLUGINS}</pluginRepositories>{PROFILE}{kept}"
    (project / "pom.xml").write_text(pom("child", "middle", whole))
    (tmp_path / "a" / "pom.xml").write_text(pom("middle", "top", whole, "../elsewhere"))
    top = local / "g" / "top" / "1"
    top.mkdir(parents=True)
    (top / "top-1.pom").write_text(pom("top", "", whole))
    chain = read_chain(project / "pom.xml", local)
    assert chain.missing is None
    texts = copies(chain, b"<build>ours</build>", project)
    assert len(texts) == 3
    for number, text in enumerate(texts):
        root = parse_xml(text, "copy")
        assert b"evil" not in text
        assert b"hpi" not in text
        assert root.value("properties", "kept") == "yes"
        assert root.child("profiles", "profile", "properties") is not None
        assert (b"<build>ours</build>" in text) == (number == 0)
        assert root.value("packaging") == "pom"
        if number < 2:
            assert root.value("parent", "relativePath") == f"../{number + 1}/pom.xml"
    assert parse_xml(texts[2], "copy").child("parent") is None


def test_a_copy_is_what_its_child_says_so_that_no_original_is_looked_for(tmp_path: Path) -> None:
    """Maven takes a parent by path only if group, artifact and version are the very same text."""
    project = tmp_path / "a" / "project"
    project.mkdir(parents=True)
    child = pom("child", "top").replace(
        "<version>1</version></parent>", "<version>${v}</version></parent>"
    )
    (project / "pom.xml").write_text(child)
    (tmp_path / "a" / "pom.xml").write_text(
        pom("top", more="<properties><v>1</v></properties>").replace(
            "<version>1</version>", "<version>${v}</version>"
        )
    )
    texts = copies(read_chain(project / "pom.xml", tmp_path / "none"), b"", project)
    parent = parse_xml(texts[1], "copy")
    assert [parent.value(k) for k in ("groupId", "artifactId", "version")] == ["g", "top", "${v}"]
    assert texts[1].count(b"<version>${v}</version>") == 1


def test_a_parent_that_is_not_here_yet(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text(pom("child", "gone", relative=""))
    assert read_chain(tmp_path / "pom.xml", tmp_path).missing == Place("g", "gone", "1")


def test_another_project_above_is_not_the_parent(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pom.xml").write_text(pom("child", "wanted"))
    (tmp_path / "pom.xml").write_text(pom("another"))
    assert read_chain(project / "pom.xml", tmp_path).missing == Place("g", "wanted", "1")


def test_a_pom_that_is_its_own_parent_ends(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text(pom("a", "a", relative="pom.xml"))
    with pytest.raises(UsageError, match="without end"):
        read_chain(tmp_path / "pom.xml", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<project>",
        "<a/>",
        '<!DOCTYPE x [<!ENTITY a "b">]><project/>',
        "<project>\x01</project>",
        "<a>" * 5000,
    ],
)
def test_what_is_no_pom(tmp_path: Path, text: str) -> None:
    (tmp_path / "pom.xml").write_text(text)
    with pytest.raises(UsageError, match=r"pom\.xml"):
        read_chain(tmp_path / "pom.xml", tmp_path)


def test_the_base_directory_stays_the_projects(tmp_path: Path) -> None:
    path = tmp_path / "pom.xml"
    path.write_text(pom("a", more="<url>file://${project.basedir}/repo</url>"))
    (text,) = copies(read_chain(path, tmp_path), b"", Path("/x & y"))
    assert parse_xml(text, "copy").value("url") == "file:///x & y/repo"


def test_options_of_the_project(tmp_path: Path) -> None:
    (tmp_path / ".mvn").mkdir()
    (tmp_path / ".mvn" / "maven.config").write_text(
        "-Drevision=2 -Dunused=1 -Dmaven.ext.class.path=evil.jar -P one,!two\n"
        "--settings=.mvn/settings.xml -T4 clean install -Djava.version=9\n"
    )
    inner = tmp_path / "module"
    inner.mkdir()
    poms = [b"<version>${revision}</version>${maven.ext.class.path}${java.version}"]
    assert project_options(inner, poms) == (
        "-Drevision=2",
        "-P",
        "one,!two",
        "-s",
        str(tmp_path / ".mvn" / "settings.xml"),
    )
    assert project_options(tmp_path.parent / "other", poms) == ()


@pytest.mark.parametrize(
    ("mirror_of", "id_", "url", "stands"),
    [
        ("*", "central", "https://a.invalid", True),
        ("central", "central", "https://a.invalid", True),
        ("a,central", "central", "https://a.invalid", True),
        ("*,!central", "central", "https://a.invalid", False),
        ("external:*", "x", "file:///repo", False),
        ("external:*", "x", "http://localhost:8081/x", False),
        ("external:http:*", "x", "https://a.invalid", False),
        ("external:http:*", "x", "http://a.invalid", True),
    ],
)
def test_mirrors(mirror_of: str, id_: str, url: str, stands: bool) -> None:
    assert Mirror("m", "u", mirror_of).stands_for(id_, url) is stands


def test_settings_of_user_and_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t&oken")
    user, whole = tmp_path / "user.xml", tmp_path / "all.xml"
    user.write_text(
        "<settings><servers><server><id>a</id><configuration><httpHeaders><property>"
        "<name>Job-Token</name><value>${env.TOKEN}</value></property></httpHeaders>"
        "</configuration></server></servers><proxies><proxy><host>proxy.invalid</host>"
        "<port>3128</port><username>u</username><password>p@</password>"
        "<nonProxyHosts>*.inside.invalid|localhost</nonProxyHosts></proxy></proxies></settings>"
    )
    whole.write_text(
        "<settings><localRepository>/repo</localRepository><servers><server><id>a</id>"
        "<username>other</username></server></servers><mirrors><mirror><id>blocker</id>"
        "<mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked>"
        "</mirror></mirrors></settings>"
    )
    settings = read_settings((user, whole))
    assert settings.local_repository == "/repo"
    assert settings.mirrored("x", "http://a.invalid") is None
    assert settings.mirrored("x", "https://a.invalid") == Repository("x", "https://a.invalid")
    reach = Reach(settings, [Repository("a", "https://a.invalid/maven/")])
    assert reach.headers("https://a.invalid/maven/g/a.jar") == {"Job-Token": "t&oken"}
    assert reach.headers("https://a.invalid/elsewhere") == {}
    assert reach.proxy("https://a.invalid/maven") == "http://u:p%40@proxy.invalid:3128"
    assert reach.proxy("https://b.inside.invalid/maven") == ""
    with pytest.raises(UsageError, match="no <settings>"):
        parse_settings(b"<a/>", "it")


def test_places() -> None:
    place = Place("g.h", "a", "1-20240102.030405-6", "x", "jar")
    assert place.url("https://a.invalid/m/") == (
        "https://a.invalid/m/g/h/a/1-SNAPSHOT/a-1-20240102.030405-6-x.jar"
    )
    assert not Place("g", "../../etc", "1").safe
    assert not Place("g..h", "a", "1").safe
    assert not Place("g", "a", "..").safe
    assert local_file(Path("/"), Place("etc", "..", "x")) is None


def test_the_target_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAVEN_OPTS", "-Xmx1g")
    command = maven_command("mvn", tmp_path, ["goal"], maven_target("aarch64", "8"))
    assert "-Djava.version=1.8.0" in command.argv
    assert "-Dos.detected.classifier=linux-aarch_64" in command.argv
    options = command.env["MAVEN_OPTS"].split()
    assert "-Xmx1g" in options
    other = maven_command("mvn", tmp_path, ["goal"], maven_target("x86_64", "17"))
    archs = {o for o in (*options, *other.env["MAVEN_OPTS"].split()) if o.startswith("-Dos.arch")}
    assert len(archs) == 1  # one of the two is this machine's
    assert [java_version(v) for v in ("8", "1.8.0", "11", "21.0.1")] == [
        "1.8.0",
        "1.8.0",
        "11.0.0",
        "21.0.0",
    ]
    assert [java_major(v) for v in ("8", "1.8", "11.0.2", "")] == [8, 8, 11, 0]
