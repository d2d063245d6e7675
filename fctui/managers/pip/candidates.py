"""Choosing the file of a version for a target: a wheel by its tags, or the sdist.

Sources: PEP 427 (wheel file names), PEP 425 (compressed tag sets), PEP 625 (sdist names).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs

from fctui.managers.pip.tags import supported_tags
from fctui.model.package import Artifact
from fctui.model.target import Target

_MANYLINUX = re.compile(r"^manylinux_(\d+)_(\d+)_(.+)$")
_OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_FAR = (2, 99)
# A glibc newer than any: what fits only with it is kept out by glibc alone.


class Candidates(Struct, frozen=True):
    """The files that one version of a package is published as."""

    wheels: tuple[Artifact, ...]
    sdist: Artifact | None = None


class Choice(Struct, frozen=True):
    """The file chosen, or None with the reason. `older` says that the version publishes binary
    wheels and none fits: an older version that has one serves better than a build.
    """

    artifact: Artifact | None
    needs_build: bool = False
    reason: str = ""
    older: bool = False


def choose(candidates: Candidates, target: Target) -> Choice:
    """The best wheel for the target; without one the sdist."""
    ranks = supported_tags(target)
    fitting = [
        (rank, _negated(build_number(wheel.filename)), wheel)
        for wheel in candidates.wheels
        if (rank := wheel_rank(wheel.filename, ranks)) is not None
    ]
    if fitting:
        return Choice(min(fitting, key=lambda each: each[:2])[2])
    reason = why_not(candidates.wheels, target)
    older = any(is_binary(wheel.filename) for wheel in candidates.wheels)
    if candidates.sdist is not None:
        return Choice(candidates.sdist, needs_build=True, reason=reason, older=older)
    return Choice(None, reason=reason or "it publishes no files", older=True)


def wheel_tags(filename: str) -> Iterator[str]:
    """The tags `python-abi-platform` of a wheel's file name, its sets expanded."""
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return
    pythons, abis, platforms = (part.split(".") for part in parts[-3:])
    for platform in platforms:
        for abi in abis:
            for python in pythons:
                yield f"{python}-{abi}-{platform}".lower()


def wheel_rank(filename: str, ranks: Mapping[str, int]) -> int | None:
    """The rank of a wheel's best tag, None where none fits."""
    return min((ranks[tag] for tag in wheel_tags(filename) if tag in ranks), default=None)


def build_number(filename: str) -> tuple[int, str]:
    """The build tag of a wheel, (0, "") without one; of equal wheels the highest wins."""
    parts = filename.removesuffix(".whl").split("-")
    found = re.match(r"^(\d+)(.*)$", parts[2]) if len(parts) == 6 else None
    return (int(found.group(1)), found.group(2)) if found else (0, "")


def is_binary(filename: str) -> bool:
    """Whether a wheel is for some platform."""
    return not filename.endswith("-any.whl")


def why_not(wheels: Iterable[Artifact], target: Target) -> str:
    """Why none of a version's wheels fits the target; "" where there are none."""
    names = [wheel.filename for wheel in wheels]
    if not names:
        return ""
    newer = structs.replace(target, glibc=_FAR)
    ranks = supported_tags(newer)
    needs = [
        glibc
        for name in names
        if wheel_rank(name, ranks) is not None
        for glibc in [_glibc_of(name)]
        if glibc is not None
    ]
    if needs:
        lowest = min(needs)
        have = ".".join(map(str, target.glibc))
        return f"its wheels need glibc {lowest[0]}.{lowest[1]}, the target has {have}"
    arch = [name for name in names if name.endswith((f"{target.arch}.whl", "any.whl"))]
    if not arch:
        return f"it has no wheel for Linux on {target.arch}"
    python = target.python.version if target.python else "?"
    return f"it has no wheel for Python {python} on {target.arch}"


def _glibc_of(filename: str) -> tuple[int, int] | None:
    """The oldest glibc that a wheel's platform tags promise to run on."""
    found = []
    for platform in filename.removesuffix(".whl").rpartition("-")[2].split("."):
        match = _MANYLINUX.match(platform)
        if match:
            found.append((int(match.group(1)), int(match.group(2))))
        old = _OLD_NAMES.get(platform.partition("_")[0])
        if old:
            found.append(old)
    return min(found, default=None)


def _negated(build: tuple[int, str]) -> tuple[int, str]:
    return -build[0], build[1]
