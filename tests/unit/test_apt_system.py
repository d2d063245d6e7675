"""What stands for the libraries of a release whose archive cannot be reached."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from fctui.managers.apt import system
from fctui.managers.interface import Context
from fctui.model.errors import TaskError
from fctui.model.target import Suite
from fctui.native.system import System
from fctui.project.settings import AptSettings
from tests.support.apt_project import apt_context, apt_target


@pytest.fixture(autouse=True)
def _no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the suites of the mirrors can be reached."""

    async def installed_there(context: Context) -> System:
        suite = context.target.suite
        if suite is None or suite.archived:
            raise TaskError("The archive cannot be reached.")
        return System({}, source=system._source(context.target, 90))

    monkeypatch.setattr(system, "_installed_system", installed_there)


def asked(place: Path, suite: Suite, apt: AptSettings | None = None) -> str:
    target = structs.replace(apt_target(), title="The runtime", release=suite.release, suite=suite)
    context = apt_context(place, "", target=target, apt=apt)
    return asyncio.run(system.installed_system(context)).source


def test_the_next_release_that_can_be_reached_stands_for_it(tmp_path: Path) -> None:
    source = asked(tmp_path, Suite("buster", "10", archived=True))
    assert source.startswith("the 90 packages that Debian 11 installs at minimum, which stand for")
    assert "The runtime" in source


def test_a_release_that_can_be_reached_stands_for_itself(tmp_path: Path) -> None:
    source = asked(tmp_path, Suite("bookworm", "12"))
    assert source == "the packages that The runtime installs at minimum, 90 of them"


def test_sources_of_the_project_are_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(TaskError):
        asked(tmp_path, Suite("buster", "10", archived=True), AptSettings(sources=("own.list",)))
