"""What pinning has in common for managers whose packages are in fctui's own lock."""

from __future__ import annotations

from collections.abc import Iterable

from fctui.model.finding import Finding, Kind
from fctui.model.lock import PinnedFinding


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
            subject=each.subject,
            message=each.message,
            needed_by=each.needed_by,
            breaks=each.breaks,
        )
        for each in pinned
        if each.kind in kinds
    )
