"""Opening the screen on a project."""

from __future__ import annotations

from pathlib import Path

from fctui.tui.app import FctuiApp
from fctui.tui.bridge import Bridge


def run(
    root: Path,
    *,
    target: str | None = None,
    method: str | None = None,
    resolver: str | None = None,
    refresh: bool = False,
    offline: bool = False,
) -> int:
    """Open the screen on a project and return the exit code.

    The options are those of `Workflow.open`. Raises FctuiError where the project cannot be read.
    """
    from fctui.workflow.workflow import Workflow

    bridge = Bridge()
    workflow = Workflow.open(
        root,
        target=target,
        method=method,
        resolver=resolver,
        reporter=bridge,
        refresh=refresh,
        offline=offline,
    )
    return FctuiApp(workflow, bridge).run() or 0
