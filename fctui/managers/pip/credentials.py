"""Credentials of indexes: found in URLs and netrc(5), given to requests, shown to nobody."""

from __future__ import annotations

import netrc
import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from fctui.store.access import basic

_USERINFO = re.compile(r"(?<=://)[^/\s@'\"]+@")


def masked(text: str) -> str:
    """The text with the user information of every URL in it replaced by `****`."""
    return _USERINFO.sub("****@", text)


class Credentials:
    """Users and passwords by host: those in the URLs of indexes first, then netrc's."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._netrc: netrc.netrc | None = None
        self._read = False
        for url in urls:
            parts = urlsplit(url)
            if parts.username is not None and parts.hostname:
                password = unquote(parts.password or "")
                self._known.setdefault(_host(url), (unquote(parts.username), password))

    def of(self, url: str) -> tuple[str, str] | None:
        """User and password for a URL, if there are any."""
        parts = urlsplit(url)
        if parts.username is not None:
            return unquote(parts.username), unquote(parts.password or "")
        return self._known.get(_host(url)) or self._from_netrc(parts.hostname or "")

    def header(self, url: str) -> dict[str, str]:
        """The Authorization header for a URL (RFC 7617), {} without credentials."""
        found = self.of(url)
        return {"Authorization": basic(*found)} if found else {}

    def complete(self, url: str) -> str:
        """The URL with its user information, for a tool that cannot see the user's netrc."""
        found = self.of(url)
        parts = urlsplit(url)
        if found is None or parts.username is not None or not parts.scheme.startswith("http"):
            return url
        user, password = (quote(part, safe="") for part in found)
        where = f"{user}:{password}@{parts.netloc}"
        return urlunsplit((parts.scheme, where, parts.path, parts.query, parts.fragment))

    def _from_netrc(self, host: str) -> tuple[str, str] | None:
        if not self._read:
            self._read = True
            path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
            try:
                self._netrc = netrc.netrc(str(path))
            except (OSError, netrc.NetrcParseError):
                self._netrc = None
        found = self._netrc.hosts.get(host) if self._netrc and host else None
        return (found[0] or found[1], found[2]) if found and found[2] else None


def _host(url: str) -> str:
    """Scheme, host and port: credentials of one are not those of another."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
