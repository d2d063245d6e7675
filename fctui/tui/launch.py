"""Opening the screen on a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fctui.tui.app import FctuiApp
from fctui.tui.bridge import Bridge

if TYPE_CHECKING:
    from fctui.workflow.workspace import Member


def run(
    root: Path,
    *,
    target: str | None = None,
    method: str | None = None,
    resolver: str | None = None,
    refresh: bool = False,
    offline: bool = False,
) -> int:
    """Open the screen on a project, then on each function that is chosen there; to the exit code.

    The options are those of `Workflow.open`. A directory that declares nothing, but has functions
    below it, is opened on the first of them. Raises FctuiError where the project cannot be read.
    """
    from fctui.workflow.workflow import Workflow
    from fctui.workflow.workspace import workspace_of

    top, here, told = workspace_of(root), root, target
    first = _first_below(root)
    if first is not None:
        top, here, told = root.resolve(), first.directory, target or first.told or None
    while True:
        bridge = Bridge()
        workflow = Workflow.open(
            here,
            target=told,
            method=method,
            resolver=resolver,
            reporter=bridge,
            refresh=refresh,
            offline=offline,
        )
        app = FctuiApp(workflow, bridge)
        app.main.workspace = top
        status = app.run() or 0
        if app.elsewhere is None:
            return status
        here, told = app.elsewhere.directory, target or app.elsewhere.told or None


def _first_below(root: Path) -> Member | None:
    """The first function below a directory that declares nothing itself and has no settings."""
    from fctui.project.project import load_project
    from fctui.workflow.workspace import find_members

    project = load_project(root)
    if any(file.used for file in project.files) or project.settings_file is not None:
        return None
    members = [member for member in find_members(root) if not member.problem]
    return members[0] if members else None
