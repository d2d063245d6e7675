"""Debian's releases: which one fits a machine, and which are next to one another."""

from __future__ import annotations

from fctui.model.target import Suite

_SUITES = (
    ((2, 24), "stretch", "9", True),
    ((2, 28), "buster", "10", True),
    ((2, 31), "bullseye", "11", False),
    ((2, 36), "bookworm", "12", False),
    ((2, 41), "trixie", "13", False),
)
# glibc, codename, release, whether it has left the mirrors: Debian's release notes.


def suite_of(release: dict[str, str], glibc: tuple[int, int]) -> Suite | None:
    """Debian's own suite for what os-release(5) says; elsewhere the newest whose glibc is not newer
    than the machine's.
    """
    codename = release.get("VERSION_CODENAME", "")
    if release.get("ID") == "debian" and codename:
        archived = any(name == codename and gone for _, name, _, gone in _SUITES)
        return Suite(codename, release.get("VERSION_ID", ""), archived)
    fitting = [entry for entry in _SUITES if entry[0] <= glibc]
    return Suite(*fitting[-1][1:]) if fitting else None


def neighbours(suite: Suite) -> tuple[Suite, ...]:
    """The releases before and after one that the mirrors have, the one before first."""
    known = [Suite(*entry[1:]) for entry in _SUITES]
    names = [each.name for each in known]
    at = names.index(suite.name) if suite.name in names else len(known)
    near = (*known[at - 1 : at], *known[at + 1 : at + 2])
    return tuple(each for each in near if not each.archived)


def successor(suite: Suite) -> Suite | None:
    """For a release that has left the mirrors the first one after it that they have; else None."""
    known = [Suite(*entry[1:]) for entry in _SUITES]
    names = [each.name for each in known]
    if not suite.archived or suite.name not in names:
        return None
    later = known[names.index(suite.name) + 1 :]
    return next((each for each in later if not each.archived), None)
