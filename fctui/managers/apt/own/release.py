"""A suite's Release file: which lists it has, with their hashes, and until when it counts.

Source: the Debian repository format, "Release files".
"""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

from fctui.managers.apt.own.universe import AUTOMATIC_UPGRADES, NOT_AUTOMATIC, USUAL
from fctui.managers.apt.stanza import paragraphs
from fctui.model.errors import TaskError
from fctui.tasks.text import clean

COMPRESSED = (".xz", ".gz", "")
# How lists may lie there, the smallest first.


class ListFile(Struct, frozen=True):
    """One file as the Release file promises it."""

    path: str
    size: int
    sha256: str


class Release(Struct, frozen=True):
    """What is known of a suite. `pin` is that of its versions: apt_preferences(5)."""

    suite: str
    codename: str
    label: str
    until: datetime | None
    by_hash: bool
    pin: int
    architectures: tuple[str, ...]
    all_apart: bool
    files: dict[str, ListFile]

    @property
    def names(self) -> tuple[str, ...]:
        """What it calls itself."""
        return self.suite, self.codename

    def smallest(self, path: str) -> ListFile | None:
        """The list of a path, compressed if it lies there compressed."""
        for suffix in COMPRESSED:
            if path + suffix in self.files:
                return self.files[path + suffix]
        return None


def read_release(text: str, name: str) -> Release:
    """Parse a verified Release file. Raises TaskError for one without SHA256."""
    fields = next(paragraphs(text), {})
    files = {}
    for line in fields.get("sha256", "").splitlines():
        words = line.split()
        if len(words) == 3 and words[1].isdigit():
            files[words[2]] = ListFile(words[2], int(words[1]), words[0].lower())
    if not files:
        raise TaskError(f"{clean(name)} has no SHA256 hashes, so its lists cannot be verified.")
    pin = USUAL
    if fields.get("notautomatic") == "yes":
        upgrades = fields.get("butautomaticupgrades") == "yes"
        pin = AUTOMATIC_UPGRADES if upgrades else NOT_AUTOMATIC
    archs = tuple(fields.get("architectures", "").split())
    apart = "all" in archs and "Packages" not in fields.get("no-support-for-architecture-all", "")
    return Release(
        suite=fields.get("suite", ""),
        codename=fields.get("codename", ""),
        label=fields.get("label", ""),
        until=_time(fields.get("valid-until", "")),
        by_hash=fields.get("acquire-by-hash") == "yes",
        pin=pin,
        architectures=archs,
        all_apart=apart,
        files=files,
    )


def check_valid(release: Release, name: str, now: datetime) -> None:
    """Raise TaskError for a Release file whose time has passed: an old one may be replayed."""
    if release.until is not None and now > release.until:
        raise TaskError(
            f"{clean(name)} was valid until {release.until:%Y-%m-%d} and is not any more.",
            hint="The mirror is out of date; for an archive that gets no more updates, "
            "a source with `Check-Valid-Until: no` ([apt] sources) takes it as it is.",
        )


def _time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
