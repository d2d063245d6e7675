"""What would be another package if the project were resolved afresh."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Change(StrEnum):
    """What would become of a package; the names are part of the JSON contract.

    `held` would stay as it is though there is a newer version: something asks for an older one.
    """

    UPDATE = "update"
    NEW = "new"
    GONE = "gone"
    HELD = "held"


class Outdated(Struct, frozen=True, kw_only=True):
    """One package. `locked` and `fits` are versions, "" where it is not there, `newest` is the
    newest at all, "" where nobody tells. Sizes are in bytes, installed where that is known of both
    and else as downloaded; None where it is not known.
    """

    manager: str
    id: str
    name: str
    change: Change
    locked: str
    fits: str
    newest: str
    size: int | None = None
    size_change: int | None = None


class Sizes(Struct, frozen=True):
    """Bytes of a version: its files when installed, its archive. None where nobody tells."""

    installed: int | None = None
    downloaded: int | None = None


class Comparison(Struct, frozen=True):
    """All packages that differ or are held. `base` is what they are compared with, `fctui.lock` or
    `bundle`; `moved_on` are the project's files that say something else than then.
    """

    base: str
    target: str
    packages: tuple[Outdated, ...]
    compared: int
    moved_on: tuple[str, ...] = ()
