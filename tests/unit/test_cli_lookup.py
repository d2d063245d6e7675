"""Which package a person means."""

from __future__ import annotations

import pytest

from fctui.cli.lookup import find_package
from fctui.model.errors import UsageError
from fctui.model.package import Package, Resolution


def resolution(manager: str, names: dict[str, str]) -> Resolution:
    return Resolution(
        manager=manager,
        target="debian12",
        roots=(),
        packages={
            id_: Package(manager=manager, id=id_, name=name, version="1")
            for id_, name in names.items()
        },
    )


KNOWN = {
    "pip": resolution("pip", {"pymysql": "PyMySQL", "zope-interface": "zope.interface", "q": "q"}),
    "npm": resolution(
        "npm",
        {
            "node_modules/express": "express",
            "node_modules/debug": "debug",
            "node_modules/send/node_modules/debug": "debug",
            "node_modules/q": "q",
        },
    ),
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("pymysql", ("pip", "pymysql")),
        ("PyMySQL", ("pip", "pymysql")),
        ("Zope_Interface", ("pip", "zope-interface")),
        ("express", ("npm", "node_modules/express")),
        ("node_modules/debug", ("npm", "node_modules/debug")),
    ],
)
def test_ids_and_names(wanted: str, found: tuple[str, str]) -> None:
    assert find_package(KNOWN, wanted) == found


def test_a_name_of_several_versions_has_to_be_told_apart() -> None:
    with pytest.raises(UsageError, match="2 packages are called debug") as raised:
        find_package(KNOWN, "debug")
    assert "node_modules/send/node_modules/debug" in raised.value.message
    assert "id" in raised.value.hint


def test_a_name_of_two_managers_needs_the_manager() -> None:
    with pytest.raises(UsageError, match="npm and pip") as raised:
        find_package(KNOWN, "q")
    assert "--manager" in raised.value.hint
    assert find_package(KNOWN, "q", "pip") == ("pip", "q")


def test_near_names_are_offered() -> None:
    with pytest.raises(UsageError) as raised:
        find_package(KNOWN, "expres")
    assert "express" in raised.value.hint


def test_an_unknown_name_cannot_write_to_the_terminal() -> None:
    with pytest.raises(UsageError) as raised:
        find_package(KNOWN, "x\x1b[31m")
    assert "\x1b" not in raised.value.message
