"""Tasks: units of asynchronous work that tell their states and end all that they started."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fctui.model.errors import FctuiError
from fctui.tasks.command import Command, Completed
from fctui.tasks.events import (
    CommandShown,
    LogLines,
    Progress,
    Reporter,
    State,
    TaskFinished,
    TaskStarted,
)
from fctui.tasks.process import run_process
from fctui.tasks.text import clean

_numbers = itertools.count(1)


class Task:
    """One running task, as the code that does the work sees it."""

    def __init__(self, number: int, reporter: Reporter) -> None:
        self.number = number
        self._reporter = reporter

    def show(self, command: Command | str) -> None:
        """Show the command that one could run by hand for this step."""
        line = command if isinstance(command, str) else command.line
        self._reporter.emit(CommandShown(self.number, line))

    def log(self, *lines: str, replace: bool = False) -> None:
        """Add lines to the task's log."""
        self._reporter.emit(LogLines(self.number, tuple(map(clean, lines)), replace))

    def progress(self, done: int, total: int | None, unit: str = "bytes") -> None:
        """Tell how far the task is."""
        self._reporter.emit(Progress(self.number, done, total, unit))

    async def run(self, command: Command, *, log_stdout: bool = False) -> Completed:
        """Show and run a command; its stderr (and stdout if asked) goes to the log.

        Raises TaskError when it ends with a status that is not in `command.ok`, MissingToolError
        when the program is not there. When cancelled, the whole process group has ended before
        this returns.
        """
        self.show(command)
        return await run_process(command, self._lines, log_stdout=log_stdout)

    def _lines(self, lines: tuple[str, ...], replace: bool) -> None:  # noqa: FBT001 - process.Emit
        self._reporter.emit(LogLines(self.number, lines, replace))


class Tasks:
    """Opens tasks and passes their events on."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    @asynccontextmanager
    async def open(self, manager: str, title: str) -> AsyncIterator[Task]:
        """A task for the body of the `async with`: done, failed or cancelled as the body ends."""
        task = Task(next(_numbers), self.reporter)
        self.reporter.emit(TaskStarted(task.number, manager, clean(title)))
        begun = time.monotonic()
        state, message, hint = State.DONE, "", ""
        try:
            yield task
        except asyncio.CancelledError:
            state = State.CANCELLED
            raise
        except FctuiError as error:
            state, message, hint = State.FAILED, error.message, error.hint
            raise
        except Exception as error:
            state, message = State.FAILED, f"{type(error).__name__}: {error}"
            raise
        finally:
            seconds = time.monotonic() - begun
            self.reporter.emit(TaskFinished(task.number, state, seconds, message, hint))
