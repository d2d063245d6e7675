"""Running many trials in one sandbox: a small runner goes in, answers come out line by line."""

from __future__ import annotations

import asyncio
import base64
import shlex
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from fctui.model.errors import TaskError
from fctui.sandbox.isolate import STRICT, Leave
from fctui.sandbox.trial import Answer, Orders, Trial
from fctui.tasks.command import Command, Completed
from fctui.tasks.process import Emit
from fctui.tasks.task import Task
from fctui.tasks.text import clean

INSIDE = Path(__file__).parent / "inside"
TOOLS = "/.fctui"
# Where the runner and its orders lie in a sandbox.

MEMORY = 3 << 30
# Bytes of data that one trial may have: what the largest functions get, and less than any machine
# that builds bundles has.

WORKERS = 2
# Trials at once: they are bound by the processor.

PATIENCE = 60.0
# Seconds for a sandbox to start and end.


class Sandbox(Protocol):
    """Somewhere to run commands away from the host; `title` names it for people."""

    @property
    def title(self) -> str:
        """What it is, for people."""

    async def has(self, programs: Sequence[str], task: Task) -> tuple[str, ...]:
        """Those of the absolute paths that are programs in it."""

    async def run(
        self,
        argv: Sequence[str],
        tools: Path,
        task: Task,
        emit: Emit,
        *,
        log_stdout: bool = True,
    ) -> Completed:
        """Run a command in it; the directory `tools` is shown at `TOOLS`. Lines of stderr
        go to `emit`, and with `log_stdout` those of stdout as well.
        """

    def attached(self, argv: Sequence[str], tools: Path, leave: Leave = STRICT) -> Command:
        """The same command for whoever starts it with streams of their own."""


class _Line(Struct, frozen=True):
    """An answer of the runner that is a shell script: the output comes as Base64."""

    id: int
    status: int
    data: str


async def attempt(
    sandbox: Sandbox,
    trials: Iterable[Trial],
    *,
    python: str,
    room: Path,
    task: Task,
    heard: Callable[[Answer], None],
    python_path: tuple[str, ...] = (),
) -> None:
    """Make all trials; each answer goes to `heard` once, as it comes.

    `python` is the Python in the sandbox that the runner uses, "" where there is none: then only
    what has an argv can be tried. `room` is an empty directory. Raises TaskError where the
    sandbox does not start.
    """
    open_: dict[int, Trial] = {trial.id: trial for trial in trials if python or trial.argv}
    if not open_:
        return
    argv = _prepare(room, tuple(open_.values()), python, python_path)
    total = len(open_)

    def hear(line: str) -> None:
        answer = _decode(line)
        if answer is not None and open_.pop(answer.id, None) is not None:
            heard(answer)
            task.progress(total - len(open_), total, "checks")

    def emit(lines: tuple[str, ...], replace: bool) -> None:  # noqa: ARG001, FBT001 - process.Emit
        for line in lines:
            hear(line)

    limit = sum(trial.limit for trial in open_.values()) / WORKERS + PATIENCE
    try:
        async with asyncio.timeout(limit):
            done = await sandbox.run(argv, room, task, emit)
    except TimeoutError as error:
        raise TaskError(f"The checks did not end within {limit:.0f} seconds.") from error
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        hear(line)  # what was too long for one piece
    for trial in open_.values():
        heard(Answer(trial.id, -1, "the sandbox ended before it was tried"))


def _prepare(
    room: Path, trials: tuple[Trial, ...], python: str, python_path: tuple[str, ...]
) -> tuple[str, ...]:
    """Put the runner and its orders into the room; what is to be run in the sandbox."""
    for name in ("run.py", "require.js"):
        shutil.copyfile(INSIDE / name, room / name)
    room.chmod(0o755)  # nobody reads it
    if not python:
        (room / "run.sh").write_text(_script(trials), encoding="utf-8")
        return "/bin/sh", f"{TOOLS}/run.sh"
    orders = Orders(trials, python_path, WORKERS, MEMORY)
    (room / "orders.json").write_bytes(msgspec.json.encode(orders))
    return python, "-s", f"{TOOLS}/run.py", f"{TOOLS}/orders.json"


def _script(trials: Sequence[Trial]) -> str:
    """The same runner for a system without Python, of what coreutils(7) have."""
    lines = [
        "try() {",
        '  id=$1; out=/tmp/.$1; shift; timeout -k 1 "$@" >"$out" 2>&1 </dev/null; status=$?',
        '  printf \'{"id":%s,"status":%s,"data":"%s"}\\n\' \\',
        '    "$id" "$status" "$(tail -c 2000 "$out" | base64 -w 0)"; rm -f "$out"',
        "}",
    ]
    for number, trial in enumerate(trials, 1):
        lines.append(f"try {trial.id} {trial.limit:g} {shlex.join(trial.argv)} &")
        if number % WORKERS == 0:
            lines.append("wait")
    return "\n".join([*lines, "wait", ""])


def _decode(line: str) -> Answer | None:
    """An answer; None for a line that is none: packages print what they like."""
    if not line.startswith('{"id"'):
        return None
    try:
        answer = msgspec.json.decode(line, type=Answer)
    except msgspec.DecodeError:
        return None
    if answer.text or '"data"' not in line:
        return msgspec.structs.replace(answer, text=_tidy(answer.text))
    try:
        plain = msgspec.json.decode(line, type=_Line)
        text = base64.b64decode(plain.data).decode("utf-8", "replace")
    except (msgspec.DecodeError, ValueError):
        return None
    late = plain.status in {124, 137}  # timeout(1)
    status = 128 - plain.status if plain.status > 128 and not late else plain.status
    return Answer(plain.id, status, _tidy(text), late=late)


def _tidy(text: str) -> str:
    return "\n".join(clean(line) for line in text.splitlines())
