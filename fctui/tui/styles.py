"""Where the style sheets are: in the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def style_sheet(name: str) -> Path:
    """The absolute path of `<name>.tcss`. Raises FileNotFoundError where there is none."""
    for directory in (_PACKAGE / "styles", _PACKAGE.parent / "styles"):
        path = directory / f"{name}.tcss"
        if path.is_file():
            return path
    raise FileNotFoundError(f"{name}.tcss is neither in the package nor beside it")
