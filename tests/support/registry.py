"""An npm registry on the loopback interface, made at test time from packages made at test time."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.support.server import Handler, listening


def make_tarball(files: Mapping[str, bytes | str], *, executable: tuple[str, ...] = ()) -> bytes:
    """A package's tarball, all members below `package/`; the same bytes each time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(data)
            member.mode = 0o755 if path in executable else 0o644
            tar.addfile(member, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def integrity_of(data: bytes, algorithm: str = "sha512") -> str:
    """The SRI string of some bytes."""
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


@dataclass
class Registry:
    """The packages, and the requests that came: (path, Authorization header or "").

    `advisories` by package name; None is a registry that has no such endpoint. `asked` are the
    names and versions that it was asked about.
    """

    url: str = ""
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    tarballs: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    advisories: dict[str, list[dict[str, Any]]] | None = None
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    token: str = ""
    delay: float = 0.0

    def add(
        self,
        name: str,
        version: str,
        files: Mapping[str, bytes | str] | None = None,
        **manifest: Any,
    ) -> bytes:
        """Publish a version, with more keys of its package.json; returns the tarball."""
        text = json.dumps({"name": name, "version": version, **manifest})
        tarball = make_tarball({"package.json": text, **(files or {"index.js": "1\n"})})
        self.publish(name, version, tarball, **manifest)
        return tarball

    def publish(self, name: str, version: str, tarball: bytes, **manifest: Any) -> None:
        """Publish a tarball that is there already."""
        data = {"name": name, "version": version, **manifest}
        path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        self.tarballs[path] = tarball
        dist: dict[str, Any] = {
            "tarball": self.url.rstrip("/") + path,
            "integrity": integrity_of(tarball),
        }
        dist["shasum"] = hashlib.sha1(tarball, usedforsecurity=False).hexdigest()
        with tarfile.open(fileobj=io.BytesIO(tarball)) as files:
            dist["unpackedSize"] = sum(file.size for file in files)
        scripts = manifest.get("scripts", {})
        installs = bool({"preinstall", "install", "postinstall"} & set(scripts))
        extra = {"hasInstallScript": True} if installs else {}
        packument = self.packages.setdefault(name, {"name": name, "versions": {}, "dist-tags": {}})
        packument["versions"][version] = {**data, **extra, "dist": dist}
        packument["dist-tags"]["latest"] = version

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        """The status and body for a path."""
        self.requests.append((path, authorization))
        time.sleep(self.delay)
        if self.token and authorization != f"Bearer {self.token}":
            return 401, b'{"error":"no token"}'
        if path in self.tarballs:
            return 200, self.tarballs[path]
        packument = self.packages.get(path.lstrip("/"))
        if packument is None:
            return 404, b'{"error":"Not found"}'
        return 200, json.dumps(packument).encode()

    def answer_post(self, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        """The status and body for a question about advisories."""
        self.requests.append((path, authorization))
        if self.token and authorization != f"Bearer {self.token}":
            return 401, b'{"error":"no token"}'
        if self.advisories is None or path != "/-/npm/v1/security/advisories/bulk":
            return 405, b""
        asked = json.loads(body)
        self.asked.append(asked)
        return 200, json.dumps({n: a for n, a in self.advisories.items() if n in asked}).encode()


@contextmanager
def serving() -> Iterator[Registry]:
    """A registry that answers on 127.0.0.1 for the body of the `with`."""
    registry = Registry()

    class Answering(Handler):
        def do_GET(self) -> None:
            path, said = unquote(self.path.partition("?")[0]), self.headers.get("Authorization", "")
            status, reply = registry.answer(path, said)
            self.reply(status, reply, Content_Type="application/json")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            said = self.headers.get("Authorization", "")
            status, reply = registry.answer_post(self.path, said, body)
            self.reply(status, reply, Content_Type="application/json")

    with listening(Answering) as url:
        registry.url = f"{url}/"
        yield registry
