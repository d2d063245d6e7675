"""Reading lists of Debian packages: apt.txt, Heroku's Aptfile, Serverless Devs' apt-get.list."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.text_file import text_of

_PACKAGE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9+.-]+)(?::(?P<arch>[a-z0-9][a-z0-9-]*))?"
    r"(?:=(?P<version>(?:\d+:)?[0-9A-Za-z][0-9A-Za-z.+~:-]*\*?)|/(?P<suite>[A-Za-z0-9][\w./-]*))?"
)
# Debian Policy 5.6.1 and 5.6.7 (names), 5.6.8 (architectures), 5.6.12 (versions); apt-get(8) for
# the forms with = and /.


class AptPackage(Struct, frozen=True):
    """One package as declared: `text` as apt-get takes it, its parts, and where it stands.

    `arch`, `version` and `suite` are "" where they are left to apt; a version that ends in `*` is
    the newest that begins so. `line` counts from 1, 0 is
    none; `source` is the file as it is to be told.
    """

    text: str
    name: str
    line: int = 0
    source: str = ""
    arch: str = ""
    version: str = ""
    suite: str = ""

    @property
    def where(self) -> str:
        """The place as an error message names it."""
        return f"{self.source}:{self.line}" if self.line else self.source

    @property
    def chosen(self) -> str:
        """What of the declaration chooses a version, as apt-get takes it behind the name."""
        if self.version:
            return f"={self.version}"
        return f"/{self.suite}" if self.suite else ""


def read_apt_file(path: Path, source: str = "") -> tuple[AptPackage, ...]:
    """The packages of a list: one or several on a line, `#` begins a comment.

    Raises UsageError naming the line of a name that is none, and of what Heroku's Aptfile may have
    beside packages (`:repo:` lines, addresses of debs): left out silently it would be missed at
    run time only.
    """
    return tuple(
        parse_apt_package(word, f"{path}:{number}: ", number, source)
        for number, line in enumerate(text_of(path).splitlines(), 1)
        for word in words(line)
    )


def words(line: str) -> list[str]:
    """The packages on a line; a `:repo:` line is one word."""
    code = line.partition("#")[0].strip()
    return [code] if code.startswith(":repo:") else code.split()


def parse_apt_package(text: str, at: str = "", line: int = 0, source: str = "") -> AptPackage:
    """One word of a list. Raises UsageError for what is no package, `at` begins what it says."""
    if text.startswith(":repo:"):
        raise UsageError(
            f"{at}{text!r}: repositories in a list of packages are not supported.",
            hint="Name a deb822 file of sources under [apt] sources in the settings.",
        )
    if re.match(r"[a-z+]+://", text, re.IGNORECASE) or text.endswith(".deb"):
        raise UsageError(
            f"{at}{text!r}: debs that are not in a repository are not supported.",
            hint="Name the package, and its repository under [apt] sources in the settings.",
        )
    match = _PACKAGE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{at}{text!r} is not the name of a Debian package.",
            hint="Names have lower case letters, digits, and + - . (Debian Policy 5.6.1).",
        )
    parts = {key: match[key] or "" for key in ("arch", "version", "suite")}
    return AptPackage(text, match["name"], line, source, **parts)
