"""Which theme the screen has."""

from __future__ import annotations

from collections.abc import Mapping


def theme_for(environment: Mapping[str, str], color_system: str | None) -> str:
    """The theme: the user's by `TEXTUAL_THEME`, the terminal's own sixteen colours where it has no
    more, else ours.
    """
    if environment.get("TEXTUAL_THEME"):
        return environment["TEXTUAL_THEME"]
    return "ansi-dark" if color_system in ("standard", "windows") else "tokyo-night"
