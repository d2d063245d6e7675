"""One HTTP/2 client for reading from indexes, with pip's certificates, proxy and credentials."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials

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

    proxy = config.proxy or None
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    return httpx.AsyncClient(
        http2=True,
        verify=_trust(config),
        proxy=proxy,
        follow_redirects=True,
        timeout=httpx.Timeout(config.timeout or TIMEOUT, pool=None),
        limits=httpx.Limits(max_connections=CONNECTIONS),
        event_hooks={"request": [authorize]},
    )


def _trust(config: PipConfig) -> ssl.SSLContext | bool:
    """Pip's `cert` and `client-cert`; else what the environment names or the system has."""
    from fctui.store.download import trust

    found = trust()
    if config.cert and Path(config.cert).exists():
        directory = Path(config.cert).is_dir()
        found = ssl.create_default_context(
            cafile=None if directory else config.cert, capath=config.cert if directory else None
        )
    if config.client_cert and isinstance(found, ssl.SSLContext):
        found.load_cert_chain(config.client_cert)
    return found
