"""Connections to registries: urllib3 on threads, through the proxies of the environment.

What urllib3 does not do is done here: credentials by host from netrc(5) along redirects, a proxy
for each host as `NO_PROXY` says, and an end at any moment, also before a server has answered.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, disable_warnings
from urllib3.exceptions import HTTPError, InsecureRequestWarning, ProtocolError

from fctui.model.errors import TaskError
from fctui.store.access import Access, add_from_netrc, basic, split_credentials, trust
from fctui.store.wires import Wires
from fctui.tasks.text import clean

TIMEOUT = 30.0
# Seconds without a byte after which a connection counts as broken.

CONNECT_TIMEOUT = 10.0
# Seconds for one address: a host that is there answers within one.

REDIRECTS = 10
# As many as browsers follow.

_HOSTS = 64
# Hosts that connections are kept open to; urllib3's own ten are few beside an index of links.

_LONGEST_NOTICE = 1 << 16
# Bytes of the page that comes with a redirect.

_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_NO_FOLLOWING = {"authorization", "cookie"}


class BrokenError(Exception):
    """A question that got no whole answer; says why in a few words."""


class UntrustedError(Exception):
    """A server whose certificate is not trusted; says why."""


class Connections:
    """The connections of one fetch, for `threads` threads at a time."""

    def __init__(self, access: Access | None = None, *, threads: int = 1) -> None:
        self._access = access or Access()
        self._threads = threads
        self._wires = Wires()
        self._managers: dict[tuple[str, str], PoolManager] = {}
        self._mutex = threading.Lock()
        self._proxies = urllib.request.getproxies()
        if self._access.proxy:
            self._proxies = {"all": self._access.proxy}
        seconds = self._access.timeout or TIMEOUT
        self._timeout = Timeout(connect=CONNECT_TIMEOUT, read=seconds)

    @contextlib.contextmanager
    def asked(
        self, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Iterator[BaseHTTPResponse]:
        """The answer to a GET, with a `body` to a POST, redirects followed; one not read to its
        end ends the connection.

        Credentials are not sent on to another host. Raises BrokenError and UntrustedError, also
        out of the block that reads, and TaskError for what is no URL.
        """
        try:
            reply = self._follow(url, headers, body)
            try:
                yield reply
            finally:
                _finish(reply)
        except HTTPError as error:
            raise _told(error) from error

    def break_off(self) -> None:
        """Wake the threads that wait; they get a BrokenError, and so does who asks anew."""
        self._wires.cut()

    def close(self) -> None:
        """Close all connections, when no thread uses them any more."""
        for manager in self._managers.values():
            manager.clear()
        self._wires.cut()

    def _follow(self, url: str, headers: Mapping[str, str], body: bytes | None) -> BaseHTTPResponse:
        sent = {"User-Agent": "fctui", "Accept": "*/*", **headers}
        for _ in range(REDIRECTS):
            url, credentials = split_credentials(url)
            host, proxy = self._way(url)
            if credentials is not None:
                sent["Authorization"] = basic(*credentials)
            elif "authorization" not in {name.lower() for name in sent}:
                add_from_netrc(host.hostname or "", sent)
            reply = self._ask(proxy, url, sent, body)
            target = reply.headers.get("Location")
            if reply.status not in _MOVED or target is None:
                return reply
            reply.read(_LONGEST_NOTICE)
            _finish(reply)
            moved = urljoin(url, target)
            if _origin(moved) != _origin(url):
                sent = {k: v for k, v in sent.items() if k.lower() not in _NO_FOLLOWING}
            url = moved
        raise BrokenError(f"more than {REDIRECTS} redirects")

    def _ask(
        self, proxy: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> BaseHTTPResponse:
        manager = self._manager(urlsplit(url).scheme, proxy)
        method = "GET" if body is None else "POST"
        how: dict[str, Any] = {
            "body": body,
            "headers": headers,
            "redirect": False,
            "retries": False,
            "preload_content": False,
            "decode_content": False,
            "enforce_content_length": False,
            "timeout": self._timeout,
        }
        try:
            return manager.urlopen(method, url, **how)
        except ProtocolError:  # the server had closed a connection that was kept open
            return manager.urlopen(method, url, **how)

    def _manager(self, scheme: str, proxy: str) -> PoolManager:
        with self._mutex:
            manager = self._managers.get((scheme, proxy))
            if manager is None:
                manager = self._wires.attached(self._made(scheme, proxy))
                self._managers[scheme, proxy] = manager
        return manager

    def _made(self, scheme: str, proxy: str) -> PoolManager:
        bare, credentials = split_credentials(proxy)
        kind = urlsplit(proxy).scheme
        kept: dict[str, Any] = {"num_pools": _HOSTS, "maxsize": self._threads}
        if "https" in {scheme, kind}:  # reading all certificates takes its time
            kept["ssl_context"] = context = self._access.context or trust()
            if context.verify_mode == ssl.CERT_NONE:
                disable_warnings(InsecureRequestWarning)  # it is the user's own setting
        if not proxy:
            return PoolManager(**kept)
        if kind in {"http", "https"}:
            sent = {"Proxy-Authorization": basic(*credentials)} if credentials else None
            return ProxyManager(
                bare, proxy_headers=sent, proxy_ssl_context=kept.get("ssl_context"), **kept
            )
        return _socks(proxy, kind, kept)

    def _way(self, url: str) -> tuple[Any, str]:
        """The parts of a URL, and the proxy that leads there or ""."""
        parts = urlsplit(url)
        if not all(_origin(url)):
            raise TaskError(f"{clean(url)[:200]} is no URL that one can download from.")
        proxy = self._proxies.get(parts.scheme) or self._proxies.get("all", "")
        port = parts.port or _PORTS[parts.scheme]
        if proxy and urllib.request.proxy_bypass(f"{parts.hostname}:{port}"):
            proxy = ""
        return parts, f"http://{proxy}" if proxy and "://" not in proxy else proxy


def _socks(proxy: str, kind: str, kept: dict[str, Any]) -> PoolManager:
    """A manager for socks4, socks4a, socks5 and socks5h proxies, where PySocks is there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the error says it
            from urllib3.contrib.socks import SOCKSProxyManager

        return SOCKSProxyManager(proxy, **kept)
    except (ImportError, ValueError) as error:
        known = isinstance(error, ImportError) and kind.startswith("socks")
        raise TaskError(
            f"Proxies of the kind {clean(kind)}:// are not supported"
            + (" without PySocks." if known else "."),
            hint="Install PySocks beside fctui, or name an http:// proxy."
            if known
            else "Name an http://, https:// or socks5:// proxy in HTTPS_PROXY, or unset it.",
        ) from error


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port; one of them is empty for what is no URL of a registry."""
    parts = urlsplit(url)
    try:
        return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        return "", "", 0


def _finish(reply: BaseHTTPResponse) -> None:
    """Make the connection ready for the next question; close one that has more to say."""
    if not reply.closed:
        reply.close()
    reply.release_conn()


def _told(error: HTTPError) -> Exception:
    """What lies at the bottom of urllib3's error."""
    cause: BaseException = error
    while (inner := _inner(cause)) is not None:
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UntrustedError(clean(cause.verify_message))
    said = cause.strerror if isinstance(cause, OSError) else None
    return BrokenError(clean(said or str(cause)) or type(cause).__name__)


def _inner(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None:
        return error.__cause__
    return next((each for each in error.args if isinstance(each, BaseException)), None)
