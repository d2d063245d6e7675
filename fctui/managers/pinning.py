"""What pinning has in common for managers whose packages are in fctui's own lock."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import structs

from fctui.model.errors import LockError
from fctui.model.finding import Finding, Kind
from fctui.model.lock import PinnedFinding, PinnedPackage
from fctui.tasks.text import clean

_DIGEST = re.compile(r"sha1:[0-9a-f]{40}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
# What the store verifies; SHA-1 is the one checksum that all Maven repositories have.


def checked(pinned: PinnedPackage) -> PinnedPackage:
    """A package of a lock, with nothing in it that could control a terminal. A lock comes with a
    project, from whoever wrote that: raises LockError for paths that lead out of an archive or a
    repository, and for a file without a hash.
    """
    odd = ""
    if pinned.filename and not is_digest(pinned.digest):
        odd = "has no hash"
    elif _leads_out(pinned.path) or "/" in pinned.filename or _leads_out(pinned.filename):
        odd = f"has the path {clean(pinned.path or pinned.filename)!r}"
    if odd:
        raise LockError(
            f"{clean(pinned.id)} in the lock {odd}.", hint="Restore the file, or run fctui lock."
        )
    return structs.replace(
        pinned,
        id=clean(pinned.id),
        version=clean(pinned.version),
        name=clean(pinned.name),
        note=clean(pinned.note),
    )


def is_digest(text: str) -> bool:
    """Whether a text is a hash that the store verifies."""
    return _DIGEST.fullmatch(text) is not None


def _leads_out(path: str) -> bool:
    parts = path.split("/")
    return bool(path) and (
        path.startswith("/") or "\0" in path or not {".", ".."}.isdisjoint(parts)
    )


def pinned_findings(findings: Iterable[Finding]) -> tuple[PinnedFinding, ...]:
    """What resolving had to say, for a lock."""
    return tuple(
        PinnedFinding(str(f.kind), f.subject, f.message, f.needed_by, f.breaks) for f in findings
    )


def findings_from(pinned: Iterable[PinnedFinding]) -> tuple[Finding, ...]:
    """The reverse; kinds that are not known (any more) are left out."""
    kinds = {str(kind) for kind in Kind}
    return tuple(
        Finding(
            kind=Kind(each.kind),
            subject=clean(each.subject),
            message=clean(each.message),
            needed_by=each.needed_by,
            breaks=each.breaks,
        )
        for each in pinned
        if each.kind in kinds
    )
