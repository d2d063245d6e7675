"""Credentials for archives that want them: apt_auth.conf(5), and `user:password@` in sources.

They are looked up when a deb is fetched, and are part of nothing that is shown or remembered.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from fctui.managers.apt.host import Host
from fctui.store.access import basic

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/@]+@[^\s\]]*", re.IGNORECASE)


class Credential(NamedTuple):
    """`scheme` is "" where the file names none: then it counts for https only."""

    scheme: str
    netloc: str
    path: str
    login: str
    password: str


def host_credentials(host: Host) -> tuple[Credential, ...]:
    """What auth.conf and auth.conf.d say, as far as this user may read them."""
    parts = host.etc / "auth.conf.d"
    paths = [host.etc / "auth.conf"]
    with contextlib.suppress(OSError):
        paths += sorted(path for path in parts.iterdir() if path.suffix in {".conf", ""})
    return tuple(each for path in paths for each in _read(path))


def source_credentials(texts: Iterable[str]) -> tuple[Credential, ...]:
    """Credentials that stand in the addresses of sources."""
    found = []
    for address in (match[0] for text in texts for match in _ADDRESS.finditer(text)):
        parts = urlsplit(address)
        netloc = parts.netloc.rpartition("@")[2]
        login, password = unquote(parts.username or ""), unquote(parts.password or "")
        found.append(Credential(parts.scheme, netloc, parts.path, login, password))
    return tuple(found)


def headers_for(url: str, credentials: Iterable[Credential]) -> Mapping[str, str]:
    """The header that authorizes a request: that of the first entry which matches the URL."""
    parts = urlsplit(url)
    for each in credentials:
        if each.scheme not in {"", parts.scheme} or (not each.scheme and parts.scheme != "https"):
            continue
        if each.netloc not in {parts.netloc, parts.hostname}:
            continue
        if parts.path.startswith(each.path):
            return {"Authorization": basic(each.login, each.password)}
    return {}


def _read(path: Path) -> Iterator[Credential]:
    """The entries of one file: `machine [scheme://]host[:port][/path] login NAME password WORD`."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    words = " ".join(line for line in lines if not line.lstrip().startswith("#")).split()
    entry: dict[str, str] = {}
    for key, value in zip(words[::2], words[1::2], strict=False):
        entry = {key: value} if key == "machine" else {**entry, key: value}
        if entry.keys() >= {"machine", "login", "password"}:
            yield _credential(entry)
            entry = {}


def _credential(entry: Mapping[str, str]) -> Credential:
    scheme, _, rest = entry["machine"].rpartition("://")
    netloc, slash, path = rest.partition("/")
    return Credential(scheme, netloc, slash + path, entry["login"], entry["password"])
