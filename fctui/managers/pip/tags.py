"""Which wheels fit a target: its compatibility tags and the environment that markers see.

Sources: PEP 425, PEP 600 (manylinux_X_Y), PEP 513/571/599 (its older names), PEP 508 (markers).
"""

from __future__ import annotations

from functools import lru_cache

from fctui.model.errors import UsageError
from fctui.model.target import Target

_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# glibc 2.x by the names that were used before PEP 600; x86_64 has all three.

_OLDEST = {"x86_64": 5, "aarch64": 17}
# The first glibc 2.x that a manylinux policy exists for.


def python_of(target: Target) -> tuple[int, int]:
    """(major, minor) of the target's Python. Raises UsageError for a target without one."""
    found = target.python_xy
    if found is None:
        raise UsageError(
            f"{target.title} has no Python: pip packages cannot be resolved for it.",
            hint="Choose a target with Python, for example with --target debian12.",
        )
    return found


def platforms(target: Target) -> tuple[str, ...]:
    """The platform tags of the target, the newest glibc first."""
    arch = target.arch
    found: list[str] = []
    if target.glibc[0] == 2:
        for minor in range(target.glibc[1], _OLDEST.get(arch, 17) - 1, -1):
            found.append(f"manylinux_2_{minor}_{arch}")
            if minor in _LEGACY and (minor == 17 or arch == "x86_64"):
                found.append(f"{_LEGACY[minor]}_{arch}")
    return (*found, f"linux_{arch}")


def abis(target: Target) -> tuple[str, ...]:
    """The ABI tags of the target's CPython; before 3.8 pymalloc had its mark."""
    major, minor = python_of(target)
    return (f"cp{major}{minor}m" if (major, minor) < (3, 8) else f"cp{major}{minor}",)


def supported_tags(target: Target) -> dict[str, int]:
    """Every tag `python-abi-platform` that the target's Python takes, with its rank: 0 is best."""
    return _ranked(python_of(target), abis(target), platforms(target))


@lru_cache(maxsize=8)
def _ranked(
    python: tuple[int, int], abi: tuple[str, ...], platform: tuple[str, ...]
) -> dict[str, int]:
    from packaging.tags import compatible_tags, cpython_tags

    ranks: dict[str, int] = {}
    interpreter = f"cp{python[0]}{python[1]}"
    for tag in cpython_tags(python, list(abi), list(platform)):
        ranks.setdefault(str(tag), len(ranks))
    for tag in compatible_tags(python, interpreter, list(platform)):
        ranks.setdefault(str(tag), len(ranks))
    return ranks


def full_version(target: Target) -> str:
    """X.Y.Z of the target's Python; where only X.Y is known the first of them, since markers
    like `python_full_version < "3.11.3"` bring back-ports that newer ones merely do not need.
    """
    major, minor = python_of(target)
    version = target.python.version if target.python else ""
    return version if version.count(".") >= 2 else f"{major}.{minor}.0"


def marker_environment(target: Target) -> dict[str, str]:
    """The target as environment markers see it (PEP 508)."""
    major, minor = python_of(target)
    full = full_version(target)
    return {
        "implementation_name": "cpython",
        "implementation_version": full,
        "os_name": "posix",
        "platform_machine": target.arch,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": full,
        "python_version": f"{major}.{minor}",
        "sys_platform": "linux",
    }
