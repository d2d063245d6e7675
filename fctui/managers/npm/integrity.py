"""Subresource Integrity strings, as locks have them: W3C SRI, `sha512-<base64>`."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import TaskError

_STRENGTH = ("sha512", "sha384", "sha256", "sha1")
# Strongest first; the strongest one that is there is the one that counts.

_CHUNK = 1 << 20


class Integrity(Struct, frozen=True):
    """One hash of a tarball: the algorithm's name and the hex digest."""

    algorithm: str
    hex: str

    @property
    def digest(self) -> str:
        """The hash as the store's key, or "" where the store keeps no such hash."""
        return f"{self.algorithm}:{self.hex}" if self.algorithm in {"sha512", "sha256"} else ""

    def verify(self, path: Path) -> None:
        """Raise TaskError for a file that has another hash."""
        found = hashlib.new(self.algorithm, usedforsecurity=False)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
        if found.hexdigest() != self.hex:
            raise TaskError(
                f"The {self.algorithm} of {path.name} is {found.hexdigest()}, "
                f"the lock says {self.hex}.",
                hint="The tarball was changed after the lock was made; do not use it unseen.",
            )


def parse_integrity(text: str) -> Integrity | None:
    """The strongest hash in an SRI string; None where there is none."""
    found: dict[str, str] = {}
    for word in text.split():
        algorithm, _, rest = word.partition("-")
        if algorithm not in _STRENGTH or algorithm in found:
            continue
        try:
            found[algorithm] = base64.b64decode(rest.partition("?")[0], validate=True).hex()
        except ValueError:
            continue
    for algorithm in _STRENGTH:
        if (
            len(found.get(algorithm, ""))
            == 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size
        ):
            return Integrity(algorithm, found[algorithm])
    return None
