"""How a bundle is packed."""

from __future__ import annotations

import os

from msgspec import Struct

from fctui.archive.zip_format import EARLIEST, LATEST
from fctui.model.errors import UsageError
from fctui.tasks.text import clean


class Choices(Struct, frozen=True):
    """How to pack: `smallest` compresses everything anew, `edited` takes the bundle as it is now
    though it is not what was built, `when` is the time of all entries in seconds.
    """

    smallest: bool = False
    edited: bool = False
    when: int = EARLIEST


def archive_time() -> int:
    """The time of all entries: SOURCE_DATE_EPOCH (reproducible-builds.org), else 1980.

    Raises UsageError for what is no number of seconds.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not told:
        return EARLIEST
    try:
        seconds = int(told)
    except ValueError:
        seconds = -1
    if seconds < 0:
        raise UsageError(
            f"SOURCE_DATE_EPOCH is {clean(told)[:40]!r}, which is no number of seconds.",
            hint="Unset it, or set it to the seconds since 1970.",
        )
    return min(max(seconds, EARLIEST), LATEST)
