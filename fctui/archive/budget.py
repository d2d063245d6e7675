"""What the provider accepts, held against archives."""

from __future__ import annotations

from collections.abc import Sequence

from fctui.archive.pack import Archive
from fctui.model.finding import Finding, Kind
from fctui.model.target import Target


def over_budget(target: Target, archives: Sequence[Archive]) -> tuple[Finding, ...]:
    """Findings for archives that make up one function.

    One that only exceeds what may be sent with the request breaks nothing where the provider
    takes larger ones from its object storage. What they unpack to counts together.
    """
    found = []
    limits = target.limits
    for archive in archives:
        name, size = archive.path.name, archive.size
        if limits.zip_storage is not None and size > limits.zip_storage:
            found.append(_finding(target, name, size, limits.zip_storage, "", breaks=True))
        elif limits.zip_api is not None and size > limits.zip_api:
            how = " with the request; larger archives go through its object storage"
            found.append(_finding(target, name, size, limits.zip_api, how, breaks=False))
    unpacked = sum(archive.unpacked for archive in archives)
    if limits.unzipped is not None and unpacked > limits.unzipped:
        what = archives[0].path.name if len(archives) == 1 else "the function with its layers"
        found.append(_finding(target, what, unpacked, limits.unzipped, " unpacked", breaks=True))
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
