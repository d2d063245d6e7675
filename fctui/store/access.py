"""Certificates and credentials for registries, from the environment and the user's files."""

from __future__ import annotations

import base64
import contextlib
import os
import ssl
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit


class Access(NamedTuple):
    """How a package manager's own configuration reaches its registry, where it says so: the
    certificates, the URL of a proxy that goes before those of the environment, and the seconds
    without a byte after which a connection counts as broken.
    """

    context: ssl.SSLContext | None = None
    proxy: str = ""
    timeout: float = 0.0


def trust() -> ssl.SSLContext:
    """The certificates that the environment names, else the system's, else certifi's."""
    context = _base_trust()
    extra = os.environ.get("NODE_EXTRA_CA_CERTS")
    if extra and Path(extra).is_file():
        context.load_verify_locations(cafile=extra)
    return context


def _base_trust() -> ssl.SSLContext:
    for variable in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        path = os.environ.get(variable)
        if path and Path(path).is_file():
            return ssl.create_default_context(cafile=path)
        if path and Path(path).is_dir():
            return ssl.create_default_context(capath=path)
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and not os.environ.get("SSL_CERT_DIR"):
        with contextlib.suppress(ImportError):
            import certifi

            context.load_verify_locations(cafile=certifi.where())
    return context


def bare(url: str) -> str:
    """The URL without `user:password@`."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without `user:password@`, and the two; so that no error or log can show them."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    return bare(url), (unquote(parts.username), unquote(parts.password or ""))


def is_http(url: str) -> bool:
    """Whether a URL is one that fctui itself can read from."""
    return urlsplit(url).scheme in {"http", "https"}


def basic(user: str, password: str) -> str:
    """The value of an Authorization header: RFC 7617."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def add_from_netrc(host: str, headers: dict[str, str]) -> None:
    """Add the credentials that the user's netrc has for a host."""
    import netrc

    place = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        known = netrc.netrc(place).authenticators(host)
        if known is not None:
            headers["Authorization"] = basic(known[0], known[2] or "")
