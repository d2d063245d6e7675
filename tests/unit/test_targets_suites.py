"""Debian's releases and their neighbours."""

from __future__ import annotations

import pytest

from fctui.model.target import Suite
from fctui.targets.suites import neighbours


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("trixie", ["bookworm"]),
        ("bookworm", ["bullseye", "trixie"]),
        ("buster", ["bullseye"]),  # the one before has left the mirrors
        ("sid", ["trixie"]),
    ],
)
def test_the_releases_before_and_after(name: str, near: list[str]) -> None:
    assert [suite.name for suite in neighbours(Suite(name, ""))] == near
