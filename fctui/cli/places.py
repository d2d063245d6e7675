"""Where a command's bundle lies when none is named."""

from __future__ import annotations

from pathlib import Path

from fctui.bundle.manifest import MANIFEST_PATH


def bundle_directory(named: Path | None) -> Path:
    """The named directory; else the current one if it is a bundle, else its project's output."""
    here = named or Path()
    if (here / MANIFEST_PATH).is_file():
        return here
    from fctui.project.load_settings import load_settings

    settings, _ = load_settings(here)
    output = here / settings.bundle.output
    return output if output.is_dir() else here
