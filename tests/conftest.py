"""What all tests share: a store of their own, and live tests that may not be skipped in CI."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

_BESIDE = os.path.join(sys.prefix, "bin", "npm")
if os.access(_BESIDE, os.X_OK):
    # The set-up puts an npm there where that of PATH is too old: it then is the tests' oracle too.
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(_BESIDE), os.environ.get("PATH", "")])


@pytest.fixture(autouse=True, scope="session")
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests use a store that a developer may set, never the user's own. All workers have one: what
    one of them has downloaded, or the root that it has made, is there for the others.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    place = Path(os.environ.get("FCTUI_TEST_CACHE_DIR") or shared / "store")
    before = os.environ.get("FCTUI_CACHE_DIR")
    os.environ["FCTUI_CACHE_DIR"] = str(place)
    yield
    if before is None:
        del os.environ["FCTUI_CACHE_DIR"]
    else:
        os.environ["FCTUI_CACHE_DIR"] = before


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a network a live test is skipped, with the reason."""
    if item.get_closest_marker("live") and (reason := unreachable()):
        pytest.skip(reason)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a live test that was skipped has failed: nobody would see that it never ran."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and item.get_closest_marker("live") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"live test skipped in CI: {report.longrepr}"


@functools.cache
def unreachable() -> str:
    """Why the registries cannot be asked, "" where they can: one question to pip's own index."""
    index = os.environ.get("PIP_INDEX_URL") or default_index()
    try:
        urllib.request.urlopen(index, timeout=20).close()  # noqa: S310 - pip's own address
    except urllib.error.HTTPError:
        return ""  # it answered
    except (OSError, ValueError) as error:
        return f"the index of pip does not answer: {error}"
    return ""


def default_index() -> str:
    """The address that pip itself has built in; no file of ours names it."""
    asked = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip()
