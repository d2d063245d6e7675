"""A package index on the loopback interface: the simple API in JSON or HTML, files with ranges."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fctui.model.names import normalized
from tests.support.server import Handler, listening
from tests.support.wheels import Wheel


@dataclass
class Index:
    """The files by name, and how the server behaves. `requests` are (method, path, Range), `pages`
    those of the JSON API by what stands between `/pypi/` and `/json`.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requires_python: dict[str, str] = field(default_factory=dict)
    wrong_hashes: set[str] = field(default_factory=set)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    ranges: bool = True
    broken: bool = False
    html: bool = False
    hashes: bool = True
    credentials: tuple[str, str] | None = None
    truncate: int = 0
    delay: float = 0.0

    def add(self, *wheels: Wheel) -> None:
        """Publish wheels."""
        for wheel in wheels:
            self.files[wheel.filename] = wheel.build()
            if wheel.requires_python:
                self.requires_python[wheel.filename] = wheel.requires_python

    def add_file(self, filename: str, data: bytes) -> None:
        """Publish any file."""
        self.files[filename] = data

    @property
    def simple(self) -> str:
        """The index URL."""
        return f"{self.url}/simple"

    def downloads(self) -> list[str]:
        """The files that were asked for whole."""
        return [path for method, path, span in self.requests if "/files/" in path and not span]

    def of(self, project: str) -> dict[str, bytes]:
        """The files of a project."""
        return {
            name: data
            for name, data in self.files.items()
            if normalized(re.split(r"-\d", name)[0]) == project
        }


@contextmanager
def serving() -> Iterator[Index]:
    """An index until the end of the block."""
    index = Index()

    class Answering(_Handler):
        served = index

    with listening(Answering) as index.url:
        yield index


class _Handler(Handler):
    served: Index

    def do_HEAD(self) -> None:
        """Answer as GET does, without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer a page or a file."""
        index, path = self.served, unquote(self.path)
        index.requests.append((self.command, path, self.headers.get("Range", "")))
        if index.delay:
            time.sleep(index.delay)
        if index.broken:
            self.reply(503)
            return
        if index.credentials is not None:
            token = base64.b64encode(":".join(index.credentials).encode()).decode()
            if self.headers.get("Authorization") != f"Basic {token}":
                self.reply(401, WWW_Authenticate='Basic realm="index"')
                return
        parts = path.strip("/").split("/")
        if parts[0] == "simple" and len(parts) == 2 and index.of(parts[1]):
            self._page(parts[1])
        elif parts[0] == "files" and parts[-1] in index.files:
            self._file(parts[-1], index.files[parts[-1]])
        elif parts[0] == "pypi" and "/".join(parts[1:-1]) in index.pages:
            page = json.dumps(index.pages["/".join(parts[1:-1])]).encode()
            self.reply(200, page, Content_Type="application/json")
        else:
            self.reply(404)

    def _page(self, project: str) -> None:
        index = self.served
        entries = []
        for name, data in index.of(project).items():
            content = b"other" if name in index.wrong_hashes else data
            digest = hashlib.sha256(content).hexdigest()
            entries.append((name, digest, len(data), index.requires_python.get(name)))
        if index.html:
            links = "".join(
                f'<a href="{index.url}/files/{name}'
                + (f"#sha256={digest}" if index.hashes else "")
                + '"'
                + (f' data-requires-python="{html.escape(python)}"' if python else "")
                + f">{name}</a>\n"
                for name, digest, _, python in entries
            )
            self.reply(200, links.encode(), Content_Type="text/html")
            return
        page = {
            "meta": {"api-version": "1.1"},
            "name": project,
            "versions": [],
            "files": [
                {
                    "filename": name,
                    "url": f"{index.url}/files/{name}",
                    "hashes": {"sha256": digest} if index.hashes else {},
                    "size": size,
                    **({"requires-python": python} if python else {}),
                }
                for name, digest, size, python in entries
            ],
        }
        kind = "application/vnd.pypi.simple.v1+json"
        self.reply(200, json.dumps(page).encode(), Content_Type=kind)

    def _file(self, name: str, data: bytes) -> None:
        index, asked = self.served, self.headers.get("Range", "")
        found = re.match(r"^bytes=(\d*)-(\d*)$", asked) if index.ranges else None
        if found is None:
            body = data[: -index.truncate] if index.truncate else data
            self.close_connection = True
            self.reply(200, body, Connection="close")
            return
        first, last = found.groups()
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last) + 1, len(data)) if first and last else len(data)
        if start >= len(data):
            self.reply(416, Content_Range=f"bytes */{len(data)}")
            return
        span = f"bytes {start}-{end - 1}/{len(data)}"
        self.reply(206, data[start:end], Content_Range=span)
