"""What an edit changes in a file, as lines with signs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fctui.tui.lines.line import Line, Span, row

if TYPE_CHECKING:
    from fctui.project.edit import Edit

_AROUND = 2  # lines of context


def diff_lines(edit: Edit) -> Iterator[Line]:
    """The changed lines with those around them; `+` and `-` stand beside the colours."""
    new_file = "  is not there yet" if edit.before is None else ""
    yield Line((Span(edit.path.name, "heading"), Span(new_file, "dim")))
    before, after = (_lines(data) for data in (edit.before or b"", edit.after))
    if before == after:
        yield row("    It stands there already.", "dim")
    differences = difflib.unified_diff(before, after, n=_AROUND, lineterm="")
    for number, text in enumerate(differences):
        if number < 2:
            continue  # the two names
        if text.startswith("@@"):
            yield row(f"  line {_first_line(text)}", "dim")
        elif text.startswith("+"):
            yield row(f"  + {text[1:]}", "added")
        elif text.startswith("-"):
            yield row(f"  - {text[1:]}", "removed")
        else:
            yield row(f"    {text[1:]}", "dim")


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()


def _first_line(hunk: str) -> str:
    """The first line of a hunk in the new file: `@@ -1,4 +2,5 @@` begins at 2."""
    return hunk.split("+", 1)[1].split(" ", 1)[0].split(",", 1)[0]
