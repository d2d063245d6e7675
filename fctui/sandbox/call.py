"""Calling a function's handler once in a sandbox: orders go in, one answer comes out."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from fctui.model.errors import TaskError
from fctui.model.invocation import Failure
from fctui.sandbox.execute import INSIDE, PATIENCE, TOOLS, Sandbox
from fctui.tasks.task import Task

Style = Literal["fc", "lambda"]
"""Whose runtime calls: Function Compute gives bytes and takes bytes or text, Lambda gives and
takes JSON; their contexts differ."""

Language = Literal["python", "node"]

_RUNNERS = {"python": "call.py", "node": "call.js"}
_ORDERS = "call.json"


class Orders(Struct, frozen=True, kw_only=True):
    """What the runner inside gets. `module` is a Python module, `file` a path below `code` for
    Node; `event` is Base64. Limits are in seconds, `memory` in MB.
    """

    code: str
    handler: str
    module: str
    file: str
    function: str
    style: Style
    event: str
    name: str
    request_id: str
    memory: int
    limit: float
    init_limit: float
    python_path: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """What the runner says: `result` is Base64, `late` names what did not end, `status` is how the
    process ended that said nothing (negative: the signal).
    """

    result: str | None = None
    error: Failure | None = None
    init_seconds: float | None = None
    seconds: float | None = None
    peak_memory: int | None = None
    late: Literal["", "init", "call"] = ""
    status: int | None = None

    @property
    def body(self) -> bytes | None:
        """The result's bytes."""
        return None if self.result is None else base64.b64decode(self.result)


async def call(
    sandbox: Sandbox,
    language: Language,
    program: str,
    orders: Orders,
    *,
    room: Path,
    task: Task,
    heard: Callable[[tuple[str, ...]], None],
) -> Answer:
    """Call it; what the function writes goes to `heard` line by line, as it comes.

    `program` is the interpreter in the sandbox, `room` an empty directory. Raises TaskError where
    the sandbox does not start or does not end.
    """
    runner = _RUNNERS[language]
    await asyncio.to_thread(_prepare, room, runner, orders)
    argv = (program, *(("-s",) if language == "python" else ()))
    argv = (*argv, f"{TOOLS}/{runner}", f"{TOOLS}/{_ORDERS}")

    def emit(lines: tuple[str, ...], replace: bool) -> None:  # noqa: ARG001, FBT001 - process.Emit
        heard(lines)

    limit = orders.init_limit + orders.limit + PATIENCE
    try:
        async with asyncio.timeout(limit):
            done = await sandbox.run(argv, room, task, emit, log_stdout=False)
    except TimeoutError as error:
        raise TaskError(f"The sandbox did not end within {limit:.0f} seconds.") from error
    try:
        return msgspec.json.decode(done.stdout, type=Answer)
    except msgspec.DecodeError as error:
        raise TaskError(
            f"What calls the function in {sandbox.title} ended without an answer.",
            hint="The log has what it said.",
        ) from error


def _prepare(room: Path, runner: str, orders: Orders) -> None:
    shutil.copyfile(INSIDE / runner, room / runner)
    (room / _ORDERS).write_bytes(msgspec.json.encode(orders))
    room.chmod(0o755)  # nobody reads it
