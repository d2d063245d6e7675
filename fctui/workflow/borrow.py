"""An interpreter of this machine in the place of the target's own, where it runs there.

Runtimes with an interpreter that is not Debian's (Function Compute's python3.12, Lambda's) have
it in no archive. One of the same version on this machine will do, if its files load on the
target's libraries: uv's own builds ask for glibc 2.17 and do nearly everywhere.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
import shutil
from pathlib import Path

from fctui.managers.interface import Context
from fctui.model.target import Interpreter, Target
from fctui.native.search import Loader
from fctui.native.survey import Survey, survey, survey_root, survey_tree
from fctui.tasks.command import Command
from fctui.tasks.task import Task

_ADVICE = {
    "Python": " (uv python install {version} brings one that runs nearly everywhere)",
    "Node": "",
}


async def borrowed(
    context: Context, language: str, wanted: Interpreter, root: Path, task: Task
) -> tuple[dict[str, Path], str]:
    """What to show in the sandbox, by its place there, so that `wanted.executable` is an
    interpreter of that version; or nothing, and why.
    """
    version = wanted.version
    if language == "Python":
        source = await _python(context, wanted, task)
    else:
        source = await _node(version, task)
    if source is None:
        return {}, (
            f"the stand-in has no {language} {version}, which is not Debian's own, and neither "
            f"has this machine{_ADVICE[language].format(version=version)}"
        )
    place = posixpath.dirname(posixpath.dirname(wanted.executable))
    shown = {place: source.parent.parent} if language == "Python" else {wanted.executable: source}
    lacks = await asyncio.to_thread(_lacks, context.target, root, source, language)
    if lacks:
        advice = _ADVICE[language].format(version=version)
        return {}, f"this machine's {language} {version} does not run there: {lacks}{advice}"
    if language == "Python" and place in {"/usr", "/usr/local"}:
        return {}, f"the stand-in has no {language} {version}"
    return shown, ""


async def _python(context: Context, wanted: Interpreter, task: Task) -> Path | None:
    """A Python in a directory of its own; one in /usr cannot be shown without the rest of it."""
    from fctui.managers.pip.interpreters import candidates, interpreter

    major, minor, *_ = map(int, wanted.version.split("."))
    own = [wanted.executable] if context.target.id == "local" else []
    for path in (*own, *candidates((major, minor))):
        if (real := _program(path)) is not None:
            return real
    found = await interpreter(context, (major, minor), task)
    return _program(found) if found else None


def _program(path: str) -> Path | None:
    """Where a link to an interpreter leads; pyenv's shims are scripts, and no interpreters."""
    real = Path(os.path.realpath(path))
    if not real.name.startswith("python") or str(real.parent.parent) == "/usr":
        return None
    return real if survey(real.parent, [real.name]).elves else None


async def _node(version: str, task: Task) -> Path | None:
    """Node of PATH, if its major version is the one."""
    path = shutil.which("node")
    if path is None:
        return None
    done = await task.run(Command((path, "--version"), ok=tuple(range(256))))
    said = done.stdout.decode("utf-8", "replace").strip().removeprefix("v")
    same = said.partition(".")[0] == version.partition(".")[0]
    return Path(os.path.realpath(path)) if same else None  # noqa: ASYNC240 - as above


def _lacks(target: Target, root: Path, source: Path, language: str) -> str:
    """What the interpreter's own files do not find in the root; "" where all is there."""
    system = survey_root(root, target.multiarch)
    python = language == "Python"
    top = source.parent.parent if python else source.parent
    read = _standard_library(top, source) if python else survey(top, [source.name])
    elves = {f"{top}/{path}": elf for path, elf in read.elves.items()}
    links = {f"{top}/{path}": to for path, to in read.links.items()}
    loader = Loader(system, elves, links, arch=target.arch, glibc=target.glibc)
    for path in elves:
        program = "" if path == str(source) else str(source)
        loaded = loader.load(path, program)
        for missing in loaded.missing:
            return f"{missing.soname} is missing"
        for unversioned in loaded.unversioned:
            return f"it needs {unversioned.version}"
    return ""


def _standard_library(top: Path, source: Path) -> Survey:
    """The interpreter, its libpython and its extension modules."""
    found = survey(top, [f"bin/{source.name}"])
    elves, links = dict(found.elves), dict(found.links)
    for directory in top.glob("lib/python3*/lib-dynload"):
        read = survey_tree(directory)
        prefix = directory.relative_to(top)
        elves |= {
            f"{prefix}/{path}": elf
            for path, elf in read.elves.items()
            if not path.startswith(("_tkinter", "_test", "_dbm", "_gdbm", "_curses", "readline"))
        }
    libraries = [path.name for path in top.glob("lib/libpython*.so*") if not path.is_symlink()]
    elves |= {f"lib/{name}": elf for name, elf in survey(top / "lib", libraries).elves.items()}
    return Survey(elves, links)
