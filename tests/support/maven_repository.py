"""A Maven repository on the loopback interface, and an mvn that writes what the real one wrote."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Handler, listening

JAVA_8, JAVA_17 = 52, 61
# Class file versions: JVM specification, table 4.1-A.


def class_file(version: int = JAVA_8) -> bytes:
    """The beginning of a class file, which is all that is looked at."""
    return b"\xca\xfe\xba\xbe\x00\x00" + version.to_bytes(2, "big") + b"rest" * 20


def make_jar(files: Mapping[str, bytes | str] | None = None, *, version: int = JAVA_8) -> bytes:
    """A jar with a manifest, a class and more files; the same bytes each time."""
    raw = io.BytesIO()
    listed = {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"}
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as jar:
        for path, content in {
            **listed,
            "a/A.class": class_file(version),
            **(files or {}),
        }.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            jar.writestr(info, content)
    return raw.getvalue()


@dataclass
class MavenRepository:
    """Its files by path, and the requests that came: (method and path, Authorization)."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    login: str = ""

    def add(self, coordinate: str, jar: bytes | None = None, *, checksum: bool = True) -> bytes:
        """Publish `group:artifact[:classifier]:version`; returns the jar."""
        group, artifact, *classifier, version = coordinate.split(":")
        name = "-".join((artifact, version, *classifier))
        path = f"/{group.replace('.', '/')}/{artifact}/{version}/{name}.jar"
        data = make_jar({"n/name": coordinate}) if jar is None else jar
        self.files[path] = data
        if checksum:
            digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
            self.files[f"{path}.sha1"] = f"{digest}  {name}.jar\n".encode()
        return data


@contextmanager
def serving() -> Iterator[MavenRepository]:
    """A repository that answers, also for byte ranges, for the body of the `with`."""
    repository = MavenRepository()

    class Answering(Handler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            repository.requests.append((self.path, given))
            data = repository.files.get(self.path)
            if repository.login and given != repository.login:
                self.reply(401)
            elif data is None:
                self.reply(404)
            elif found := re.match(r"bytes=(\d*)-(\d*)$", self.headers.get("Range", "")):
                start = int(found[1]) if found[1] else max(0, len(data) - int(found[2]))
                end = int(found[2]) + 1 if found[1] and found[2] else len(data)
                part = data[start:end]
                where = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
                self.reply(206, part, Content_Range=where)
            else:
                self.reply(200, data)

    with listening(Answering) as repository.url:
        yield repository


def node(coordinate: str, scope: str = "compile", *children: dict[str, Any]) -> dict[str, Any]:
    """`group:artifact[:type[:classifier]]:version` as `dependency:tree` writes it as JSON."""
    group, artifact, *rest, version = coordinate.split(":")
    type_, classifier = [*rest, *("jar", "")[len(rest) :]][:2]
    made: dict[str, Any] = {
        "groupId": group,
        "artifactId": artifact,
        "version": version,
        "type": type_,
        "scope": scope,
        "classifier": classifier,
        "optional": "false",
    }
    return made | ({"children": list(children)} if children else {})


class FakeMaven:
    """An mvn on PATH that writes what it was given, and keeps what it was asked."""

    def __init__(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.home = place / "home"
        (self.home / ".m2" / "repository").mkdir(parents=True)
        (place / "delivers").mkdir()
        binaries = place / "maven" / "bin"
        binaries.mkdir(parents=True)
        self.out = place / "out"
        self.out.mkdir()
        program = binaries / "mvn"
        program.write_text(
            "#!/bin/sh\n"
            f'cd "$PWD" && echo "$@" >> {place}/asked && cp -r .. {place}/room\n'
            f"cat {place}/said 2>/dev/null\n"
            f"[ -e {place}/said ] && exit 1\n"
            f'case "$*" in *:resolve@*) cp -r {place}/delivers/. {self.home}/.m2/repository/\n'
            "esac\n"
            f"cp {self.out}/* .\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{binaries}:/usr/bin:/bin")
        monkeypatch.setenv("HOME", str(self.home))

    @property
    def asked(self) -> list[str]:
        """The command lines so far."""
        path = self.place / "asked"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def pom(self) -> str:
        """The POM that it was run on the first time."""
        return (self.place / "room" / "0" / "pom.xml").read_text()

    def fails(self, said: str) -> None:
        """Let it end badly, with these lines."""
        (self.place / "said").write_text(said)

    def answers(
        self,
        repository: str,
        plain: list[dict[str, Any]],
        verbose: list[dict[str, Any]] | None = None,
        *,
        managed: str = "",
        mirrors: str = "",
    ) -> None:
        """Let it write these trees, a settings.xml and an effective POM."""
        for name, children in (("tree", plain), ("verbose", verbose or plain)):
            whole = node("x:y:pom:1", "", *children)
            (self.out / f"{name}.json").write_text(json.dumps(whole))
        local = self.home / ".m2" / "repository"
        (self.out / "settings.xml").write_text(
            f"<settings><localRepository>{local}</localRepository>{mirrors}</settings>"
        )
        (self.out / "effective.xml").write_text(
            "<project><dependencyManagement><dependencies>"
            f"{managed}</dependencies></dependencyManagement><repositories><repository>"
            f"<id>central</id><url>{repository}</url></repository></repositories></project>"
        )
