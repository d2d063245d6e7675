"""The errors a user can cause, each with what to do next and the exit code it ends with."""

from __future__ import annotations

from typing import ClassVar


class FctuiError(Exception):
    """Something failed that a user can understand: shown as a sentence, never as a traceback.

    `message` says what failed and why, `hint` what to do next.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FctuiError):
    """A wrong argument, setting or dependency file."""

    exit_code = 2


class MissingToolError(FctuiError):
    """A program that this step needs is not on the machine."""

    exit_code = 3


class ResolutionError(FctuiError):
    """No set of packages satisfies what the project declares on the target."""

    exit_code = 4


class LockError(ResolutionError):
    """There is no lock, or it does not answer for what the project declares now."""


class TaskError(FctuiError):
    """A step failed: a download, a hash, a process, the disk."""

    exit_code = 5
