"""Progress on stderr, on a terminal and elsewhere."""

from __future__ import annotations

import contextlib
import io

import pytest

from fctui.cli import progress
from fctui.cli.progress import StderrReporter
from fctui.tasks.events import (
    CommandShown,
    LogLines,
    Progress,
    State,
    TaskFinished,
    TaskStarted,
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "REDRAW", 0.0)


def run(reporter: StderrReporter, state: State = State.DONE) -> None:
    reporter.emit(TaskStarted(1, "pip", "fetch"))
    reporter.emit(CommandShown(1, "uv lock"))
    reporter.emit(LogLines(1, ("Resolved 3 packages",)))
    reporter.emit(Progress(1, 500_000, 1_000_000, "bytes"))
    reporter.emit(TaskFinished(1, state, 1.26))


def test_a_line_for_each_task_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    run(StderrReporter())
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "✔ pip fetch  1.3 s  500.0 K of 1.0 M\n"


@pytest.mark.parametrize(("state", "sign"), [(State.FAILED, "✖"), (State.CANCELLED, "–")])
def test_the_sign_says_how_it_ended(
    state: State, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(StderrReporter(), state)
    assert capsys.readouterr().err.startswith(f"{sign} pip fetch")


def test_verbose_shows_commands_and_their_output(capsys: pytest.CaptureFixture[str]) -> None:
    run(StderrReporter(verbose=True))
    assert capsys.readouterr().err.splitlines()[:2] == ["$ uv lock", "  Resolved 3 packages"]


@pytest.mark.usefixtures("at_once")
def test_a_terminal_gets_one_live_line_that_goes_away() -> None:
    terminal = Terminal()
    with contextlib.redirect_stderr(terminal):
        reporter = StderrReporter()
        reporter.emit(TaskStarted(1, "pip", "fetch"))
        reporter.emit(TaskStarted(2, "apt", "resolve"))
        reporter.emit(Progress(1, 500_000, 1_000_000, "bytes"))
        live = terminal.getvalue().rpartition("\r\x1b[K")[2]
        reporter.close()
    assert live == "pip fetch 500.0 K of 1.0 M · apt resolve"
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.usefixtures("at_once")
def test_the_live_line_is_no_wider_than_the_terminal() -> None:
    terminal = Terminal()
    with contextlib.redirect_stderr(terminal):
        StderrReporter().emit(TaskStarted(1, "pip", "x" * 500))
    assert len(terminal.getvalue().rpartition("\r\x1b[K")[2]) == 79


def test_a_task_that_never_began_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    StderrReporter().emit(TaskFinished(9, State.DONE, 1.0))
    assert capsys.readouterr().err == ""
