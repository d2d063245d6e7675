"""Processes as they are: deaf to SIGTERM, with children, with broken output."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from fctui.model.errors import MissingToolError, TaskError
from fctui.tasks.command import Command, Completed
from fctui.tasks.events import CommandShown, Event, LogLines, State, TaskFinished
from fctui.tasks.task import Tasks


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    @property
    def lines(self) -> list[str]:
        shown: list[str] = []
        for event in self.events:
            if isinstance(event, LogLines):
                if event.replace and shown:
                    shown.pop()
                shown.extend(event.lines)
        return shown

    @property
    def state(self) -> State:
        last = self.events[-1]
        assert isinstance(last, TaskFinished)
        return last.state


async def run(recorder: Recorder, *argv: str, cwd: Path | None = None) -> Completed:
    async with Tasks(recorder).open("pip", "test") as task:
        return await task.run(Command(argv, cwd=cwd))


def shell(script: str) -> tuple[str, str, str]:
    return "sh", "-c", script


async def test_output_is_whole_and_the_log_is_clean() -> None:
    recorder = Recorder()
    script = (
        r"""printf 'out\377'; printf '\033[31mred\033[0m\n\033]0;title\007last \377 line' >&2"""
    )
    done = await run(recorder, *shell(script))
    assert done.stdout == b"out\xff"
    assert recorder.lines == ["red", "last \ufffd line"]
    assert any(isinstance(event, CommandShown) for event in recorder.events)
    assert recorder.state is State.DONE


async def test_a_progress_line_rewrites_itself() -> None:
    recorder = Recorder()
    script = "for i in 1 2 3; do printf 'at %d\\r' $i >&2; sleep 0.1; done; echo done >&2"
    await run(recorder, *shell(script))
    assert recorder.lines == ["done"]


async def test_a_line_without_end_is_cut() -> None:
    recorder = Recorder()
    script = f"import sys; sys.stderr.write('x' * {300_000})"
    await run(recorder, sys.executable, "-c", script)
    assert max(map(len, recorder.lines)) <= 4096
    assert sum(map(len, recorder.lines)) == 300_000


async def test_a_failure_tells_program_status_and_last_words() -> None:
    with pytest.raises(TaskError, match=r"(?s)sh failed \(3\).*no such thing"):
        await run(Recorder(), *shell("echo no such thing >&2; exit 3"))


async def test_a_missing_program_is_its_own_error() -> None:
    with pytest.raises(MissingToolError, match="no-such-program"):
        await run(Recorder(), "no-such-program")


async def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="not there"):
        await run(Recorder(), "true", cwd=tmp_path / "gone")


async def test_a_grandchild_that_keeps_the_pipe_does_not_hang() -> None:
    begun = time.monotonic()
    await run(Recorder(), *shell("sleep 30 & echo started"))
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("trap", ["", "trap '' TERM;"])
async def test_cancelling_ends_the_whole_group(tmp_path: Path, trap: str) -> None:
    recorder = Recorder()
    pids = tmp_path / "pids"
    script = f"{trap} sleep 60 & echo $! >> {pids}; echo $$ >> {pids}; sleep 60; sleep 60"
    work = asyncio.create_task(run(recorder, *shell(script)))
    for _ in range(200):
        if pids.exists() and len(pids.read_text().split()) == 2:
            break
        await asyncio.sleep(0.02)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert recorder.state is State.CANCELLED
    for pid in pids.read_text().split():
        assert not running(int(pid))


def running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return status != "Z"


async def test_nothing_is_on_stdin_and_the_locale_is_fixed() -> None:
    done = await run(Recorder(), *shell("cat; echo $LC_ALL"))
    assert done.stdout == b"C.UTF-8\n"


async def test_an_empty_environment_of_the_parent_is_kept() -> None:
    os.environ["FCTUI_TEST_MARK"] = "here"
    try:
        done = await run(Recorder(), *shell("echo $FCTUI_TEST_MARK"))
    finally:
        del os.environ["FCTUI_TEST_MARK"]
    assert done.stdout == b"here\n"
