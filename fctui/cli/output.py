"""Writing results: text or JSON on stdout, and the exit code that findings give."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from fctui.model.finding import Finding


def write_json(data: Any) -> None:  # noqa: ANN401 - whatever msgspec encodes
    """One JSON document, indented, with a newline behind it."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
    sys.stdout.flush()


def write_lines(lines: Iterable[str]) -> None:
    """Lines of text; signs that the terminal's encoding lacks are written as `?`."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def exit_code(findings: Sequence[Finding]) -> int:
    """1 where a finding will break the function, else 0."""
    return 1 if any(finding.breaks for finding in findings) else 0
