"""What an import would take, leave and write, as lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fctui.present.size import counted
from fctui.project.edit_file import Edit
from fctui.project.imports.imported import Said
from fctui.project.imports.propose import Proposal
from fctui.tasks.text import clean

_MOST_LINES = 40
# Of a file that would be written: a lock with hashes has thousands.


def proposal_lines(proposal: Proposal, root: Path) -> Iterator[str]:
    """A function: what was taken line by line, what was left and why, and the files."""
    where = os.path.relpath(proposal.directory, root.resolve())
    target = proposal.target or "no target named"
    yield clean(f"{proposal.name}  {where}  {target}")
    for sign, said in [("+", s) for s in proposal.said if not s.reason] + [
        ("-", s) for s in proposal.left
    ]:
        behind = f"→ {said.into}" if not said.reason else f": {said.reason}"
        gap = " " if not said.reason else ""
        yield clean(f"  {sign} {_place(said, root)}  {said.text}{gap}{behind}")
    for edit in proposal.edits:
        yield from _edit_lines(edit, root)


def _edit_lines(edit: Edit, root: Path) -> Iterator[str]:
    name = os.path.relpath(edit.path, root.resolve())
    yield clean(f"  {name}{' (new)' if edit.before is None else ''}: {edit.summary}")
    lines = [line for line in edit.diff if not line.startswith("@@")]
    yield from (f"    {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"    … {counted(len(lines) - _MOST_LINES, 'more line')}"


def _place(said: Said, root: Path) -> str:
    name = os.path.relpath(said.place.path, root.resolve())
    return f"{name}:{said.place.line}" if said.place.line else name
