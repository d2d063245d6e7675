"""What a project's `.mvn/maven.config` may say here: properties that the POM uses, and profiles.

It may say anything that mvn takes, also what loads code. What decides about dependencies is taken
from it: `-D` of names that stand in the POM or its parents, `-P`, and files of settings.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from fctui.model.errors import UsageError

_CODE = ("maven.", "java.", "jdk.", "sun.", "os.", "user.", "guice.", "classworlds.")
# Beginnings of properties that Maven and Java themselves read; `maven.ext.class.path` loads code.

_WITH_VALUE = {
    "-P": "-P",
    "--activate-profiles": "-P",
    "-s": "-s",
    "--settings": "-s",
    "-gs": "-gs",
    "--global-settings": "-gs",
}


def project_options(directory: Path, poms: Iterable[bytes]) -> tuple[str, ...]:
    """The options for a POM in `directory`; the nearest `.mvn` upwards counts, as for mvn."""
    found = next((d for d in (directory, *directory.parents) if (d / ".mvn").is_dir()), None)
    path = found / ".mvn" / "maven.config" if found else None
    if found is None or path is None or not path.is_file():
        return ()
    try:
        words = shlex.split(path.read_text(encoding="utf-8"), comments=True)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    text = b"\n".join(poms)
    kept: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word in {"-D", "--define"}:
            kept += _property(next(waiting, ""), text)
        elif word.startswith("-D"):
            kept += _property(word[2:], text)
        elif word in _WITH_VALUE:
            kept += _valued(_WITH_VALUE[word], next(waiting, ""), found)
        elif "=" in word and word.partition("=")[0] in _WITH_VALUE:
            option, _, value = word.partition("=")
            kept += _valued(_WITH_VALUE[option], value, found)
        elif word.startswith("-P"):
            kept += _valued("-P", word[2:], found)
    return tuple(kept)


def _property(text: str, poms: bytes) -> list[str]:
    name = text.partition("=")[0]
    if not name or name.startswith(_CODE) or name.encode() not in poms:
        return []
    return [f"-D{text}"]


def _valued(option: str, value: str, root: Path) -> list[str]:
    if not value:
        return []
    return [option, value if option == "-P" else str((root / value).absolute())]
