"""Makes the screenshots: the real App on the bundled example, driven by keys, at two sizes.

Run it by `make screenshots`, or with the names of scenes. It asks the registries, builds the
example in /tmp/thumbnail, and writes SVGs beside itself. Hosts and paths of the machine are
replaced before they are shown.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import structs
from textual.pilot import Pilot

from fctui.demo.example import copy_example
from fctui.tasks.events import CommandShown, Event, LogLines
from fctui.tui.app import FctuiApp
from fctui.tui.bridge import Bridge
from fctui.tui.widgets.bundle_pane import BundlePane
from fctui.tui.widgets.checks_pane import ChecksPane
from fctui.tui.widgets.lines_view import LinesView
from fctui.tui.widgets.method_table import MethodTable
from fctui.workflow.workflow import Workflow

HERE = Path(__file__).parent
PROJECT = Path("/tmp/thumbnail")  # noqa: S108 - a place that says nothing about the machine
SIZES = ((80, 24), (120, 40))
PATIENCE = 600.0  # seconds for the first downloads on a slow line

_HOST = re.compile(r"(https?://)(?!example\.invalid)[^/\s\"'<>]+")
_ALLOWED = ("http://www.w3.org/", "https://cdnjs.cloudflare.com/", "https://www.textualize.io")
# The name space of SVG, the font that Rich names, and who made Rich.

_ASKING = 2
# Lines of a list that says only that it is being asked, or why there is no answer.


class NeutralBridge(Bridge):
    """Shows no host of a registry and no path of this machine."""

    def emit(self, event: Event) -> None:
        """Replace them, then go on."""
        if isinstance(event, CommandShown):
            event = structs.replace(event, line=_neutral(event.line))
        elif isinstance(event, LogLines):
            event = structs.replace(event, lines=tuple(map(_neutral, event.lines)))
        super().emit(event)


def _neutral(text: str) -> str:
    cache = os.environ.get("FCTUI_CACHE_DIR")
    places = [(cache, "~/.cache/fctui"), (sys.prefix, "~/.venv"), (sys.base_prefix, "/usr")]
    for place, instead in [*places, (str(Path.home()), "~")]:
        text = text.replace(place, instead) if place else text
    return _HOST.sub(r"\1example.invalid", text)


class Stage:
    """One App under the hands of a scene."""

    def __init__(self, app: FctuiApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)
        await self.pilot.pause(0.3)

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait for the registries."""
        end = time.monotonic() + PATIENCE
        while not met():
            if time.monotonic() > end:
                raise TimeoutError("the registries did not answer in time")
            await asyncio.sleep(0.05)
        await self.pilot.pause(0.3)


async def tree(stage: Stage) -> None:
    """The pip tree, opened."""
    await stage.press("e")


async def details(stage: Stage) -> None:
    """A package's files, each in its place."""
    await stage.press("right", "down", "enter", "e")


async def filtered(stage: Stage) -> None:
    """Filtering as one types."""
    await stage.press("slash", *"cry", "down", "down")


async def search(stage: Stage) -> None:
    """Searching all of Debian for a package to add."""
    await stage.press("2", "a", *"libgl")
    found = stage.app.screen.query_one("#found", LinesView)
    await stage.until(lambda: found.cursor_key != "")
    await stage.press("down")


async def npm(stage: Stage) -> None:
    """The npm tree by size, with the bars."""
    await stage.press("3", "e", "o")


async def build(stage: Stage) -> None:
    """A build with its log."""
    shutil.rmtree(PROJECT / "build", ignore_errors=True)
    await stage.press("l", "b")
    pane = stage.app.main.query_one(BundlePane)
    await stage.until(lambda: pane.built is not None)


async def bundle(stage: Stage) -> None:
    """Every file of the bundle by size, and what was left out."""
    await stage.press("5", "o", "right")


async def explorer(stage: Stage) -> None:
    """What each package costs, and the limits as if one of them were not there."""
    await stage.press("5", "s")
    pane = stage.app.main.query_one(BundlePane)
    await stage.until(lambda: pane.zipped is not None)
    await stage.press("down", "n")


async def treemap(stage: Stage) -> None:
    """The bundle as a map."""
    await stage.press("5")
    pane = stage.app.main.query_one(BundlePane)
    await stage.until(lambda: pane.zipped is not None)
    await stage.press("w", "right")


async def methods(stage: Stage) -> None:
    """The four pip methods, and what moves where against the one in force."""
    await stage.press("m", "down")
    table = stage.app.screen.query_one(MethodTable)
    await stage.until(lambda: any(r.recommended for r in table.reports.values()))
    if stage.app.size.width > 100:
        await stage.press("tab", "tab")


async def trace(stage: Stage) -> None:
    """The way of one file, by the name that it is imported by."""
    await stage.press("F", *"cv2")
    way = stage.app.screen.query_one("#way", LinesView)
    await stage.until(lambda: len(way.lines) > 4)


async def prune(stage: Stage) -> None:
    """What rules leave out, what each saves, and the limits with one switched off."""
    await stage.press("P")
    rules = stage.app.screen.query_one(LinesView)
    await stage.until(lambda: len(rules.lines) > _ASKING)
    await stage.press("down", "space")


async def outdated(stage: Stage) -> None:
    """What would change against a lock that was written with older packages."""
    await stage.press("U")
    changes = stage.app.screen.query_one("#changes", LinesView)
    await stage.until(lambda: len(changes.lines) > _ASKING)


async def locked_long_ago() -> None:
    """Lock older versions; what the project declares is as before afterwards."""
    declared = {name: (PROJECT / name).read_text() for name in ("requirements.txt", "package.json")}
    older = declared["requirements.txt"].replace("pillow", "pillow<12").replace("oss2", "oss2<2.19")
    (PROJECT / "requirements.txt").write_text(older)
    (PROJECT / "package.json").write_text(declared["package.json"].replace("^5.0.0", "5.0.0"))
    await Workflow.open(PROJECT).lock()
    for name, text in declared.items():
        (PROJECT / name).write_text(text)


SCENES: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    tree, details, filtered, search, npm, methods, trace, bundle, explorer, treemap, build,
    prune,
)  # fmt: skip


async def opencv(size: tuple[int, int]) -> AsyncIterator[Path]:
    """The story of opencv in four pictures: what is missing, the cure, the bundle again, the proof.

    The project is the example's Python half, without its apt.txt.
    """
    for name in ("apt.txt", "package.json", "build"):
        path = PROJECT / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    await Workflow.open(PROJECT).build()
    async with opened(size) as stage:
        checks = stage.app.main.query_one(ChecksPane)
        await stage.press("6")
        await stage.until(lambda: bool(checks.checked and checks.total))
        yield picture(stage, "opencv-1-missing")
        await stage.press("Y")
        yield picture(stage, "opencv-2-cure")
        await stage.press("enter")
        await stage.until(lambda: checks.checked is not None and checks.total == 0)
        yield picture(stage, "opencv-3-cured")
        await stage.press("v")
        await stage.until(lambda: checks.proved is not None)
        stage.app.clear_notifications()
        await stage.pilot.pause(0.3)
        yield picture(stage, "opencv-4-proved")


@asynccontextmanager
async def opened(size: tuple[int, int]) -> AsyncIterator[Stage]:
    """The screen on the project, its plan made."""
    bridge = NeutralBridge()
    app = FctuiApp(Workflow.open(PROJECT, reporter=bridge), bridge)
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        stage = Stage(app, pilot)
        await stage.until(lambda: app.main.plan is not None)
        yield stage


def picture(stage: Stage, name: str) -> Path:
    """Write what is on the screen as an SVG."""
    drawn = stage.app.export_screenshot(title="fctui", simplify=True)
    _refuse_secrets(drawn)
    path = HERE / f"{name}-{stage.app.size.width}x{stage.app.size.height}.svg"
    path.write_text(drawn, encoding="utf-8")
    return path


async def shoot(scene: Callable[[Stage], Awaitable[None]], size: tuple[int, int]) -> Path:
    """Open the screen, play the scene, write the SVG."""
    async with opened(size) as stage:
        await scene(stage)
        return picture(stage, scene.__name__)


def _refuse_secrets(picture: str) -> None:
    for address in re.findall(r"https?://[^\s\"'<>)]+", picture):
        if not address.startswith((*_ALLOWED, "https://example.invalid")):
            raise ValueError(f"{address} must not be in a screenshot")
    for place in (str(Path.home()), sys.prefix, str(HERE.parent)):
        if place in picture:
            raise ValueError(f"{place} must not be in a screenshot")


def main() -> None:
    """Make all of them."""
    os.environ["TEXTUAL_THEME"] = "tokyo-night"
    if PROJECT.exists():
        if not (PROJECT / "fctui.toml").is_file():
            raise SystemExit(f"{PROJECT} is not a copy of the example; move it away.")
        shutil.rmtree(PROJECT)
    copy_example(PROJECT)
    wanted = sys.argv[1:]
    for scene in SCENES:
        for size in SIZES:
            if not wanted or scene.__name__ in wanted:
                sys.stdout.write(f"{asyncio.run(shoot(scene, size))}\n")
    if not wanted or "outdated" in wanted:
        asyncio.run(locked_long_ago())
        for size in SIZES:
            sys.stdout.write(f"{asyncio.run(shoot(outdated, size))}\n")
        for name in ("fctui.lock", "pylock.toml", "package-lock.json"):
            (PROJECT / name).unlink(missing_ok=True)
    if not wanted or "opencv" in wanted:
        asyncio.run(_tell_story())


async def _tell_story() -> None:
    for size in SIZES:
        async for path in opencv(size):
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
