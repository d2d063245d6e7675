"""Writing the log to a file that a user finds again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fctui.model.errors import TaskError


def save_log(text: str, project: str) -> Path:
    """Write the log beside the user's other state (XDG Base Directory) and return where.

    Raises TaskError where that cannot be written.
    """
    from platformdirs import user_state_path

    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in project) or "fctui"
    name = f"{safe}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.log"
    directory = user_state_path("fctui") / "logs"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / name
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TaskError(
            f"The log cannot be written to {directory}: {error.strerror or error}.",
            hint="Set XDG_STATE_HOME to a directory that can be written.",
        ) from error
    return path
