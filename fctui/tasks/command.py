"""A command as data, so that a dry run, the line shown to the user and a test see the same argv."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field


class Command(Struct, frozen=True):
    """What is run: an argv, the variables added to the environment, the directory.

    `ok` are the exit statuses that are no failure.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    ok: tuple[int, ...] = (0,)

    @property
    def line(self) -> str:
        """The command as one could type it in a shell."""
        variables = [f"{name}={shlex.quote(value)}" for name, value in sorted(self.env.items())]
        line = " ".join([*variables, shlex.join(self.argv)])
        return f"cd {shlex.quote(str(self.cwd))} && {line}" if self.cwd else line


class Completed(Struct, frozen=True):
    """How a command ended: `stdout` whole, of `stderr` the last lines, decoded and clean."""

    command: Command
    returncode: int
    stdout: bytes
    stderr: tuple[str, ...]
