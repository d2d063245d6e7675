"""Reading Heroku's Aptfile, where it has what a list of packages may not have.

Source: the README of heroku-buildpack-apt.
"""

from __future__ import annotations

from pathlib import Path

from fctui.model.errors import UsageError
from fctui.project.apt_file import parse_apt_package, words
from fctui.project.imports.imported import Imported, Place
from fctui.project.text_file import text_of


def read_aptfile(path: Path, into: Imported) -> None:
    """A list that fctui reads as it is stays what it is; else its packages go to apt.txt."""
    lines = text_of(path).splitlines()
    entries = [(Place(path, n), word) for n, line in enumerate(lines, 1) for word in words(line)]
    if all(_is_package(word) for _, word in entries):
        if entries:
            plural = "s" if len(entries) > 1 else ""
            into.took(Place(path), f"{len(entries)} package{plural}", f"{path.name}, as it is")
        return
    for place, word in entries:
        if word.startswith(":repo:"):
            reason = "name a file of sources, its key in it, under [apt] sources"
            into.leave(place, word, reason)
        elif _is_package(word):
            into.take_apt(place, word)
        elif "://" in word or word.endswith(".deb"):
            into.leave(place, word, "debs that are in no repository are not supported")
        else:
            into.leave(place, word, "is no name of a Debian package")


def _is_package(word: str) -> bool:
    try:
        parse_apt_package(word)
    except UsageError:
        return False
    return True
