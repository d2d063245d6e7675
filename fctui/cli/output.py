"""Writing results: text or JSON on stdout, errors on stderr, and the exit code of findings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import msgspec

from fctui.model.errors import FctuiError
from fctui.model.finding import Finding
from fctui.present.plain import encodable
from fctui.tasks.text import clean


def write_json(data: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """One JSON document, indented, with a newline behind it."""
    text = msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # JSON is UTF-8 (RFC 8259)
    _write(sys.stdout, text)


def write_lines(lines: Iterable[str], to: TextIO | None = None) -> None:
    """Lines of text, to stdout where nothing else is named, in what its encoding has."""
    stream = to or sys.stdout
    _write(stream, encodable("".join(f"{line}\n" for line in lines), stream.encoding))


def columns() -> int | None:
    """The width of the terminal that stdout is; None where it is a file or a pipe."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or None
    except OSError:
        return None


def write_error(error: FctuiError) -> None:
    """What failed and why on stderr, with what to do next below it."""
    first, *more = error.message.splitlines() or [type(error).__name__]
    lines = [f"fctui: {clean(first)}", *(f"  {clean(line)}" for line in more)]
    lines += [f"  {clean(line)}" for line in error.hint.splitlines()]
    write_lines(lines, sys.stderr)


def exit_code(findings: Sequence[Finding]) -> int:
    """1 where a finding will break the function, else 0."""
    return 1 if any(finding.breaks for finding in findings) else 0


def _write(stream: TextIO, text: str) -> None:
    """Write all at once. A reader who has seen enough and left (`| head`) is no failure: what
    the command does goes on, and its exit code stays its own.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
