"""Reading lists of Debian packages: apt.txt, Heroku's Aptfile, Serverless Devs' apt-get.list."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.tasks.text import clean

_PACKAGE = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9+.-]+)(?::(?P<arch>[a-z0-9-]+))?"
    r"(?:=(?P<version>[A-Za-z0-9.+~:-]+)|/(?P<suite>[a-z0-9-]+))?$"
)
# Debian Policy 5.6.1 (names), 5.6.8 (architectures), 5.6.12 (versions); apt-get(8) for = and /.


class AptPackage(Struct, frozen=True):
    """One package as declared: `text` as apt-get takes it, where it stands."""

    text: str
    name: str
    source: Path | None
    line: int


def read_apt_file(path: Path) -> tuple[AptPackage, ...]:
    """The packages of a list: one or several on a line, `#` begins a comment.

    Raises UsageError naming the line of a name that is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error.reason}.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    return tuple(
        parse_apt_package(word, path, number)
        for number, line in enumerate(lines, 1)
        for word in line.partition("#")[0].split()
    )


def parse_apt_package(text: str, source: Path | None, line: int) -> AptPackage:
    """One word of a list. Raises UsageError for what is no package name."""
    at = f"{source}:{line}: " if source else ""
    if text.startswith(":repo:") or re.match(r"^https?://", text):
        raise UsageError(
            f"{at}{clean(text)!r}: repositories and addresses of debs are not read from a list.",
            hint="Name a deb822 file of sources under [apt] sources in the settings.",
        )
    match = _PACKAGE.match(text)
    if match is None:
        raise UsageError(
            f"{at}{clean(text)!r} is not the name of a Debian package.",
            hint="Names have lower case letters, digits, and + - . (Debian Policy 5.6.1).",
        )
    return AptPackage(text, match["name"], source, line)
