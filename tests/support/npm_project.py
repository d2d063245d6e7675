"""A context for npm tests: a project with a package.json, a target, a store of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.managers.interface import Context
from fctui.managers.npm import program
from fctui.model.plan import Link, PlannedFile
from fctui.model.target import Interpreter, Target
from fctui.project.project import DependencyFile, Project
from fctui.project.settings import Settings
from fctui.store.store import Store
from fctui.tasks.events import Reporter, Silent
from fctui.tasks.task import Tasks
from tests.support.targets import debian


def no_npm_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PATH alone say which npm there is, whatever the set-up has put beside this Python."""
    monkeypatch.setattr(program, "BESIDE", "/nowhere/npm")


def npm_target(arch: str = "x86_64", node: str = "20.11.1") -> Target:
    return debian(
        arch=arch,
        node=Interpreter(node, "/usr/bin/node") if node else None,
    )


def npm_context(
    root: Path,
    store: Store,
    *,
    arch: str = "x86_64",
    node: str = "20.11.1",
    settings: Settings | None = None,
    reporter: Reporter | None = None,
    refresh: bool = False,
    offline: bool = False,
    package_json: str = "package.json",
) -> Context:
    settings = settings or Settings()
    file = DependencyFile("npm", "package.json", root / package_json)
    return Context(
        project=Project(root, "test", (file,), settings),
        target=npm_target(arch, node),
        settings=settings,
        store=store,
        tasks=Tasks(reporter or Silent()),
        refresh=refresh,
        offline=offline,
    )


def planned_files(files: tuple[PlannedFile, ...]) -> dict[str, tuple[object, ...]]:
    """By path: size and whether it is executable, or the target of a link."""
    return {
        file.path: ("link", file.source.target)
        if isinstance(file.source, Link)
        else (file.size, bool(file.mode & 0o111))
        for file in files
    }


def installed_files(directory: Path) -> dict[str, tuple[object, ...]]:
    """The same of what npm has installed, less npm's own memory of it: bundles do without."""
    found: dict[str, tuple[object, ...]] = {}
    for top, directories, files in os.walk(directory / "node_modules"):
        links = [name for name in directories if os.path.islink(os.path.join(top, name))]
        for name in (*files, *links):
            path = os.path.join(top, name)
            status = os.lstat(path)
            linked = os.path.islink(path)
            found[os.path.relpath(path, directory)] = (
                ("link", os.readlink(path))
                if linked
                else (status.st_size, bool(status.st_mode & 0o100))
            )
    del found["node_modules/.package-lock.json"]
    return found
