"""One HTTP/2 client for reading from indexes, with pip's certificates, proxy and credentials."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials
from fctui.store.connection import Access, trust

if TYPE_CHECKING:
    import httpx

CONNECTIONS = 8
# HTTP/2 carries many requests on one; this bounds servers that only speak HTTP/1.1.

TIMEOUT = 30.0
# Seconds without a byte, where pip's configuration names none.


def open_client(config: PipConfig) -> httpx.AsyncClient:
    """A client to be used in an `async with`. What the configuration does not say, the
    environment does (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`).
    """
    import httpx

    credentials = Credentials((config.index_url, *config.extra_index_urls))

    async def authorize(request: httpx.Request) -> None:
        if "authorization" not in request.headers:
            request.headers.update(credentials.header(str(request.url)))

    return httpx.AsyncClient(
        http2=True,
        verify=_trust(config),
        proxy=_proxy(config) or None,
        follow_redirects=True,
        timeout=httpx.Timeout(config.timeout or TIMEOUT, pool=None),
        limits=httpx.Limits(max_connections=CONNECTIONS),
        event_hooks={"request": [authorize]},
    )


def get_ready(config: PipConfig) -> None:
    """Do what the first client has to wait for: imports and reading certificates (0.2 s). Called
    on a thread while a resolver runs, for its answer is listed next.
    """
    import h2.connection  # noqa: F401 - httpx imports it for its first connection
    import httpx  # noqa: F401

    _trust(config)


def access_of(config: PipConfig) -> Access | None:
    """How the store reaches the files of indexes, where pip's configuration says how."""
    if not (config.cert or config.client_cert or config.proxy):
        return None
    return Access(_trust(config), _proxy(config))


def _proxy(config: PipConfig) -> str:
    if not config.proxy or "://" in config.proxy:
        return config.proxy
    return f"http://{config.proxy}"


@functools.cache
def _trust(config: PipConfig) -> ssl.SSLContext:
    """The configured `cert` and `client-cert`; else what the environment or the system has."""
    if config.cert and Path(config.cert).is_file():
        found = ssl.create_default_context(cafile=config.cert)
    elif config.cert and Path(config.cert).is_dir():
        found = ssl.create_default_context(capath=config.cert)
    else:
        found = trust()
    if config.client_cert:
        found.load_cert_chain(config.client_cert)
    return found
