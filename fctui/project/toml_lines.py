"""Where in a TOML file a table, a key or a string stands, for messages that name the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_HEADER = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def toml_line(path: Path, keys: Sequence[str], value: str = "") -> int:
    """The line of a key or table, or of a string `value` in it; 0 where it is not found.

    Lines are looked at one by one, so a key within a multi-line string may be taken for one: the
    file has been parsed before, and only messages depend on this.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    wanted = tuple(keys)
    table: tuple[str, ...] = ()
    at = 0
    for number, line in enumerate(lines, 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _parts(header[1])
            full = table
        elif key:
            full = (*table, *_parts(key[1]))
        else:
            full = ()
        if full and at and value:
            return at
        inline = key and full == wanted[: len(full)] and _inline(line, wanted[len(full) :])
        if full and (inline or full[: len(wanted)] == wanted):
            at = at or number
        if at and (not value or f'"{value}"' in line or f"'{value}'" in line):
            return number
    return at


def _inline(line: str, rest: tuple[str, ...]) -> bool:
    """Whether an inline table on this line has the rest of the keys."""
    return "{" in line and all(re.search(rf"\b{re.escape(part)}\b", line) for part in rest)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
