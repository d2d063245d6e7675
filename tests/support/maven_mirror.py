"""A mirror of a Maven repository on the loopback interface that wants a user."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3


@dataclass
class Mirror:
    """Its address, and the paths that it has served."""

    url: str = ""
    served: list[str] = field(default_factory=list)


@contextmanager
def mirroring(original: str, login: str) -> Iterator[Mirror]:
    """Pass requests on to `original` for those who send `login`, for the body of the `with`."""
    mirror = Mirror()
    pool = urllib3.PoolManager(maxsize=16)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.headers.get("Authorization") != login:
                self._send(401, b"", {"WWW-Authenticate": 'Basic realm="mirror"'})
                return
            asked = {k: v for k, v in self.headers.items() if k.lower() == "range"}
            path = self.path.removeprefix("/maven")
            reply = pool.request("GET", original.rstrip("/") + path, headers=asked)
            if reply.status in {200, 206}:
                mirror.served.append(self.path)
            names = ("Content-Range", "Last-Modified", "ETag")
            self._send(
                reply.status, reply.data, {n: reply.headers[n] for n in names if n in reply.headers}
            )

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mirror.url = f"http://127.0.0.1:{server.server_port}/maven"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        pool.clear()
