"""Where a command's bundle lies when none is named."""

from __future__ import annotations

from pathlib import Path

from fctui.bundle.manifest import MANIFEST_PATH, Manifest


def bundle_directory(named: Path | None) -> Path:
    """The named directory; else the current one if it is a bundle, else its project's output."""
    here = named or Path()
    if (here / MANIFEST_PATH).is_file():
        return here
    from fctui.project.load_settings import load_settings

    settings, _ = load_settings(here)
    output = here / settings.bundle.output
    return output if output.is_dir() else here


def bundle_target(named: str | None, manifest: Manifest) -> str:
    """The target that a bundle is judged for: the named one, else the one that it was made for. A
    file of the user's own is known by the settings of the current directory.
    """
    if named:
        return named
    from fctui.project.load_settings import load_settings
    from fctui.targets.load import load_target

    settings, _ = load_settings(Path())
    every = (settings.target,) if isinstance(settings.target, str) else settings.target
    own = [each for each in every if each.endswith(".toml")]
    return next((e for e in own if load_target(e).id == manifest.target), manifest.target)
