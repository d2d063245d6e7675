"""Where code is compiled for a target: its release's own root file system, with a compiler in it.

What is compiled on this machine asks for this machine's C library and for the libraries that its
headers are of. In the target's own release it asks for what the target has.
"""

from __future__ import annotations

import platform
import shutil
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from msgspec import Struct

from fctui.managers.interface import Context
from fctui.model.errors import FctuiError
from fctui.model.target import Target
from fctui.sandbox.rooted import unavailable, why_foreign
from fctui.tasks.task import Task

TOOLS = ("build-essential", "pkg-config")
# What every build may take for granted.

_COMPILED = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".m", ".s", ".asm", ".pyx", ".f", ".f90", ".rs", ".go"}
)
# Suffixes of sources that are compiled to machine code.

_NOT_BUILT = frozenset({"test", "tests", "testing", "doc", "docs", "examples", "benchmarks"})
# Directories of what no build compiles.


class Workshop(Struct, frozen=True):
    """A root file system to compile in, and what it is called."""

    root: Path
    title: str


def languages(source: Path) -> frozenset[str]:
    """The suffixes of what is compiled in an sdist, a tarball or a directory. Blocks."""
    paths = map(PurePosixPath, _names(source))
    suffixes = {path.suffix.lower() for path in paths if _NOT_BUILT.isdisjoint(path.parts)}
    return frozenset(suffixes & _COMPILED)


def is_at_home(target: Target) -> bool:
    """Whether this machine runs the target's own release and has a compiler: what is compiled
    here is what is compiled there: os-release(5).
    """
    try:
        here = platform.freedesktop_os_release()
    except OSError:
        return False
    release = (here.get("ID"), here.get("VERSION_ID"), platform.machine())
    same = release == (target.distribution, target.release, target.arch)
    return same and shutil.which("cc") is not None


def no_workshop(context: Context) -> str:
    """Why nothing can be compiled for the target but on this machine; "" where it can."""
    target = context.target
    if target.id == "local":
        return "the target is this machine"
    if target.suite is None:
        return f"no packages are known that {target.title} could be made of"
    return why_foreign(target.arch) or unavailable()


async def open_workshop(context: Context, packages: Iterable[str], task: Task) -> Workshop | None:
    """The target's release with compilers and `packages`, made once; None where there is none,
    and the task's log says why.
    """
    from fctui.managers.apt.stand_in import stand_in

    why = no_workshop(context)
    if not why:
        try:
            made = await stand_in(context, tuple(sorted({*TOOLS, *packages})))
        except FctuiError as error:
            why = error.message
        else:
            suite = context.target.suite
            return Workshop(made.root, f"Debian {suite.release}" if suite else "")
    task.log(f"What is compiled is compiled on this machine: {why}.")
    return None


def _names(source: Path) -> Iterable[str]:
    if source.is_dir():
        return [str(path.relative_to(source)) for path in source.rglob("*")]
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            return archive.namelist()
    with tarfile.open(source) as tar:
        return tar.getnames()
