"""A file on a server of which some byte ranges are known (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fctui.store.connection import Connections

TAIL = 1 << 16
# Bytes read from the end: the central directory of nearly every jar, and .dist-info of wheels.

LARGE, LARGE_TAIL = 8 << 20, 1 << 18
# Archives of more bytes than this have thousands of files: a longer tail saves further requests.

_CONTENT_RANGE = re.compile(r"^bytes (\d+)-\d+/(\d+)$")


class NoRangesError(Exception):
    """The server does not answer ranges, or the file is not one that ranges can list."""


class StatusError(Exception):
    """The server refuses the file."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the server answers {status}")
        self.status = status


class MissingError(Exception):
    """A part of the file that has not been fetched is needed: the bytes from `start` to `end`."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(f"the bytes {start}-{end} have not been fetched")
        self.start = start
        self.end = end


class RemoteFile:
    """Known ranges of one URL. `size` is the whole file's, in bytes, once its tail is there."""

    def __init__(self, connections: Connections, url: str, headers: Mapping[str, str]) -> None:
        self._connections = connections
        self._url = url
        self._headers = {"Accept-Encoding": "identity", **headers}
        self._parts: list[tuple[int, bytes]] = []
        self.size = 0

    def fetch_tail(self, expected: int | None = None) -> None:
        """Fetch the last bytes, which also tell the size; `expected` is what an index says of it.

        Raises NoRangesError, StatusError and the errors of `Connections.asked`.
        """
        tail = LARGE_TAIL if (expected or 0) > LARGE else TAIL
        start, length, total = self._get(f"-{tail}")
        self.size = start + length
        if total != self.size:
            raise NoRangesError("the server tells a size that is not the file's")

    def fetch(self, start: int, end: int) -> None:
        """Fetch a range, less what of its end is known."""
        for at, data in self._parts:
            if at < end <= at + len(data):
                end = max(at, start)
        if end > start and self._get(f"{start}-{end - 1}")[0] != start:
            raise NoRangesError("the server sent another range")

    def has(self, start: int, end: int) -> bool:
        """Whether a range is known whole."""
        return any(at <= start and end <= at + len(data) for at, data in self._parts)

    def read(self, start: int, end: int) -> bytes:
        """The bytes of a range. Raises MissingError where they are not known."""
        for at, data in self._parts:
            if at <= start and end <= at + len(data):
                return data[start - at : end - at]
        raise MissingError(start, end)

    def _get(self, which: str) -> tuple[int, int, int]:
        """Fetch a range; returns its start, its length and the whole file's size."""
        headers = {**self._headers, "Range": f"bytes={which}"}
        with self._connections.asked(self._url, headers) as reply:
            if reply.status in {401, 403, 404, 410} or reply.status >= 500:
                raise StatusError(reply.status)
            found = _CONTENT_RANGE.match(reply.headers.get("Content-Range", ""))
            if reply.status != 206 or found is None:
                raise NoRangesError("the server does not answer ranges")
            data = reply.read()
        self._parts.append((int(found[1]), data))
        self._join()
        return int(found[1]), len(data), int(found[2])

    def _join(self) -> None:
        joined: list[tuple[int, bytes]] = []
        for at, data in sorted(self._parts):
            if joined and joined[-1][0] + len(joined[-1][1]) >= at:
                before, known = joined[-1]
                joined[-1] = (before, known + data[max(0, before + len(known) - at) :])
            else:
                joined.append((at, data))
        self._parts = joined
