"""Judging environment markers (PEP 508) for the target instead of the host."""

from __future__ import annotations

from collections.abc import Callable

from fctui.managers.pip.tags import marker_environment
from fctui.model.target import Target


def judge(target: Target) -> Callable[..., bool]:
    """`holds(marker, extra="")` for a target; an empty marker holds. Verdicts are remembered.

    The function raises packaging's InvalidMarker for what is no marker.
    """
    environment = marker_environment(target)
    known: dict[tuple[str, str], bool] = {}

    def holds(marker: str, extra: str = "") -> bool:
        if not marker:
            return True
        key = (marker, extra)
        if key not in known:
            from packaging.markers import Marker

            known[key] = Marker(marker).evaluate({**environment, "extra": extra})
        return known[key]

    return holds
