"""Connections to registries: HTTP/1.1, kept alive, through the proxies of the environment.

http.client on threads moves four times as many bytes in a second as an asynchronous client does
here: a large read holds neither the interpreter's lock nor the event loop.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import http.client
import os
import select
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from fctui.model.errors import TaskError
from fctui.tasks.text import clean

TIMEOUT = 30.0
# Seconds without a byte after which a connection counts as broken.

CONNECT_TIMEOUT = 10.0
# Seconds for one address: a host that is there answers within one.

_LOOK = 0.1
# Seconds between two looks whether a connection is still wanted.

REDIRECTS = 10
# As many as browsers follow.

_LONGEST_NOTICE = 1 << 16
# Bytes of the page that comes with a redirect.

_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_AS_IT_IS = "%/:@!$&'()*+,;=~?[]"
# What a path or query may have besides letters and digits, RFC 3986; "%": it is quoted already.

_NO_FOLLOWING = {"authorization", "cookie"}


class Access(NamedTuple):
    """How a package manager's own configuration reaches its registry, where it says so: the
    certificates, and the URL of a proxy that goes before those of the environment.
    """

    context: ssl.SSLContext | None = None
    proxy: str = ""


class Origin(NamedTuple):
    """Where a connection leads: `proxy` is the URL of the proxy in between, or ""."""

    scheme: str
    host: str
    port: int
    proxy: str


class Connections:
    """The connections of one fetch; each thread uses its own, `close` breaks them all off."""

    def __init__(self, access: Access | None = None) -> None:
        self._context = access.context if access else None
        self._own = threading.local()
        self._all: set[http.client.HTTPConnection] = set()
        self._mutex = threading.Lock()
        self._proxies = urllib.request.getproxies()
        if access and access.proxy:
            self._proxies = {"all": access.proxy}
        self._closed = False

    def get(self, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        """The answer to a GET, redirects followed. Read or close it before the next.

        Credentials are not sent on to another host. Raises OSError and HTTPException.
        """
        sent = dict(headers)
        for _ in range(REDIRECTS):
            url, credentials = split_credentials(url)
            origin = self._origin(url)
            if credentials is not None:
                sent["Authorization"] = _basic(*credentials)
            elif "authorization" not in {name.lower() for name in sent}:
                _from_netrc(origin.host, sent)
            reply = self._ask(origin, url, sent)
            target = reply.headers.get("Location")
            if reply.status not in _MOVED or target is None:
                return reply
            reply.read(_LONGEST_NOTICE)
            if not reply.isclosed():
                self.drop()
            moved = urljoin(url, target)
            if self._origin(split_credentials(moved)[0])[:3] != origin[:3]:
                sent = {k: v for k, v in sent.items() if k.lower() not in _NO_FOLLOWING}
            url = moved
        raise http.client.HTTPException(f"more than {REDIRECTS} redirects")

    def close(self) -> None:
        """End all connections, also those that a thread waits on."""
        with self._mutex:
            self._closed = True
            for connection in self._all:
                _break_off(connection)

    def _ask(
        self, origin: Origin, url: str, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        path, query = quote(parts.path or "/", safe=_AS_IT_IS), quote(parts.query, safe=_AS_IT_IS)
        target = urlunsplit(("", "", path, query, ""))
        sent = {"User-Agent": "fctui", "Accept": "*/*", **headers}
        if origin.proxy and origin.scheme == "http":
            target = urlunsplit(("http", parts.netloc, path, query, ""))
            sent |= _proxy_authorization(origin.proxy)
        kept: dict[Origin, http.client.HTTPConnection] = self._own.__dict__.setdefault("kept", {})
        connection = kept.get(origin)
        if connection is not None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return _exchange(connection, target, sent)
            self._forget(kept.pop(origin))  # the server had closed it meanwhile
        connection = kept[origin] = self._connection(origin)
        try:
            return _exchange(connection, target, sent)
        except BaseException:
            self._forget(kept.pop(origin))
            raise

    def drop(self) -> None:
        """Close this thread's connections: an answer was not read to its end."""
        kept: dict[Origin, http.client.HTTPConnection] = self._own.__dict__.setdefault("kept", {})
        while kept:
            self._forget(kept.popitem()[1])

    def _connection(self, origin: Origin) -> http.client.HTTPConnection:
        connection = self._unconnected(origin)
        with self._mutex:
            if self._closed:
                raise OSError("closed")
            self._all.add(connection)
        return connection

    def _unconnected(self, origin: Origin) -> http.client.HTTPConnection:
        host, port = origin.host, origin.port
        if origin.proxy:
            proxy = urlsplit(origin.proxy)
            if proxy.scheme != "http":
                raise TaskError(
                    f"Proxies of the kind {proxy.scheme}:// are not supported.",
                    hint="Name an http:// proxy in HTTPS_PROXY, or unset it.",
                )
            host, port = proxy.hostname or "", proxy.port or _PORTS["http"]
        if origin.scheme == "http":
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        else:
            if self._context is None:
                self._context = trust()
            connection = http.client.HTTPSConnection(
                host, port, timeout=TIMEOUT, context=self._context
            )
            if origin.proxy:
                connection.set_tunnel(origin.host, origin.port, _proxy_authorization(origin.proxy))
        # The one seam that http.client has for how a socket is made.
        connection._create_connection = self._socket  # type: ignore[attr-defined]  # noqa: SLF001
        return connection

    def _socket(
        self, address: tuple[str, int], timeout: float, _source: tuple[str, int] | None = None
    ) -> socket.socket:
        """Connect to the first address that answers, giving up as soon as `close` was called."""
        problem = OSError("it has no address")
        for family, kind, protocol, _, place in socket.getaddrinfo(
            *address, type=socket.SOCK_STREAM
        ):
            made = socket.socket(family, kind, protocol)
            try:
                self._connect(made, place)
                made.settimeout(timeout)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                made.close()
                problem = error
            else:
                return made
        raise problem

    def _connect(self, made: socket.socket, place: tuple[object, ...]) -> None:
        made.setblocking(False)
        error = made.connect_ex(place)
        deadline = time.monotonic() + CONNECT_TIMEOUT
        while error == errno.EINPROGRESS:
            if self._closed or time.monotonic() > deadline:
                raise TimeoutError(f"no connection within {CONNECT_TIMEOUT:.0f} seconds")
            if select.select([], [made], [], _LOOK)[1]:
                error = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))

    def _origin(self, url: str) -> Origin:
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            port = 0
        if not port or not parts.hostname:
            raise TaskError(f"{clean(url)[:200]} is no URL that one can download from.")
        proxy = self._proxies.get(parts.scheme) or self._proxies.get("all", "")
        if proxy and urllib.request.proxy_bypass(f"{parts.hostname}:{port}"):
            proxy = ""
        if proxy and "://" not in proxy:
            proxy = f"http://{proxy}"
        return Origin(parts.scheme, parts.hostname, port, proxy)

    def _forget(self, connection: http.client.HTTPConnection) -> None:
        with self._mutex:
            self._all.discard(connection)
        connection.close()


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


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without `user:password@`, and the two; so that no error or log can show them."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, (unquote(parts.username), unquote(parts.password or ""))


def _exchange(
    connection: http.client.HTTPConnection, target: str, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    connection.request("GET", target, headers=dict(headers))
    return connection.getresponse()


def _break_off(connection: http.client.HTTPConnection) -> None:
    """Wake a thread that waits for bytes: closing the descriptor alone would not."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _proxy_authorization(proxy: str) -> dict[str, str]:
    credentials = split_credentials(proxy)[1]
    return {"Proxy-Authorization": _basic(*credentials)} if credentials else {}


def _from_netrc(host: str, headers: dict[str, str]) -> None:
    """Add the credentials that the user's netrc has for a host."""
    import netrc

    place = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        known = netrc.netrc(place).authenticators(host)
        if known is not None:
            headers["Authorization"] = _basic(known[0], known[2] or "")
