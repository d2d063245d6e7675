"""What a task tells while it runs, as plain text: no markup, no escape codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class State(StrEnum):
    """The states of a task."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class TaskStarted(Struct, frozen=True):
    """A task began. `task` is its number, unique in the process; `manager` may be ""."""

    task: int
    manager: str
    title: str


class CommandShown(Struct, frozen=True):
    """The exact command that one could run by hand for what the task does now."""

    task: int
    line: str


class LogLines(Struct, frozen=True):
    """Output, in order. With `replace` the first line rewrites the last one, as progress does."""

    task: int
    lines: tuple[str, ...]
    replace: bool = False


class Progress(Struct, frozen=True):
    """How far it is: `done` of `total` (None: not known) in `unit`, `bytes` or a plural noun."""

    task: int
    done: int
    total: int | None
    unit: str


class TaskFinished(Struct, frozen=True):
    """A task ended; `message` says why when it is not done, `hint` what to do next."""

    task: int
    state: State
    seconds: float
    message: str = ""
    hint: str = ""


Event = TaskStarted | CommandShown | LogLines | Progress | TaskFinished


class Reporter(Protocol):
    """Takes the events; called on the event loop's thread, must return at once."""

    def emit(self, event: Event) -> None:
        """Take one event."""


class Silent:
    """A reporter that drops everything."""

    def emit(self, event: Event) -> None:
        """Drop it."""
