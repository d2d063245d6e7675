"""Connections to registries: HTTP/1.1, kept alive, through the proxies of the environment.

http.client on threads moves four times as many bytes in a second as an asynchronous client does
here: a large read holds neither the interpreter's lock nor the event loop.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import select
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from fctui.model.errors import TaskError
from fctui.store.access import (
    Access,
    add_from_netrc,
    basic,
    proxy_authorization,
    split_credentials,
    trust,
)
from fctui.tasks.text import clean

__all__ = ["Access", "Connections", "split_credentials", "trust"]

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


class Origin(NamedTuple):
    """Where a connection leads: `proxy` is the URL of the proxy in between, or ""."""

    scheme: str
    host: str
    port: int
    proxy: str


class Connections:
    """The connections of one fetch; each thread uses its own."""

    def __init__(self, access: Access | None = None) -> None:
        self._context = access.context if access else None
        self._own = threading.local()
        self._all: set[http.client.HTTPConnection] = set()
        self._mutex = threading.Lock()
        self._proxies = urllib.request.getproxies()
        if access and access.proxy:
            self._proxies = {"all": access.proxy}
        self._closed = False

    @contextlib.contextmanager
    def asked(self, url: str, headers: Mapping[str, str]) -> Iterator[http.client.HTTPResponse]:
        """The answer to a GET, redirects followed; one not read to its end ends the connection.

        Credentials are not sent on to another host. Raises OSError and HTTPException.
        """
        reply = self._get(url, headers)
        try:
            yield reply
        finally:
            self._finish(reply)

    def _finish(self, reply: http.client.HTTPResponse) -> None:
        """Make this thread's connection ready for the next question, or close it."""
        if not reply.isclosed():
            reply.close()
            kept = self._kept()
            while kept:
                self._forget(kept.popitem()[1])

    def _get(self, url: str, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        sent = dict(headers)
        for _ in range(REDIRECTS):
            url, credentials = split_credentials(url)
            origin = self._origin(url)
            if credentials is not None:
                sent["Authorization"] = basic(*credentials)
            elif "authorization" not in {name.lower() for name in sent}:
                add_from_netrc(origin.host, sent)
            reply = self._ask(origin, url, sent)
            target = reply.headers.get("Location")
            if reply.status not in _MOVED or target is None:
                return reply
            reply.read(_LONGEST_NOTICE)
            self._finish(reply)
            moved = urljoin(url, target)
            if self._origin(split_credentials(moved)[0])[:3] != origin[:3]:
                sent = {k: v for k, v in sent.items() if k.lower() not in _NO_FOLLOWING}
            url = moved
        raise http.client.HTTPException(f"more than {REDIRECTS} redirects")

    def break_off(self) -> None:
        """Wake the threads that wait for bytes; they get an OSError, and so does who asks anew."""
        with self._mutex:
            self._closed = True
            for connection in self._all:
                _break_off(connection)

    def close(self) -> None:
        """Close all connections, when no thread uses them any more."""
        with self._mutex:
            self._closed = True
            while self._all:
                self._all.pop().close()

    def _ask(
        self, origin: Origin, url: str, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        path, query = quote(parts.path or "/", safe=_AS_IT_IS), quote(parts.query, safe=_AS_IT_IS)
        target = urlunsplit(("", "", path, query, ""))
        sent = {"User-Agent": "fctui", "Accept": "*/*", **headers}
        if origin.proxy and origin.scheme == "http":
            target = urlunsplit(("http", parts.netloc, path, query, ""))
            sent |= proxy_authorization(origin.proxy)
        kept = self._kept()
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

    def _kept(self) -> dict[Origin, http.client.HTTPConnection]:
        """The open connections of the calling thread."""
        kept: dict[Origin, http.client.HTTPConnection] = self._own.__dict__.setdefault("kept", {})
        return kept

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
                connection.set_tunnel(origin.host, origin.port, proxy_authorization(origin.proxy))
        # The one seam that http.client has for how a socket is made.
        connection._create_connection = self._socket  # type: ignore[attr-defined]  # noqa: SLF001
        return connection

    def _socket(
        self, address: tuple[str, int], timeout: float, _source: tuple[str, int] | None = None
    ) -> socket.socket:
        """Connect to the first address that answers, giving up as soon as they are broken off."""
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
