"""What a person at the prompt may expect: an end on Ctrl-C, and words that help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

STUBBORN = """
import asyncio, contextlib
from fctui.cli.run import with_tasks

async def work(tasks):
    print("ready", flush=True)
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
            return
        print("asked", flush=True)

with_tasks(work, quiet=True, verbose=False)
"""


@pytest.fixture
def stubborn() -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", STUBBORN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )


def test_what_was_not_built_yet_is_told_in_words_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numpy\n")
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    argv = [sys.executable, "-m", "fctui", "check"]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "none has been built of it yet" in done.stderr
    assert "fctui build" in done.stderr


def test_the_third_interruption_ends_what_does_not_end_by_itself(
    stubborn: subprocess.Popen[str],
) -> None:
    with stubborn:
        assert stubborn.stdout
        assert stubborn.stderr
        assert stubborn.stdout.readline() == "ready\n"
        stubborn.send_signal(signal.SIGINT)
        assert stubborn.stdout.readline() == "asked\n"
        stubborn.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            stubborn.wait(0.3)  # the second only reminds
        stubborn.send_signal(signal.SIGINT)
        assert stubborn.wait(10) == 130
        assert stubborn.stderr.read().startswith("fctui: ended at once")
