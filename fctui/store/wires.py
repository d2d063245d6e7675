"""The sockets under a connection pool, so that whoever waits on one can be woken at any moment.

`HTTPResponse.shutdown` of urllib3 wakes a thread that reads an answer. A thread may also wait for
a host that does not answer, for the other side of TLS, or for the first byte of an answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import ClassVar, TypeVar

from urllib3 import HTTPConnectionPool, HTTPResponse, PoolManager
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError

_M = TypeVar("_M", bound=PoolManager)


class Wires:
    """The sockets of all connections of some pools, until they are cut."""

    def __init__(self) -> None:
        self._ends: set[socket.socket] = set()
        self._mutex = threading.Lock()
        self._cut = False

    def attached(self, manager: _M) -> _M:
        """The manager, from now on making connections whose sockets are known here."""
        manager.pool_classes_by_scheme = {
            scheme: self._pool(kind) for scheme, kind in manager.pool_classes_by_scheme.items()
        }
        return manager

    def cut(self) -> None:
        """Shut all sockets down: whoever waits on one gets an error, and so does who connects
        from now on.
        """
        with self._mutex:
            self._cut = True
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def add(self, made: socket.socket) -> socket.socket:
        """A second descriptor of a socket: TLS takes the first one over, http.client closes it
        while an answer is still being read.
        """
        with self._mutex:
            if self._cut:
                raise ConnectionAbortedError("it was broken off")
            end = made.dup()
            self._ends.add(end)
        return end

    def drop(self, end: socket.socket) -> None:
        """Forget a socket whose connection has ended."""
        with self._mutex:
            self._ends.discard(end)
            end.close()

    def _pool(self, kind: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        made = kind.ConnectionCls
        direct = made.__module__ == HTTPConnection.__module__  # else it connects through SOCKS
        bases = (_Direct if direct else _Watched, made)
        connection = type("Watched", bases, {"wires": self})
        return type("Pool", (kind,), {"ConnectionCls": connection})


class _Watched(HTTPConnection):
    """A connection whose socket is known to the wires."""

    wires: ClassVar[Wires]
    _end: socket.socket | None = None
    _answering = False

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._end = self.wires.add(made)
        return made

    def getresponse(self) -> HTTPResponse:  # type: ignore[override] # as urllib3 does
        """The answer; the connection may be closed in here already."""
        self._answering = True
        try:
            return super().getresponse()
        finally:
            self._answering = False

    def close(self) -> None:
        """Close the connection; not the wire of an answer that the server ends by closing."""
        super().close()
        if not self._answering:
            self._drop()

    def _drop(self) -> None:
        if self._end is not None:
            self.wires.drop(self._end)
            self._end = None


class _Direct(_Watched):
    """One that connects so that connecting can be broken off as well."""

    def _new_conn(self) -> socket.socket:
        problem = OSError("it has no address")
        try:
            places = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NewConnectionError(self, str(error)) from error
        for family, kind, protocol, _, place in places:
            made = socket.socket(family, kind, protocol)
            made.settimeout(self.timeout)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._end = self.wires.add(made)
                made.connect(place)
            except OSError as error:
                problem = error
                made.close()
                self._drop()
            else:
                return made
        raise NewConnectionError(self, str(problem)) from problem
