"""The pure parts below the widgets: signs, bars, titles, the log's book, the board of tasks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style

from fctui.model.errors import TaskError
from fctui.model.target import Limits
from fctui.targets.load import load_target
from fctui.tasks.events import (
    CommandShown,
    LogLines,
    Progress,
    State,
    TaskFinished,
    TaskStarted,
)
from fctui.tui.lines.line import Line, Span, draw
from fctui.tui.lines.sizes import gauge
from fctui.tui.lines.title import Heading, limit_of, title_line
from fctui.tui.log_book import LogBook
from fctui.tui.outline.outline import Outline
from fctui.tui.outline.packages import PackageForest
from fctui.tui.save_log import save_log
from fctui.tui.signs import ASCII, Signs, choose
from fctui.tui.task_board import TaskBoard
from fctui.tui.theme import theme_for
from tests.tui.fake import parse


@pytest.mark.parametrize(
    ("environment", "signs"),
    [
        ({}, Signs()),
        ({"LANG": "C.UTF-8"}, Signs()),
        ({"LANG": "de_DE.utf8"}, Signs()),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, ASCII),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, ASCII),
        ({"LANG": "en_US.ISO-8859-1"}, ASCII),
        ({"LANG": "C", "FCTUI_ASCII": "0"}, Signs()),
        ({"LANG": "C.UTF-8", "FCTUI_ASCII": "1"}, ASCII),
    ],
)
def test_signs_follow_the_locale(environment: dict[str, str], signs: Signs) -> None:
    assert choose(environment) == signs


def test_ascii_signs_are_ascii() -> None:
    assert all(sign.isascii() for sign in ASCII)


def test_few_colours_get_the_terminals_own() -> None:
    assert theme_for({}, "standard") == "ansi-dark"
    assert theme_for({}, "truecolor") == "tokyo-night"
    assert theme_for({"TEXTUAL_THEME": "nord"}, "standard") == "nord"


def test_gauge_is_exact_to_an_eighth() -> None:
    assert gauge(0, 100, 4) == "    "
    assert gauge(1, 1000, 4) == "▏   "
    assert gauge(50, 100, 4) == "██  "
    assert gauge(300, 100, 4) == "████"


def test_the_first_limit_is_the_one_that_counts() -> None:
    assert limit_of(Limits(unzipped=5, zip_storage=3)) == (5, "unpacked")
    assert limit_of(Limits(zip_storage=3, zip_api=1)) == (3, "zip")
    assert limit_of(Limits()) is None


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("target", ["debian12", "lambda-python3.12", "fc-custom.debian10"])
def test_title_fits(width: int, target: str) -> None:
    heading = Heading(
        project="thumbnail",
        target=load_target(target),
        method="install-option",
        bytes=600_000_000,
        complete=True,
        findings=12,
    )
    line = title_line(heading, width)
    strip = draw(line, width, lambda _: Style())
    assert strip.cell_length == width
    assert "thumbnail" in strip.text
    assert "600" in strip.text


def test_only_an_unpacked_limit_is_said_to_be_exceeded() -> None:
    for target, said in (("lambda-python3.12", True), ("debian12", False)):
        heading = Heading(
            project="x",
            target=load_target(target),
            method="target",
            bytes=600_000_000,
            complete=True,
        )
        assert ("over" in title_line(heading, 120).plain) is said


@pytest.mark.parametrize(("exactly", "told"), [(True, " 300 / 500 MB"), (False, "~300 / 500 MB")])
def test_a_zip_that_is_only_known_about_says_so(exactly: bool, told: str) -> None:
    heading = Heading(
        project="x",
        target=load_target("debian12"),
        method="target",
        bytes=900_000_000,
        complete=True,
        zipped=300_000_000,
        zipped_exactly=exactly,
    )
    assert told in title_line(heading, 120).plain


@pytest.mark.parametrize("width", [1, 5, 9, 20, 40])
def test_a_line_is_as_wide_as_it_is_told(width: int) -> None:
    line = Line((Span("宽" * 12), Span("left")), (Span("right"),))
    strip = draw(line, width, lambda _: Style(), "EF")
    assert strip.cell_length == cell_len(strip.text) == width


def test_a_match_is_marked_whatever_its_case() -> None:
    marks = draw(Line((Span("aBcabC"),)), 10, lambda name: Style(bold=name == "match"), "bc")
    assert [segment.text for segment in marks if segment.style and segment.style.bold] == [
        "Bc",
        "bC",
    ]


def test_log_folds_progress_lines_of_each_task() -> None:
    book = LogBook()
    book.take([TaskStarted(1, "pip", "one"), TaskStarted(2, "npm", "two")])
    book.take([LogLines(1, ("10 %",)), LogLines(2, ("fetching",))])
    book.take([LogLines(1, ("50 %",), replace=True), LogLines(1, ("100 %", "next"), replace=True)])
    assert [entry.text for entry in book.entries][2:] == ["100 %", "fetching", "next"]


def test_log_keeps_commands_outcomes_and_a_bounded_number_of_lines() -> None:
    book = LogBook(limit=50)
    book.take([TaskStarted(1, "apt", "resolve"), CommandShown(1, "apt-get update")])
    assert book.last_command == "apt-get update"
    book.take([LogLines(1, tuple(str(n) for n in range(200)))])
    book.take([TaskFinished(1, State.FAILED, 1.5, "no such package", "look for it")])
    assert len(book) == 50
    assert book.dropped == 200 + 5 - 50
    assert book.text().endswith("apt      no such package\napt      look for it\n")


def test_a_saved_log_says_where_and_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_log("text\n", "a/../b")
    assert path.is_relative_to(tmp_path)
    assert path.read_text() == "text\n"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(TaskError, match="cannot be written"):
        save_log("text\n", "b")


def test_board_says_how_far_and_how_it_ended() -> None:
    board = TaskBoard()
    board.take([TaskStarted(1, "pip", "fetch"), Progress(1, 12_100_000, 40_000_000, "bytes")])
    board.take([TaskStarted(2, "npm", "npm list"), Progress(2, 12, None, "packages")])
    shown = board.line(0).plain
    assert "pip fetch 12.1 M of 40.0 M" in shown
    assert "npm list 12 packages" in shown
    assert "c stops" in shown
    board.take([Progress(2, 40, 100, "percent")])
    assert "npm list 40 %" in board.line(0).plain
    board.take([TaskFinished(1, State.DONE, 0.42), TaskFinished(2, State.CANCELLED, 1.0)])
    assert board.line(0).plain == " ✔ pip 0.4 s  ■ npm cancelled "


def test_every_edge_is_a_row_and_every_package_has_its_numbers_once() -> None:
    resolution = parse("npm", "debian12")
    outline = Outline(PackageForest(resolution, {}))
    outline.open_all()
    edges = sum(len(package.requires) for package in resolution.packages.values())
    assert len(outline.rows) == len(resolution.roots) + edges
    homes = [row.key for row in outline.rows if not row.again]
    assert sorted(homes) == sorted(resolution.packages)
    first: dict[str, int] = {}
    for index, row in enumerate(outline.rows):
        first.setdefault(row.key, index)
    assert all(not outline.rows[index].again for index in first.values())


def test_filter_shows_matches_and_what_leads_to_them_only() -> None:
    outline = Outline(PackageForest(parse("npm", "debian12"), {}))
    outline.filter("mime-db")
    names = {row.key.removeprefix("node_modules/") for row in outline.rows}
    assert "mime-db" in names
    for row in outline.rows:
        leads = any(
            other.path[: len(row.path)] == row.path for other in outline.rows if other != row
        )
        assert row.key in outline.matches or leads


def test_ascii_screen_has_no_other_character(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from tests.tui.driver import Driver
from tests.tui.fake import FakeWorkflow, make_app, make_project

async def main():
    workflow = FakeWorkflow(make_project(Path(sys.argv[1])))
    app = make_app(Path(sys.argv[1]), workflow)
    app.animation_level = "none"
    async with app.run_test(size=(120, 40)) as pilot:
        screen = Driver(app, pilot, workflow)
        await screen.until(lambda: app.main.plan is not None)
        for keys in ("e", "l", "question_mark", "escape", "5", "t"):
            await screen.press(keys)
            assert screen.text.isascii(), screen.text
asyncio.run(main())
"""
    environment = {**os.environ, "FCTUI_ASCII": "1", "TEXTUAL_THEME": "textual-dark"}
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
