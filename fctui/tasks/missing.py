"""How a person puts a program on this machine that is missing."""

from __future__ import annotations

import shutil

_MANAGERS = {
    "apt-get": "apt-get install",
    "dnf": "dnf install",
    "yum": "yum install",
    "zypper": "zypper install",
    "pacman": "pacman -S",
    "apk": "apk add",
    "brew": "brew install",
}
# The first that is there counts.


def how_to_install(*packages: str) -> str:
    """The command that installs packages here, by Debian's names for them: the others' are the same
    for nearly all. Where no manager is known, `install` and the names.
    """
    found = (words for program, words in _MANAGERS.items() if shutil.which(program))
    return " ".join((next(found, "install"), *packages))
