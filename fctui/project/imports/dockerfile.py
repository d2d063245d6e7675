"""Reading a Funfile or a Dockerfile: what its lines install, its variables, its base.

Source: the Dockerfile reference; Funcraft's documentation of the Funfile.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from fctui.project.imports.imported import Imported, Place
from fctui.project.imports.install_lines import Purpose, take_commands
from fctui.project.imports.runtimes import take_image, take_runtime
from fctui.project.imports.variables import take_variable
from fctui.project.text_file import text_of

_SILENT = frozenset({"WORKDIR", "USER", "LABEL", "MAINTAINER", "SHELL", "STOPSIGNAL", "EXPOSE"})
_REASONS = {
    "COPY": "the function's own files are in the bundle as they lie",
    "ADD": "the function's own files are in the bundle as they lie",
    "CMD": "what is started is said at the provider",
    "ENTRYPOINT": "what is started is said at the provider",
    "HEALTHCHECK": "what is started is said at the provider",
    "ARG": "only the build knows its value",
    "VOLUME": "is of containers",
    "ONBUILD": "is of images made from this one",
}


def read_funfile(path: Path, into: Imported) -> None:
    """RUNTIME is the target. `RUN fun-install …` is for the function; Debian packages without it
    are in the image that builds only.
    """
    for place, name, rest in _instructions(path):
        if name == "RUNTIME":
            take_runtime(into, place, rest.split()[0] if rest.split() else "", "fc")
        else:
            _take(into, place, name, rest, Purpose.BUILD)


def read_dockerfile(path: Path, into: Imported) -> None:
    """The installing lines of the last stage, and the pip ones of those before it."""
    instructions = list(_instructions(path))
    last = max((at for at, each in enumerate(instructions) if each[1] == "FROM"), default=0)
    for at, (place, name, rest) in enumerate(instructions):
        if name == "FROM":
            image = next((word for word in rest.split() if not word.startswith("--")), "")
            if at == last:
                take_image(into, place, image)
        else:
            _take(into, place, name, rest, Purpose.IMAGE if at > last else Purpose.BUILD)


def _take(into: Imported, place: Place, name: str, rest: str, purpose: Purpose) -> None:
    if name == "RUN":
        _take_run(into, place, rest, purpose)
    elif name == "ENV":
        _take_env(into, place, rest)
    elif name not in _SILENT:
        reason = _REASONS.get(name, "is no instruction that fctui knows")
        into.leave(place, f"{name} {rest}", reason)


def _take_run(into: Imported, place: Place, rest: str, purpose: Purpose) -> None:
    rest = re.sub(r"^(?:--(?:mount|network|security)=\S+\s+)+", "", rest)
    if rest.startswith("<<"):
        into.leave(place, f"RUN {rest}", "here-documents are not read")
        return
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            rest = shlex.join(words)
    take_commands(into, place, rest, purpose)


def _take_env(into: Imported, place: Place, rest: str) -> None:
    name, gap, value = rest.partition(" ")
    if gap and "=" not in name:  # the old form, one variable
        take_variable(into, place, name, value.strip())
        return
    try:
        words = shlex.split(rest)
    except ValueError as error:
        into.leave(place, f"ENV {rest}", f"is not understood: {error}")
        return
    for word in words:
        name, sign, value = word.partition("=")
        if sign:
            take_variable(into, place, name, value)
        else:
            into.leave(place, word, "is no NAME=VALUE")


def _instructions(path: Path) -> Iterator[tuple[Place, str, str]]:
    """Each instruction in capitals with what stands behind it, its continuations joined."""
    lines = text_of(path).splitlines()
    joined, first = "", 0
    for number, raw in enumerate([*lines, ""], 1):
        line = raw.strip()
        if line.startswith("#") or (joined and not line and number <= len(lines)):
            continue
        first = first if joined else number
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        name, _, rest = (joined + line).strip().partition(" ")
        joined = ""
        if name:
            yield Place(path, first), name.upper(), rest.strip()
