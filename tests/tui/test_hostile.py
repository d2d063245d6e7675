"""Names from registries that would like to be markup, control a terminal, or break columns."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from fctui.model.package import Package, Resolution, Root
from fctui.tasks.events import LogLines, TaskFinished, TaskStarted
from fctui.tasks.events import State as TaskState
from fctui.tui.bridge import Bridge
from fctui.tui.lines.line import clean, fit, fit_path
from fctui.tui.outline.outline import Outline
from fctui.tui.outline.packages import PackageForest
from tests.tui.conftest import Opening
from tests.tui.fake import FakeWorkflow

NAMES = (
    "a[/b]",
    "[red]requests[socks]>=2[/red]",
    "evil\x1b[31m\x1b]0;title\x07name",
    "bell\x07and\x9b2J",
    "reversed\u202egnp.exe",
    "line\nbreak\ttab\rreturn",
    "很长的软件包名称" * 3,
    "emoji👩‍💻package",
    "x" * 400,
)


def hostile(manager: str = "pip") -> Resolution:
    """A resolution of hostile names only, each requiring the next."""
    packages = {
        name: Package(
            manager=manager,
            id=name,
            name=name,
            version="1[/]\x1b[2J",
            requires=(NAMES[(number + 1) % len(NAMES)],),
            summary=f"summary [bold] of \x1b[5m{name}",
            installed_size=1000 * number,
        )
        for number, name in enumerate(NAMES)
    }
    roots = tuple(Root(name, f"{name}>=[1]", "requirements.txt", 1) for name in NAMES)
    return Resolution(manager=manager, target="debian12", roots=roots, packages=packages)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
async def test_hostile_names_everywhere(
    opened: Opening, workflow: FakeWorkflow, width: int, height: int
) -> None:
    workflow.extra["pip"] = hostile()
    async with opened(width, height) as screen:
        assert "a[/b]" in screen.text
        assert "[red]requests[socks]>=2[/red]" in screen.text
        for _ in NAMES:
            await screen.press("down")
        await screen.press("e", "i", "g", "enter", "escape", "slash", *"a[", "enter", "d")
        await screen.until_shown("not declared")
        assert all(character.isprintable() or character == "\n" for character in screen.text)
        assert {cell_len(line) <= width for line in screen.lines} == {True}


async def test_hostile_logs(opened: Opening, workflow: FakeWorkflow) -> None:
    async with opened() as screen:
        reporter = workflow.tasks.reporter
        reporter.emit(TaskStarted(99, "pip", "title [/x] \x1b[31m"))
        reporter.emit(LogLines(99, ("[/bold] \x1b[2J gone?", "\x1b]52;c;aGk=\x07")))
        reporter.emit(TaskFinished(99, TaskState.FAILED, 0.1, "why [/] \x1b[0m", "hint [a"))
        await screen.press("l")
        await screen.until_shown("[/bold]  gone?")
        assert all(character.isprintable() or character == "\n" for character in screen.text)


def test_clean_keeps_text_and_drops_control() -> None:
    assert clean("naïve 软件 [x]") == "naïve 软件 [x]"
    for name in NAMES:
        assert clean(name).isprintable()


@pytest.mark.parametrize("width", range(0, 40, 3))
def test_fit_never_exceeds_its_width(width: int) -> None:
    for name in NAMES:
        assert cell_len(fit(name, width)) <= width
        assert cell_len(fit_path(f"usr/lib/{name}.so", width)) <= width


def test_a_cycle_ends() -> None:
    outline = Outline(PackageForest(hostile(), {}))
    outline.open_all()
    assert len(outline.rows) == 2 * len(NAMES)
    for index in range(len(NAMES) * 3):
        if outline.rows[index].openable and not outline.rows[index].opened:
            outline.open(index)
    assert any(row.cycle for row in outline.rows)


def test_ten_thousand_rows_open_in_a_moment() -> None:
    count = 10_000
    packages = {
        f"p{n}": Package(
            manager="npm",
            id=f"p{n}",
            name=f"p{n}",
            version="1",
            requires=tuple(f"p{m}" for m in (2 * n + 1, 2 * n + 2) if m < count),
        )
        for n in range(count)
    }
    resolution = Resolution(
        manager="npm", target="debian12", roots=(Root("p0", "p0"),), packages=packages
    )
    begun = time.monotonic()
    outline = Outline(PackageForest(resolution, {}))
    outline.open_all()
    outline.filter("p99")
    assert len(outline.matches) == 111
    outline.filter("")
    assert len(outline.rows) == count
    assert time.monotonic() - begun < 3  # seconds; 0.2 on an idle machine


async def test_a_flood_of_events_comes_in_few_messages() -> None:
    import asyncio

    batches: list[int] = []
    bridge = Bridge()
    bridge.deliver = lambda events: batches.append(len(events))
    for _ in range(5000):
        bridge.emit(LogLines(1, ("line",)))
    await asyncio.sleep(0.1)
    assert batches == [5000]


def test_the_fake_has_no_more_than_the_real_surface(tmp_path: Path) -> None:
    from fctui.workflow.workflow import Workflow
    from tests.tui.fake import make_project

    fake = FakeWorkflow(make_project(tmp_path))
    own = {"root", "gates", "errors", "asked", "cancelled", "extra", "made", "hears"}
    own |= {"too_large", "comparison"}
    real = {*dir(Workflow), "context", "managers", "resolutions", "listings", "failures"}
    used = {name for name in {*dir(fake), *vars(fake)} if not name.startswith("_")}
    assert used - own <= real
