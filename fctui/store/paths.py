"""Names inside archives: what may be written, and the fixed facts of every file in the store."""

from __future__ import annotations

from fctui.model.errors import TaskError
from fctui.tasks.text import clean

MTIME = 315_532_800
# 1 January 1980, the earliest time that a zip file can hold: every file of the store has it, so
# that an edit in place through a hard link shows.

MTIME_NS = MTIME * 1_000_000_000

MAX_UNPACKED = 8 << 30
# Bytes that one archive may unpack to; the largest wheels in use (GPU runtimes) have 4 GiB.


def safe_path(name: str, archive: str) -> str:
    """A member's name as a relative POSIX path that cannot leave its directory.

    Raises TaskError for an absolute or climbing name, an empty one, one that is not UTF-8 or has
    control characters: a name is shown and written, and neither may surprise.
    """
    parts = [part for part in name.split("/") if part not in {"", "."}]
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise _refusal(name, archive, "its name is not UTF-8") from None
    if name.startswith("/"):
        raise _refusal(name, archive, "its name is absolute")
    if ".." in parts:
        raise _refusal(name, archive, "its name leads out of the archive")
    if not parts or any(ord(char) < 32 or ord(char) == 127 for char in name):
        raise _refusal(name, archive, "its name is empty or has control characters")
    return "/".join(parts)


def _refusal(name: str, archive: str, why: str) -> TaskError:
    shown = clean(name.encode("utf-8", "backslashreplace").decode())[:200]
    return TaskError(
        f"{archive} was not unpacked: the member {shown!r} is refused, {why}.",
        hint="The archive is damaged or hostile; take another version of the package.",
    )
