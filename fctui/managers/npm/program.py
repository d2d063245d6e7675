"""Which npm is run, and that it is one that can resolve for another machine than this one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from msgspec import Struct

from fctui.managers.interface import Context
from fctui.model.errors import MissingToolError
from fctui.tasks.command import Command
from fctui.tasks.missing import how_to_install
from fctui.tasks.task import Task

MEMORY = "npm-version"

OLDEST = (10, 3)
# The first that knows --libc; npm 9.2, Debian 12's own, does not know --os and --cpu either.

LOCKS_LIBC = (11, 11)
# The first that writes `libc` into its lock.

BESIDE = os.path.join(sys.prefix, "bin", "npm")
# Where the set-up puts an npm when that of PATH is too old.

HINT = f"npm install -g npm@{OLDEST[0]}"


class InstalledNpm(Struct, frozen=True):
    """An npm that may be run: `name` is what a command calls it."""

    name: str
    version: str

    @property
    def locks_libc(self) -> bool:
        """Whether its locks say which C library a package is for."""
        return _numbers(self.version) >= LOCKS_LIBC


def find_npm() -> str | None:
    """The npm beside this Python, else that of PATH."""
    return shutil.which(BESIDE) or shutil.which("npm")


def is_too_old(version: str) -> bool:
    """Whether a version like `9.2.0` is one that is refused; "" is not known to be good."""
    return _numbers(version) < OLDEST


def _numbers(version: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)\.", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def without_scripts() -> dict[str, str]:
    """Variables with which npm, and each npm that it starts, runs no script.

    Before npm 11 `ignore-scripts` does not keep a git dependency's `prepare` from running. So the
    shell that would run it is a program that does nothing.
    """
    nothing = shutil.which("true") or "/bin/true"
    return {"npm_config_ignore_scripts": "true", "npm_config_script_shell": nothing}


def version_command(program: str) -> Command:
    """Asks npm for its version, which reads no project."""
    return Command((program, "--version"), cwd=Path("/"), ok=tuple(range(256)))


async def require_npm(context: Context, task: Task) -> InstalledNpm | None:
    """The npm to run, None where there is none.

    Raises MissingToolError where it is too old; such an npm gets no other command than this one.
    """
    program = find_npm()
    if program is None:
        return None
    version = await _version(context, program, task)
    if is_too_old(version):
        if not version:
            raise MissingToolError(
                f"npm does not run here: {program} --version tells no version.",
                hint="The task's log has what it says. It needs node "
                f"({how_to_install('nodejs')}).",
            )
        raise MissingToolError(
            f"npm {version} cannot resolve for another machine than this one; fctui needs npm "
            f"{OLDEST[0]}.{OLDEST[1]} or newer.",
            hint=HINT,
        )
    return InstalledNpm("npm" if shutil.which("npm") == program else program, version)


async def _version(context: Context, program: str, task: Task) -> str:
    key = identity(program)
    kept = context.store.recall(MEMORY, key)
    if kept is not None:
        return kept.decode()
    done = await task.run(version_command(program))
    found = re.fullmatch(rb"v?(\d+\.\d+\.\d+[-+.\w]*)\s*", done.stdout)
    if done.returncode or found is None:
        return ""
    context.store.keep(MEMORY, key, found[1])
    return found[1].decode()


def identity(program: str) -> str:
    """The npm that is installed: another one may have another version and other defaults."""
    real = os.path.realpath(program)
    manifest = os.path.join(os.path.dirname(os.path.dirname(real)), "package.json")
    parts = [real]
    for path in (real, manifest):  # npm-cli.js is the same file in many versions
        if os.path.isfile(path):
            about = os.stat(path)
            parts.append(f"{about.st_size} {about.st_mtime_ns}")
    return "\n".join(parts)
