"""Processes as they are: deaf to SIGTERM, with children, with broken output."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from fctui.model.errors import MissingToolError, TaskError
from fctui.tasks.command import Command, Completed
from fctui.tasks.events import CommandShown, LogLines, State
from fctui.tasks.task import Tasks
from tests.support.recorder import Recorder


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
    assert recorder.states == [State.DONE]


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
    assert recorder.states == [State.CANCELLED]
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


async def test_cancelling_while_it_starts_ends_too() -> None:
    """At whatever moment, with all that it has started and that holds its pipes."""
    for moment in range(60):
        work = asyncio.ensure_future(run(Recorder(), *shell("sleep 60; :")))
        await asyncio.sleep(moment / 10_000)
        work.cancel()
        done, _ = await asyncio.wait([work], timeout=10)
        assert done, f"it never ended, cancelled after {moment / 10} ms"
        assert work.cancelled()


async def test_a_second_cancel_does_not_leave_a_process(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; echo $$ > {pids}; sleep 60; sleep 60"
    work = asyncio.create_task(run(Recorder(), *shell(script)))
    await appears(pids)
    work.cancel()
    await asyncio.sleep(0.1)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not running(int(pids.read_text()))


def written(path: Path) -> bool:
    return path.exists() and bool(path.read_text().strip())


async def appears(path: Path) -> None:
    for _ in range(500):
        if written(path):
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{path} did not appear")


PARENT = """
import asyncio, sys
from fctui.tasks.command import Command
from fctui.tasks.events import Silent
from fctui.tasks.task import Tasks

async def main():
    async with Tasks(Silent()).open("", "x") as task:
        await task.run(Command(("sh", "-c", f"echo $$ > {sys.argv[1]}; exec sleep 60")))

asyncio.run(main())
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux has it")
async def test_a_program_ends_with_a_killed_parent(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(pids))
    await appears(pids)
    assert running(int(pids.read_text()))
    parent.kill()
    await parent.wait()
    for _ in range(100):
        if not running(int(pids.read_text())):
            return
        await asyncio.sleep(0.02)
    pytest.fail("it still runs")


async def test_much_output_on_both_streams_is_drained() -> None:
    recorder = Recorder()
    script = (
        "import sys\n"
        "for i in range(20000):\n"
        "    print('out', i); print('err', i, file=sys.stderr)\n"
    )
    done = await run(recorder, sys.executable, "-c", script)
    assert done.stdout.count(b"\n") == 20000
    assert recorder.lines == [f"err {i}" for i in range(20000)]
    events = [event for event in recorder.events if isinstance(event, LogLines)]
    assert len(events) < 500
    assert done.stderr[-1] == "err 19999"


async def test_a_status_that_is_allowed_is_no_failure() -> None:
    async with Tasks(Recorder()).open("", "x") as task:
        done = await task.run(Command(shell("exit 7"), ok=(0, 7)))
    assert done.returncode == 7


async def test_a_program_that_is_killed_tells_by_what() -> None:
    with pytest.raises(TaskError, match="SIGSEGV"):
        await run(Recorder(), *shell("kill -SEGV $$"))


async def test_the_hint_names_the_package() -> None:
    with pytest.raises(MissingToolError) as caught:
        async with Tasks(Recorder()).open("", "x") as task:
            await task.run(Command(("npm", "ls"), env={"PATH": "/nowhere"}))
    assert "apt-get install npm" in caught.value.hint


async def test_stdout_is_logged_when_asked() -> None:
    recorder = Recorder()
    async with Tasks(recorder).open("", "x") as task:
        done = await task.run(Command(shell("echo seen")), log_stdout=True)
    assert recorder.lines == ["seen"]
    assert done.stdout == b"seen\n"


async def test_an_argument_with_a_null_character_is_told() -> None:
    with pytest.raises(TaskError, match="null"):
        await run(Recorder(), "echo", "a\0b")
