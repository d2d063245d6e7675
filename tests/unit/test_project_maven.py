"""Maven dependencies in a project's files: read with their lines, added and removed in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.edit import add, remove
from fctui.project.maven_file import Coordinate, pom_dependencies, read_maven_list, read_pom
from fctui.project.project import load_project

POM = """<?xml version="1.0"?>
<!-- ours -->
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>g</groupId> <artifactId>f</artifactId> <version>2</version>
  <properties><io.version>2.15.0</io.version></properties>
  <dependencies>
    <!-- files -->
    <dependency>
      <groupId>commons-io</groupId>
      <artifactId>commons-io</artifactId>
      <version>${io.version}</version> <!-- not 2.14 -->
    </dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId></dependency>
    <dependency>
      <groupId>io.netty</groupId>
      <artifactId>epoll</artifactId>
      <version>4</version>
      <classifier>linux-x86_64</classifier>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build/>
</project>
"""


def declared(root: Path) -> tuple[Coordinate, ...]:
    return pom_dependencies(read_pom(root / "pom.xml")[1])


def project_with(root: Path, text: str, name: str = "pom.xml") -> Path:
    path = root / name
    path.write_bytes(text.encode())
    return path


def test_declared_in_a_pom(tmp_path: Path) -> None:
    project_with(tmp_path, POM)
    assert [(each.name, each.text, each.line) for each in declared(tmp_path)] == [
        ("commons-io:commons-io", "commons-io:commons-io:2.15.0", 9),
        ("g:own", "g:own", 14),
        ("io.netty:epoll:linux-x86_64", "io.netty:epoll:jar:linux-x86_64:4 (test)", 15),
    ]


def test_a_pom_before_a_list(tmp_path: Path) -> None:
    project_with(tmp_path, POM)
    project_with(tmp_path, "a:b:1\n", "maven.txt")
    files = [(f.kind, f.used) for f in load_project(tmp_path).files]
    assert files == [("pom.xml", True), ("maven.txt", False)]


@pytest.mark.parametrize("text", ["a", "a:b", "a:b:c:d:e:1", "a:b:${v}", "a b:c:1", "a:b:1<2"])
def test_no_coordinate(tmp_path: Path, text: str) -> None:
    path = project_with(tmp_path, f"# x\n{text}\n", "maven.txt")
    with pytest.raises(UsageError, match=r"maven\.txt:2: .* is not the coordinate"):
        read_maven_list(path)


def test_two_versions_of_one(tmp_path: Path) -> None:
    path = project_with(tmp_path, "a:b:1\na:b:jar:2\n", "maven.txt")
    with pytest.raises(UsageError, match=r"maven\.txt:2: a:b stands on line 1"):
        read_maven_list(path)


def test_added_behind_the_last_with_its_indentation(tmp_path: Path) -> None:
    path = project_with(tmp_path, POM)
    edit = add(load_project(tmp_path), "maven", "x.y:z:sources:1.0")
    edit.apply()
    added = """    </dependency>
    <dependency>
      <groupId>x.y</groupId>
      <artifactId>z</artifactId>
      <version>1.0</version>
      <type>sources</type>
    </dependency>
  </dependencies>
"""
    assert path.read_text() == POM.replace("    </dependency>\n  </dependencies>\n", added)
    edit.undo()
    assert path.read_text() == POM


def test_a_version_changed_and_nothing_else(tmp_path: Path) -> None:
    path = project_with(tmp_path, POM.replace("\n", "\r\n"))
    add(load_project(tmp_path), "maven", "commons-io:commons-io:2.16.0").apply()
    assert path.read_bytes().decode() == POM.replace("\n", "\r\n").replace(
        "<version>${io.version}</version>", "<version>2.16.0</version>"
    )
    with pytest.raises(UsageError, match=r"declares commons-io:commons-io:2\.16\.0 already"):
        add(load_project(tmp_path), "maven", "commons-io:commons-io:2.16.0")


def test_a_version_where_there_was_none(tmp_path: Path) -> None:
    path = project_with(tmp_path, POM)
    add(load_project(tmp_path), "maven", "g:own:3").apply()
    assert "<artifactId>own</artifactId><version>3</version></dependency>" in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "<project>\n\t<artifactId>a</artifactId>\n</project>\n",
        "<project>\n\t<artifactId>a</artifactId>\n\t<dependencies/>\n</project>\n",
        "<project>\n\t<artifactId>a</artifactId>\n\t<dependencies></dependencies>\n</project>\n",
        "<project>\n\t<artifactId>a</artifactId>\n\t<dependencies>\n\t</dependencies>\n</project>\n",
        "<project><artifactId>a</artifactId></project>",
    ],
)
def test_a_pom_without_dependencies(tmp_path: Path, text: str) -> None:
    path = project_with(tmp_path, text)
    add(load_project(tmp_path), "maven", "x:y").apply()
    (found,) = declared(tmp_path)
    assert found.name == "x:y"
    assert "<artifactId>a</artifactId>" in path.read_text()
    if "\t" in text:
        assert "\n\t\t<dependency>\n\t\t\t<groupId>x</groupId>\n" in path.read_text()


def test_removed_with_its_lines(tmp_path: Path) -> None:
    path = project_with(tmp_path, POM)
    edit = remove(load_project(tmp_path), "maven", "commons-io:commons-io")
    edit.apply()
    start = POM.index("    <dependency>\n")
    end = POM.index("    <dependency><groupId>${project")
    assert path.read_text() == POM[:start] + POM[end:]
    remove(load_project(tmp_path), "maven", "io.netty:epoll:linux-x86_64").apply()
    assert [d.name for d in declared(tmp_path)] == ["g:own"]
    with pytest.raises(UsageError, match="not declared"):
        remove(load_project(tmp_path), "maven", "x:y")


def test_removed_from_the_middle_of_a_line(tmp_path: Path) -> None:
    one = "<dependency><groupId>a</groupId><artifactId>{}</artifactId></dependency>"
    text = f"<project><dependencies>{one.format('b')} {one.format('c')}</dependencies></project>"
    path = project_with(tmp_path, text)
    remove(load_project(tmp_path), "maven", "a:b").apply()
    assert path.read_text() == text.replace(one.format("b"), "")


def test_lines_of_a_list(tmp_path: Path) -> None:
    path = project_with(tmp_path, "# jars\na:b:1  # keep\nc:d:jar:x:2", "maven.txt")
    add(load_project(tmp_path), "maven", "a:b:3").apply()
    add(load_project(tmp_path), "maven", "e:f:4").apply()
    assert path.read_text() == "# jars\na:b:3  # keep\nc:d:jar:x:2\ne:f:4\n"
    remove(load_project(tmp_path), "maven", "c:d:x").apply()
    assert path.read_text() == "# jars\na:b:3  # keep\ne:f:4\n"
    with pytest.raises(UsageError, match="not the coordinate"):
        add(load_project(tmp_path), "maven", "a:b")


def test_a_new_list(tmp_path: Path) -> None:
    edit = add(load_project(tmp_path), "maven", "a:b:1")
    edit.apply()
    assert (tmp_path / "maven.txt").read_text() == "a:b:1\n"
    edit.undo()
    assert not (tmp_path / "maven.txt").exists()
