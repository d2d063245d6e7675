"""What became of packing: every archive with its place, size and hash, and what is too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fctui.present.size import counted
from fctui.tui.lines.explored import fact
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import exact, size
from fctui.tui.lines.wrapping import paragraph
from fctui.tui.signs import SIGNS

if TYPE_CHECKING:
    from fctui.archive.pack import Packed


def packed_lines(packed: Packed, width: int) -> Iterator[Line]:
    """Everything about the archives."""
    yield Line((Span("packed", "heading"),))
    for archive in packed.archives:
        yield from paragraph(str(archive.path), width, indent="  ")
        holds = f"{counted(archive.files, 'file')} {SIGNS.dot} {size(archive.unpacked)} unpacked"
        yield from fact("  size", exact(archive.size), width)
        yield from fact("  holds", holds, width)
        yield from fact("  sha256", archive.sha256, width)
    for finding in packed.findings:
        sign, style = (SIGNS.failed, "bad") if finding.breaks else (SIGNS.warning, "warn")
        first, *more = paragraph(f"{sign} {finding.message}", width)
        yield Line((Span(first.plain, style),))
        yield from more


def packed_sentence(packed: Packed) -> str:
    """What was packed, in one line."""
    code, *layers = packed.archives
    beside = f" and {counted(len(layers), 'layer')}" if layers else ""
    total = sum(archive.size for archive in packed.archives)
    return f"{code.path.name}{beside} {SIGNS.dot} {size(total)}"
