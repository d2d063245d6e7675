"""The scripts that an installer writes: launchers of entry points, first lines for the target.

Sources: PyPA's "Entry points specification", PEP 427 (scripts), distlib's script template.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from fctui.model.errors import TaskError
from fctui.model.target import Target

_OBJECT = re.compile(
    r"^(?P<module>[\w.]+)\s*:\s*(?P<attr>[\w.]+)\s*(\[[^\]]*\])?$",
)
_NAME = re.compile(r"^[\w.@+ -]+$")
_LONGEST = 127
# Bytes that execve(2) reads of a first line on every Linux that a target may run.

_TEMPLATE = """# -*- coding: utf-8 -*-
import re
import sys
from {module} import {first}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({attr}())
"""


def launchers(entry_points: str, target: Target, owner: str) -> Iterator[tuple[str, bytes]]:
    """(name, text) of each console and GUI script. Raises TaskError for a name or an object that
    cannot be one.
    """
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    try:
        parser.read_string(entry_points)
    except configparser.Error as error:
        reason = str(error).partition("\n")[0]
        raise TaskError(f"{owner} has a malformed entry_points.txt: {reason}") from error
    for section in ("console_scripts", "gui_scripts"):
        if parser.has_section(section):
            for name, value in parser.items(section):
                yield name, _launcher(name, value, target, owner)


def first_line(target: Target) -> bytes:
    """The line that starts the target's own interpreter."""
    executable = target.python.executable if target.python else "python3"
    line = f"#!{executable}\n".encode()
    if len(line) <= _LONGEST and b" " not in line:
        return line
    return f"#!/bin/sh\n'''exec' \"{executable}\" \"$0\" \"$@\"\n' '''\n".encode()


def for_target(script: str, target: Target) -> bytes:
    """A wheel's script with its `#!python` line replaced. `script` is decoded as Latin-1."""
    data = script.encode("latin-1")
    return first_line(target) + data.partition(b"\n")[2]


def _launcher(name: str, value: str, target: Target, owner: str) -> bytes:
    found = _OBJECT.match(value.strip())
    if found is None or not _NAME.match(name) or name.strip(". ") == "":
        raise TaskError(
            f"{owner} declares the script {name!r} as {value!r}, which is none.",
            hint="Take another version of the package.",
        )
    attr = found["attr"]
    text = _TEMPLATE.format(module=found["module"], attr=attr, first=attr.partition(".")[0])
    return first_line(target) + text.encode()
