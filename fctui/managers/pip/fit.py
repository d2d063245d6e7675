"""Whether a wheel that was built here fits the target: by its tags, and by the C library that its
machine code asks for.
"""

from __future__ import annotations

import platform
import shutil
import tempfile
import zipfile
from pathlib import Path

from fctui.managers.pip.candidates import wheel_tags
from fctui.managers.pip.tags import python_of, supported_tags
from fctui.model.target import Target
from fctui.native.elf import MAGIC, read_elf

Glibc = tuple[int, int]
"""(major, minor)"""

_OLDEST: Glibc = (2, 0)
_WITHOUT_NUMBER: Glibc = (2, 36)
# GLIBC_ABI_DT_RELR, the one name of the kind that compilers have asked for since: glibc's NEWS.


def fits(filename: str, target: Target, *, native: bool, glibc: Glibc | None) -> str:
    """Why a wheel that was built here does not fit the target; "" where it does.

    One that is tagged for plain Linux fits only if it was built by the target's Python (`native`)
    and asks for no newer `glibc` than the target's; None is another C library.
    """
    ranks = supported_tags(target)
    fitting = [tag for tag in wheel_tags(filename) if tag in ranks]
    if not fitting:
        return f"it is not for Python {'.'.join(map(str, python_of(target)))} on {target.arch}"
    if any(tag.endswith("-any") or "-manylinux" in tag for tag in fitting):
        return ""
    if not native:
        return "it has machine code, and the target's Python is not on this machine"
    if glibc is None or glibc > target.glibc:
        mine = f"glibc {'.'.join(map(str, glibc))}" if glibc else "another C library"
        have = ".".join(map(str, target.glibc))
        return f"compiled on this machine it needs {mine}; the target has {have}"
    return ""


def glibc_of(wheel: Path, built: Glibc | None, wanted: Glibc) -> Glibc | None:
    """The glibc that a wheel needs: at most the one `built` against, which is the answer where it
    is not newer than `wanted`; else what its files ask for, as auditwheel(1) tells it.

    None where it was built against another C library.
    """
    if built is None or built <= wanted:
        return built
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory(dir=wheel.parent) as room:
        try:
            return min(built, max(_asked(archive, Path(room)), default=_OLDEST))
        except ValueError:
            return built  # a damaged file tells nothing


def host_glibc() -> Glibc | None:
    """Of this machine."""
    name, version = platform.libc_ver()
    parts = version.split(".")
    if name != "glibc" or len(parts) < 2:
        return None
    return int(parts[0]), int(parts[1])


def _asked(archive: zipfile.ZipFile, room: Path) -> list[Glibc]:
    """What each version that a file asks for stands for. Raises ValueError for damaged files."""
    found = []
    copy = room / "member"
    for member in archive.infolist():
        with archive.open(member) as source:
            if source.read(len(MAGIC)) != MAGIC:
                continue
        with archive.open(member) as source, copy.open("wb") as out:
            shutil.copyfileobj(source, out)
        elf = read_elf(copy)
        for version in (v for asked in elf.requires.values() for v in asked) if elf else ():
            name, _, number = version.partition("_")
            if name == "GLIBC":
                parts = number.split(".")
                known = len(parts) >= 2 and all(part.isdecimal() for part in parts[:2])
                found.append((int(parts[0]), int(parts[1])) if known else _WITHOUT_NUMBER)
    return found
