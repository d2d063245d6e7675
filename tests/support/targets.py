"""A target for tests."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from fctui.model.target import Target

DEBIAN = Target(
    id="test", title="Test", provider="", distribution="debian", release="12", glibc=(2, 36)
)


def debian(**facts: Any) -> Target:
    """Debian 12, with other facts."""
    return structs.replace(DEBIAN, **facts)
