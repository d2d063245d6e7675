"""What the provider accepts, held against an archive."""

from __future__ import annotations

from fctui.model.finding import Finding, Kind
from fctui.model.target import Target


def over_budget(target: Target, name: str, size: int, unpacked: int) -> tuple[Finding, ...]:
    """Findings for an archive of `size` bytes that unpacks to `unpacked`.

    One that only exceeds what may be sent with the request breaks nothing where the provider
    takes larger ones from its object storage.
    """
    found = []
    limits = target.limits
    if limits.zip_storage is not None and size > limits.zip_storage:
        found.append(_finding(target, name, size, limits.zip_storage, "", breaks=True))
    elif limits.zip_api is not None and size > limits.zip_api:
        how = " with the request; larger archives go through its object storage"
        found.append(_finding(target, name, size, limits.zip_api, how, breaks=False))
    if limits.unzipped is not None and unpacked > limits.unzipped:
        found.append(_finding(target, name, unpacked, limits.unzipped, " unpacked", breaks=True))
    return tuple(found)


def _finding(
    target: Target, name: str, size: int, limit: int, how: str, *, breaks: bool
) -> Finding:
    return Finding(
        kind=Kind.OVER_BUDGET,
        subject=name,
        message=(
            f"{name} has {size:,} bytes; {target.title} accepts {limit:,}{how}. "
            f"It is {size - limit:,} bytes too large."
        ),
        breaks=breaks,
    )
