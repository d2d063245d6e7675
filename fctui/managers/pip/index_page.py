"""The files that a page of an index names.

Sources: PEP 503 (HTML pages), PEP 691 (JSON pages), PEP 592 (yanked files).
"""

from __future__ import annotations

import html.parser
import json
from urllib.parse import unquote, urlsplit


def filenames(kind: str, data: bytes) -> tuple[str, ...]:
    """The names of the files that are not yanked; `kind` is the page's content type."""
    if "json" in kind:
        files = json.loads(data).get("files", [])
        return tuple(file["filename"] for file in files if not file.get("yanked"))
    page = _Page()
    page.feed(data.decode("utf-8", "replace"))
    return tuple(page.filenames)


class _Page(html.parser.HTMLParser):
    """The file names of an HTML page."""

    def __init__(self) -> None:
        super().__init__()
        self.filenames: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a link that is not yanked."""
        given = dict(attrs)
        if tag == "a" and given.get("href") and "data-yanked" not in given:
            path = urlsplit(given["href"] or "").path
            self.filenames.append(unquote(path).rpartition("/")[2])
