"""A mirror of a Maven repository on the loopback interface that wants a user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import urllib3

from tests.support.server import Handler, listening


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

    class Answering(Handler):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") != login:
                self.reply(401, WWW_Authenticate='Basic realm="mirror"')
                return
            asked = {k: v for k, v in self.headers.items() if k.lower() == "range"}
            path = self.path.removeprefix("/maven")
            reply = pool.request("GET", original.rstrip("/") + path, headers=asked)
            if reply.status in {200, 206}:
                mirror.served.append(self.path)
            names = ("Content-Range", "Last-Modified", "ETag")
            kept = {name: reply.headers[name] for name in names if name in reply.headers}
            self.reply(reply.status, reply.data, **kept)

    with pool, listening(Answering) as url:
        mirror.url = f"{url}/maven"
        yield mirror
