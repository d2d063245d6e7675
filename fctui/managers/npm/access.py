"""How npm's settings reach a registry: certificates and proxies, config(7)."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from fctui.model.errors import UsageError
from fctui.store.access import Access, trust

_OFF = {"false", "null", "0", ""}


def access_of(settings: Mapping[str, str]) -> Access | None:
    """Certificates (`cafile`, `ca`, `strict-ssl`) and proxy (`https-proxy`, `proxy`) of npm.

    None where they name neither: then those of the environment hold, as for npm. Raises UsageError
    for certificates that cannot be read.
    """
    proxy = settings.get("https-proxy") or settings.get("proxy") or ""
    context = _context(settings)
    if proxy in _OFF and context is None:
        return None
    return Access(context, "" if proxy in _OFF else proxy)


def _context(settings: Mapping[str, str]) -> ssl.SSLContext | None:
    cafile, authority = settings.get("cafile", ""), settings.get("ca", "")
    unverified = settings.get("strict-ssl", "") == "false"
    if cafile in _OFF and authority in _OFF and not unverified:
        return None
    context = trust()
    try:
        if cafile not in _OFF:
            context.load_verify_locations(cafile=cafile)
        if authority not in _OFF:
            context.load_verify_locations(cadata=authority.replace("\\n", "\n"))
    except (OSError, ssl.SSLError, ValueError) as error:
        raise UsageError(
            f"The certificates that npm's settings name cannot be read: {error}.",
            hint="Correct cafile or ca in .npmrc.",
        ) from error
    if unverified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
