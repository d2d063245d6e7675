"""Running one command: its output as it comes, and an end to everything that it started."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import functools
import os
import shutil
import signal
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fctui.model.errors import MissingToolError, TaskError
from fctui.tasks.command import Command, Completed
from fctui.tasks.missing import how_to_install
from fctui.tasks.text import clean

GRACE = 2.0
# Seconds between SIGTERM and SIGKILL: package managers remove their temporary files in less.

FLUSH = 1 / 30
# Seconds for which lines are gathered, so that a noisy tool costs one event per painted frame.

LINGER = 0.25
# Seconds between looks at a process whose pipes stay open: `Process.wait` of asyncio does not
# return before the last one has closed them (cpython #119710).

TAIL = 200
# Lines of stderr kept for the error message.

LONGEST = 4096
# Characters after which a line without an end is cut.

PACKAGES = {
    "apt-cache": "apt",
    "apt-get": "apt",
    "bwrap": "bubblewrap",
    "dpkg-deb": "dpkg",
    "git": "git",
    "mvn": "maven",
    "node": "nodejs",
    "npm": "npm",
}
# The Debian package that has a program.

Emit = Callable[[tuple[str, ...], bool], None]


async def run_process(command: Command, emit: Emit, *, log_stdout: bool = False) -> Completed:
    """Run a command in its own process group, with nothing on stdin.

    `emit(lines, replace)` gets stderr (and stdout if asked). When this returns or raises, for
    whatever reason, no process of the group is left. Raises MissingToolError and TaskError.
    """
    process = await _start(command)
    stdout, stderr = _pipes(process)
    tail: deque[str] = deque(maxlen=TAIL)
    log = _Log(emit, tail)
    out = bytearray()
    readers = asyncio.gather(
        _read(stdout, out.extend, log if log_stdout else None),
        _read(stderr, None, log),
    )
    try:
        await _wait_for_both(process, readers)
    finally:
        await _whatever_comes(_end(process, readers))
        log.flush()
    if process.returncode not in command.ok:
        raise _failure(command, process.returncode or 0, tail)
    return Completed(command, process.returncode or 0, bytes(out), tuple(tail))


async def _start(command: Command) -> asyncio.subprocess.Process:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **command.env}
    program = clean(command.argv[0])
    if command.cwd is not None and not os.path.isdir(command.cwd):  # noqa: ASYNC240 - one stat
        raise TaskError(f"{program} cannot run: {command.cwd} is not there.")
    try:
        return await _whole(
            asyncio.create_subprocess_exec(
                *_bound_to_parent(command, environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                cwd=command.cwd,
                start_new_session=True,
            )
        )
    except (FileNotFoundError, PermissionError) as error:
        package = PACKAGES.get(os.path.basename(program))
        raise MissingToolError(
            f"{program} is not on this machine, or cannot be run.",
            hint=f"To have it: {how_to_install(package)}."
            if package
            else "Install it, then try again; fctui doctor lists what is used for what.",
        ) from error
    except OSError as error:
        raise TaskError(f"{program} cannot be run: {error.strerror}.") from error
    except ValueError as error:  # a null character, which no argument can have
        raise TaskError(f"{program} cannot be run: {error}.") from error


async def _whole(
    starting: Coroutine[None, None, asyncio.subprocess.Process],
) -> asyncio.subprocess.Process:
    """Start it; cancelled meanwhile, end what was started. asyncio itself kills the program alone
    and then waits for the pipes, which what that has started holds open.
    """
    job = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await _whatever_comes(_end_started(job))
        raise


async def _end_started(job: asyncio.Future[asyncio.subprocess.Process]) -> None:
    await asyncio.wait([job])
    if job.exception() is None:
        process = job.result()
        readers = asyncio.gather(*(_read(s, None, None) for s in _pipes(process)))
        await _end(process, readers)


def _pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamReader, ...]:
    assert process.stdout is not None  # noqa: S101 - both are pipes, see _start
    assert process.stderr is not None  # noqa: S101
    return process.stdout, process.stderr


def _bound_to_parent(command: Command, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The argv with which the program gets SIGTERM when this process is killed, prctl(2).

    Doing it between fork and exec (`preexec_fn`) is not safe in a process with threads, so
    setpriv(1) does it, which then becomes the program. Where there is none, a program outlives
    a killed fctui until it writes to its closed pipes; it works in a room of its own, so the
    next run does not meet it.
    """
    setpriv, program = _setpriv(), command.argv[0]
    relative = "/" in program and not program.startswith("/")
    if setpriv is None or relative or not shutil.which(program, path=environment.get("PATH")):
        return command.argv
    return (setpriv, "--pdeathsig", "TERM", "--", *command.argv)


@functools.cache
def _setpriv() -> str | None:
    return shutil.which("setpriv")


async def _whatever_comes(ending: Coroutine[None, None, None]) -> None:
    """Await to the end, also when cancelled once more meanwhile."""
    work = asyncio.ensure_future(ending)
    cancelled = False
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            cancelled = True
    work.result()
    if cancelled:
        raise asyncio.CancelledError


async def _wait_for_both(
    process: asyncio.subprocess.Process, readers: asyncio.Future[tuple[None, None]]
) -> None:
    """Until the process has ended and its pipes are drained. A grandchild may keep a pipe open
    for ever: after the process's end the rest has a moment to arrive.
    """
    while not readers.done():
        await asyncio.wait([readers], timeout=LINGER)
        if process.returncode is not None:
            await asyncio.wait([readers], timeout=LINGER)
            return
    await process.wait()


async def _end(process: asyncio.subprocess.Process, readers: asyncio.Future[Any]) -> None:
    """End the whole group: TERM, a grace, KILL; then let go of the pipes."""
    _signal(process.pid, signal.SIGTERM if process.returncode is None else signal.SIGKILL)
    waited = 0.0
    while process.returncode is None and waited < GRACE:
        await asyncio.sleep(0.02)
        waited += 0.02
    _signal(process.pid, signal.SIGKILL)
    while process.returncode is None:  # noqa: ASYNC110 - asyncio has no event for it, see LINGER
        await asyncio.sleep(0.005)
    readers.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await readers
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()  # the pipes that a grandchild still holds; there is no public way


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


async def _read(
    stream: asyncio.StreamReader, keep: Callable[[bytes], None] | None, log: _Log | None
) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while chunk := await stream.read(1 << 16):
        if keep is not None:
            keep(chunk)
        if log is not None:
            log.feed(decoder.decode(chunk))
    if log is not None:
        log.feed(decoder.decode(b"", final=True) + "\n")


class _Log:
    """Turns chunks of text into clean lines; a carriage return rewrites the line before it."""

    def __init__(self, emit: Emit, tail: deque[str]) -> None:
        self._emit = emit
        self._tail = tail
        self._rest = ""
        self._lines: list[str] = []
        self._open = False
        self._replace = False
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, text: str) -> None:
        """Take a piece of output."""
        self._rest += text.replace("\r\n", "\n")
        while self._rest:
            ends = [at for at in (self._rest.find("\n"), self._rest.find("\r")) if at >= 0]
            cut = min(ends, default=-1)
            if cut < 0 and len(self._rest) < LONGEST:
                break
            if cut == len(self._rest) - 1 and self._rest[cut] == "\r":
                break  # its "\n" may be in the next piece
            cut = min(cut if cut >= 0 else LONGEST, LONGEST)
            ended = self._rest[cut : cut + 1]
            self._line(self._rest[:cut], rewritten=ended == "\r")
            self._rest = self._rest[cut + (ended in {"\n", "\r"}) :]
        if self._timer is None and self._lines:
            self._timer = asyncio.get_running_loop().call_later(FLUSH, self.flush)

    def flush(self) -> None:
        """Pass on what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            self._emit(tuple(self._lines), self._replace)
            self._lines, self._replace = [], False

    def _line(self, raw: str, *, rewritten: bool) -> None:
        line = clean(raw).rstrip()
        if not line:
            self._open = self._open and rewritten
            return
        if self._open and self._lines:
            self._lines[-1] = line
        elif self._open:
            self._replace = True
            self._lines.append(line)
        else:
            self._lines.append(line)
        if self._open and self._tail:
            self._tail[-1] = line
        else:
            self._tail.append(line)
        self._open = rewritten


def _failure(command: Command, status: int, tail: deque[str]) -> TaskError:
    program = clean(os.path.basename(command.argv[0]))
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"failed ({status})"
    said = "\n".join(list(tail)[-5:])
    return TaskError(
        f"{program} {how}" + (f":\n{said}" if said else "."),
        hint="The log has its whole output and the command to run it by hand.",
    )
