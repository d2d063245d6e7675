"""Names inside archives: what may be written, and the fixed facts of every file in the store."""

from __future__ import annotations

import re

from fctui.model.errors import TaskError
from fctui.tasks.text import clean

MTIME = 315_532_800
# 1 January 1980, the earliest time that a zip file can hold: every file of the store has it, so
# that an edit in place through a hard link shows.

MTIME_NS = MTIME * 1_000_000_000

_COMPONENT, _PATH = 255, 3000
# Bytes of one name and characters of a whole path: NAME_MAX, and what stays of PATH_MAX.

_PLAIN = re.compile(
    r"[A-Za-z0-9_+@~,=()\[\]{}!#%& -][^\x00-\x1f\x7f/]*(/[^\x00-\x1f\x7f/.][^\x00-\x1f\x7f/]*)*"
)
# A name in which nothing has to be looked at twice: no component begins with a dot, none is empty.

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def safe_path(name: str, archive: str) -> str:
    """A member's name as a relative POSIX path that cannot leave its directory.

    Raises TaskError for an absolute or climbing name, an empty one, one that is not UTF-8 or has
    control characters: a name is shown and written, and neither may surprise.
    """
    if len(name) <= _COMPONENT and name.isascii() and _PLAIN.fullmatch(name):
        return name
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise refusal(name, archive, "its name is not UTF-8") from None
    if name.startswith("/"):
        raise refusal(name, archive, "its name is absolute")
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise refusal(name, archive, "its name leads out of the archive")
    if not parts or _CONTROL.search(name):
        raise refusal(name, archive, "its name is empty or has control characters")
    if len(name) > _PATH or any(len(part.encode()) > _COMPONENT for part in parts):
        raise refusal(name, archive, "its name is longer than a file system takes")
    return "/".join(parts)


def refusal(name: str, archive: str, why: str) -> TaskError:
    """The error for a member that will not be unpacked."""
    shown = clean(name.encode("utf-8", "backslashreplace").decode())[:200]
    return TaskError(
        f"{archive} was not unpacked: the member {shown!r} is refused, {why}.",
        hint="The archive is damaged or hostile; take another version of the package.",
    )
