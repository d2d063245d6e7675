"""The certificates of a bundle in the two forms that programs read, as maintainer scripts make
them: update-ca-certificates(8), and the key store of ca-certificates-java.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
from collections.abc import Sequence

from fctui.bundle.places.work import Work

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s(.+?)-----END CERTIFICATE-----", re.DOTALL)

_MAGIC = b"\xfe\xed\xfe\xed"
_VERSION = 2
_TRUSTED = 2
_PASSWORD = "changeit"  # noqa: S105 - Java's own, known to everyone: it only guards against damage
_SALT = b"Mighty Aphrodite"
# The format of sun.security.provider.JavaKeyStore, which every Java reads.


def bundle(work: Work, paths: Sequence[str]) -> bytes:
    """All certificates in one file, each with a newline at its end."""
    texts = [work.data(path) for path in paths]
    return b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts if text)


def key_store(work: Work, paths: Sequence[str]) -> bytes:
    """All certificates as a key store of trusted certificates, its entries dated 1970."""
    entries = []
    for path in paths:
        found = _PEM.search(work.data(path))
        if found is None:
            continue
        try:
            der = base64.b64decode(found[1])
        except binascii.Error:
            continue  # not a certificate; update-ca-certificates(8) takes what it is given too
        alias = f"debian:{posixpath.basename(path).removesuffix('.crt').lower()}.pem"
        entries.append(
            _number(_TRUSTED) + _text(alias) + bytes(8) + _text("X.509") + _number(len(der)) + der
        )
    store = b"".join([_MAGIC, _number(_VERSION), _number(len(entries)), *entries])
    guard = _PASSWORD.encode("utf-16-be") + _SALT + store
    return store + hashlib.sha1(guard, usedforsecurity=False).digest()


def _number(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return len(data).to_bytes(2, "big") + data
