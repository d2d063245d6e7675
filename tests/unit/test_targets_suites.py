"""Debian's releases and their neighbours."""

from __future__ import annotations

import pytest

from fctui.model.target import Suite
from fctui.targets.suites import neighbours, successor


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


@pytest.mark.parametrize(
    ("suite", "other"),
    [
        (Suite("stretch", "9", archived=True), "bullseye"),
        (Suite("buster", "10", archived=True), "bullseye"),
        (Suite("bookworm", "12"), None),
        (Suite("wheezy", "7", archived=True), None),
    ],
)
def test_what_stands_for_a_release_that_cannot_be_reached(suite: Suite, other: str | None) -> None:
    found = successor(suite)
    assert (found and found.name) == other
