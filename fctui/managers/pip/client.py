"""How indexes are reached: with pip's certificates, proxy, patience and credentials."""

from __future__ import annotations

import functools
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.managers.pip.config import PipConfig
from fctui.store.access import Access, trust

if TYPE_CHECKING:
    from fctui.store.session import Session

CONNECTIONS = 6
# At a time; more would cost more handshakes than they save round trips.


def open_session(config: PipConfig) -> Session:
    """Threads and connections for small reads. What the configuration does not say, the
    environment does (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`).
    """
    from fctui.store.session import Session

    return Session(Access(_trust(config), config.proxy, config.timeout), threads=CONNECTIONS)


def get_ready(config: PipConfig) -> None:
    """Do what the first session has to wait for: imports and reading certificates. Called on a
    thread while a resolver runs, for its answer is listed next.
    """
    import fctui.managers.pip.listing
    import fctui.managers.pip.remote
    import fctui.store.session  # noqa: F401

    _trust(config)


def access_of(config: PipConfig) -> Access | None:
    """How the store reaches the files of indexes, where pip's configuration says how."""
    if not (config.cert or config.client_cert or config.proxy or config.timeout):
        return None
    return Access(_trust(config), config.proxy, config.timeout)


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
