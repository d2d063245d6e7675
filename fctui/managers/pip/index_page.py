"""The files that a page of an index names.

Sources: PEP 503 (HTML pages), PEP 691 (JSON pages), PEP 592 (yanked files).
"""

from __future__ import annotations

import html.parser
import json
from collections.abc import Iterator
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from fctui.model.package import Artifact


def filenames(kind: str, data: bytes) -> tuple[str, ...]:
    """The names of the files that are not yanked; `kind` is the page's content type."""
    if "json" in kind:
        files = json.loads(data).get("files", [])
        return tuple(file["filename"] for file in files if not file.get("yanked"))
    page = _Page()
    page.feed(data.decode("utf-8", "replace"))
    return tuple(page.filenames)


def artifacts(kind: str, data: bytes, page: str) -> Iterator[Artifact]:
    """The files with their addresses and hashes, yanked ones as well: a lock may name them.
    `page` is the address that relative links count from.
    """
    if "json" in kind:
        for file in json.loads(data).get("files", []):
            digest = file.get("hashes", {}).get("sha256", "")
            url = urljoin(page, urldefrag(file["url"])[0])
            hashed = f"sha256:{digest}" if digest else ""
            yield Artifact(file["filename"], url, file.get("size"), hashed, page)
        return
    read = _Page(yanked=True)
    read.feed(data.decode("utf-8", "replace"))
    for filename, link in zip(read.filenames, read.links, strict=True):
        url, fragment = urldefrag(link)
        algorithm, _, value = fragment.partition("=")
        hashed = f"sha256:{value}" if algorithm == "sha256" else ""
        yield Artifact(filename, urljoin(page, url), None, hashed, page)


class _Page(html.parser.HTMLParser):
    """The file names of an HTML page."""

    def __init__(self, *, yanked: bool = False) -> None:
        super().__init__()
        self.filenames: list[str] = []
        self.links: list[str] = []
        self._yanked = yanked

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a link, a yanked one only where those are wanted."""
        given = dict(attrs)
        link = given.get("href")
        if tag == "a" and link and (self._yanked or "data-yanked" not in given):
            self.links.append(link)
            self.filenames.append(unquote(urlsplit(link).path).rpartition("/")[2])
