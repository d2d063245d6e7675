"""Finding a CPython of the target's version on this machine: PATH, pyenv, uv's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.pip.uv_tool import find_uv
from fctui.model.errors import FctuiError
from fctui.tasks.command import Command
from fctui.tasks.task import Task

_ASK = "import sys; print(sys.implementation.name, *sys.version_info[:2])"


async def interpreter(context: Context, python: tuple[int, int], task: Task) -> str | None:
    """The path of a CPython X.Y on this machine, None where there is none. Remembered."""
    known = context.memory.setdefault("pip.interpreters", {})
    if not isinstance(known, dict):
        return None
    if python not in known:
        known[python] = await _find(python, task)
    path: str | None = known[python]
    return path


def candidates(python: tuple[int, int]) -> Iterator[str]:
    """Programs that may be CPython X.Y; pyenv's shims are among them and may not run."""
    name = f"python{python[0]}.{python[1]}"
    found = shutil.which(name)
    if found:
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    versions = pyenv.glob(f"{python[0]}.{python[1]}.*/bin/{name}")
    yield from sorted(map(str, versions), reverse=True)


async def _find(python: tuple[int, int], task: Task) -> str | None:
    for path in candidates(python):
        if await _says(path, python, task):
            return path
    argv = (find_uv(), "python", "find", "--system", "--no-python-downloads", "--no-project")
    version = ".".join(map(str, python))
    completed = await task.run(Command((*argv, f"cpython@{version}"), ok=tuple(range(256))))
    path = completed.stdout.decode(errors="replace").strip()
    if completed.returncode or not path or not await _says(path, python, task):
        return None
    return path


async def _says(path: str, python: tuple[int, int], task: Task) -> bool:
    """Whether a program is what its name says."""
    command = Command((path, "-I", "-c", _ASK), ok=tuple(range(256)))
    try:
        completed = await task.run(command)
    except FctuiError:
        return False
    return completed.stdout.split() == [b"cpython", *(str(part).encode() for part in python)]
