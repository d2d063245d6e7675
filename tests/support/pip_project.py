"""A project of requirement files and the context that the pip manager works with, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from fctui.managers.interface import Context
from fctui.model.target import Interpreter, Target
from fctui.project.project import load_project
from fctui.project.settings import PipSettings
from fctui.store.store import Store
from fctui.tasks.events import Event
from fctui.tasks.task import Tasks
from tests.support.recorder import Recorder
from tests.support.targets import debian


def make_target(
    python: str = "3.11.2", glibc: tuple[int, int] = (2, 36), arch: str = "x86_64"
) -> Target:
    """A target with a Python."""
    return debian(
        glibc=glibc,
        arch=arch,
        python=Interpreter(python, "/usr/bin/python3"),
    )


def make_context(
    root: Path,
    store: Path,
    requirements: Sequence[str] = (),
    *,
    target: Target | None = None,
    pip: PipSettings | None = None,
    refresh: bool = False,
    offline: bool = False,
) -> Context:
    """Write a requirements.txt and open the project."""
    if requirements:
        (root / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    project = load_project(root)
    settings = project.settings
    if pip is not None:
        settings = msgspec.structs.replace(settings, pip=pip)
    return Context(
        project=project,
        target=target or make_target(),
        settings=settings,
        store=Store(store),
        tasks=Tasks(Recorder()),
        refresh=refresh,
        offline=offline,
    )


def events_of(context: Context) -> list[Event]:
    """What the context's tasks told."""
    reporter = context.tasks.reporter
    return reporter.events if isinstance(reporter, Recorder) else []
