"""Reading Pipenv's Pipfile.lock: the section `default`, with pins, markers and hashes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fctui.model.errors import UsageError
from fctui.project.imports.imported import Imported, Place
from fctui.project.text_file import text_of


def read_pipfile_lock(path: Path, into: Imported) -> None:
    """What is for development only is not taken."""
    text = text_of(path)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {' '.join(str(error).split())}.") from error
    section = data.get("default") if isinstance(data, dict) else None
    if not isinstance(section, dict):
        raise UsageError(f'{path} has no section "default".', hint="pipenv lock makes one.")
    lines = _lines(text)
    for name, entry in section.items():
        place = Place(path, lines.get(name, 0))
        if isinstance(entry, dict):
            _take(into, place, str(name), entry)
    develop = data.get("develop")
    if isinstance(develop, dict) and develop:
        place = Place(path, lines.get("develop", 0))
        into.leave(place, f"develop: {', '.join(map(str, develop))}", "is for development only")


def _take(into: Imported, place: Place, name: str, entry: Mapping[str, Any]) -> None:
    if entry.get("editable") or "path" in entry or "file" in entry:
        where = str(entry.get("path") or entry.get("file") or "")
        reason = "is of this machine: name it in requirements.txt if the function needs it"
        into.leave(place, f"{name} {where}".strip(), reason)
        return
    extras = ",".join(map(str, entry.get("extras", ())))
    text = f"{name}[{extras}]" if extras else name
    if "git" in entry:
        text += f" @ git+{entry['git']}@{entry.get('ref', 'HEAD')}"
    else:
        text += str(entry.get("version", "")).replace("*", "")
    if entry.get("markers"):
        text += f" ; {entry['markers']}"
    hashes = tuple(str(each) for each in entry.get("hashes", ()))
    into.take_pip(place, text, hashes)


def _lines(text: str) -> dict[str, int]:
    """The line of each key that opens an object; of a package that stands twice, the first."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        key = re.match(r'\s*"([^"]+)"\s*:\s*\{', line)
        if key:
            found.setdefault(key[1], number)
    return found
