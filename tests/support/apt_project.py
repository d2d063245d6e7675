"""A context for apt tests: a project with an apt.txt, a target, a store of its own."""

from __future__ import annotations

from pathlib import Path

from fctui.managers.interface import Context
from fctui.model.target import Suite, Target
from fctui.project.project import DependencyFile, Project
from fctui.project.settings import AptSettings, Settings
from fctui.store.store import Store
from fctui.tasks.events import Reporter, Silent
from fctui.tasks.task import Tasks
from tests.support.targets import debian


def apt_target(
    id_: str = "test", *, arch: str = "x86_64", installed: tuple[str, ...] = ()
) -> Target:
    return debian(
        id=id_,
        arch=arch,
        suite=Suite("bookworm", "12"),
        installed=installed,
    )


def apt_context(
    root: Path,
    packages: str,
    *,
    store: Store | None = None,
    target: Target | None = None,
    apt: AptSettings | None = None,
    reporter: Reporter | None = None,
    refresh: bool = False,
    offline: bool = False,
) -> Context:
    root.mkdir(parents=True, exist_ok=True)
    (root / "apt.txt").write_text(packages)
    settings = Settings(apt=apt or AptSettings())
    file = DependencyFile("apt", "apt", root / "apt.txt")
    return Context(
        project=Project(root, "test", (file,), settings),
        target=target or apt_target(),
        settings=settings,
        store=store or Store(root / "store"),
        tasks=Tasks(reporter or Silent()),
        refresh=refresh,
        offline=offline,
    )
