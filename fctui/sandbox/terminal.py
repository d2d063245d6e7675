"""Handing this process's own streams to a command: a terminal with job control, or a pipe.

A command of a sandbox never gets the terminal itself, for whoever has it may type into it
(ioctl_tty(2), TIOCSTI). It gets a pseudo-terminal of its own, pty(7), and what is typed and shown
is passed on.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from types import FrameType

from fctui.model.errors import MissingToolError

_PIECE = 1 << 16
# Bytes passed on at once.

_SIGNALLED = 128
# What a shell adds to the number of the signal that ended a command: POSIX, 2.8.2.

_GRACE = 2.0
# Seconds that an interrupted command has to end by itself.


def is_terminal() -> bool:
    """Whether there is somebody at a terminal to type and to read."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def attend(argv: Sequence[str], *, private: bool) -> int:
    """Run a command with stdin, stdout and stderr of this process to its end; its exit status.

    With `private` it gets a pseudo-terminal where this process has a terminal. Raises
    MissingToolError.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        status = _in_own_terminal(argv) if private and is_terminal() else _passed(argv)
    except FileNotFoundError as error:
        raise MissingToolError(f"{argv[0]} is not on this machine, or cannot be run.") from error
    return _SIGNALLED - status if status < 0 else status


def _passed(argv: Sequence[str]) -> int:
    """With the streams as they are; an interruption ends it."""
    with subprocess.Popen(argv) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
            process.kill()
            return -signal.SIGINT


def _in_own_terminal(argv: Sequence[str]) -> int:
    here = sys.stdin.fileno()
    modes = termios.tcgetattr(here)
    ours, theirs = os.openpty()
    try:
        termios.tcsetattr(theirs, termios.TCSANOW, modes)
        _fit(ours)
        with subprocess.Popen(
            ["setsid", "--ctty", *argv], stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            theirs = -1
            try:
                with _resizing(ours), _raw(here, modes):
                    _pass_on(here, sys.stdout.fileno(), ours)
            except BaseException:
                process.kill()
                raise
            return process.wait()
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


def _fit(ours: int) -> None:
    """Give the pseudo-terminal the size of the real one; the kernel tells its processes."""
    with contextlib.suppress(OSError):
        termios.tcsetwinsize(ours, termios.tcgetwinsize(sys.stdout.fileno()))


@contextlib.contextmanager
def _resizing(ours: int) -> Iterator[None]:
    def changed(_number: int, _frame: FrameType | None) -> None:
        _fit(ours)

    before = signal.signal(signal.SIGWINCH, changed)
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)


@contextlib.contextmanager
def _raw(here: int, modes: list[int | list[bytes | int]]) -> Iterator[None]:
    """Every key goes through as it is, ^C and ^Z too: what they mean, the inner one decides."""
    tty.setraw(here, termios.TCSANOW)  # what has been typed already is not thrown away
    try:
        yield
    finally:
        termios.tcsetattr(here, termios.TCSADRAIN, modes)


def _pass_on(here: int, there: int, ours: int) -> None:
    """Keys in and text out until the last process has left the pseudo-terminal.

    Keys wait in a queue of our own while it is full (a large paste): a write that blocks while
    the other side's does too would never end.
    """
    typed = bytearray()
    os.set_blocking(ours, False)
    with selectors.DefaultSelector() as selector:
        selector.register(here, selectors.EVENT_READ)
        selector.register(ours, selectors.EVENT_READ)
        while True:
            for key, events in selector.select():
                if key.fd == here:
                    data = _read(here)
                    if not data:  # nobody is there any more: the terminal has been closed
                        return
                    typed += data
                elif events & selectors.EVENT_READ:
                    data = _read(ours)
                    if not data:
                        return
                    _write(there, data)
            if typed:
                with contextlib.suppress(BlockingIOError):
                    del typed[: os.write(ours, typed)]
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if typed else 0)
            selector.modify(ours, wanted)


def _read(descriptor: int) -> bytes:
    """What is there; b"" at the end, which a pseudo-terminal tells as an error."""
    try:
        return os.read(descriptor, _PIECE)
    except OSError:
        return b""


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
