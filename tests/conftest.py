"""What all tests share: a store of their own, and live tests that may not be skipped in CI."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests use a store that a developer may set, never the user's own."""
    named = os.environ.get("FCTUI_TEST_CACHE_DIR")
    place = Path(named) if named else tmp_path_factory.mktemp("store")
    before = os.environ.get("FCTUI_CACHE_DIR")
    os.environ["FCTUI_CACHE_DIR"] = str(place)
    yield
    if before is None:
        del os.environ["FCTUI_CACHE_DIR"]
    else:
        os.environ["FCTUI_CACHE_DIR"] = before


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a live test that was skipped has failed: nobody would see that it never ran."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and item.get_closest_marker("live") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"live test skipped in CI: {report.longrepr}"


def online(host: str) -> bool:
    """Whether a registry's host answers."""
    try:
        with socket.create_connection((host, 443), timeout=5):
            return True
    except OSError:
        return False
