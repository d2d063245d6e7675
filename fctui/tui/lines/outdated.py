"""What would change, as lines: locked, what fits, the newest, the change in size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fctui.model.outdated import Change, Comparison, Outdated
from fctui.present.outdated import WORDS, size_text, sum_text
from fctui.tui.lines.line import Line, Span, fit, row
from fctui.tui.signs import SIGNS

_TITLES = {
    Change.UPDATE: "another version",
    Change.NEW: "new",
    Change.GONE: "gone",
    Change.HELD: "held back",
}
_STYLES = {
    Change.UPDATE: "warn",
    Change.NEW: "good",
    Change.GONE: "bad",
    Change.HELD: "dim",
}
_SIZE = 9
# Cells of a change in size: +1,023.9 M.


def comparison_lines(found: Comparison, width: int) -> list[Line]:
    """All lines, what would change first."""
    lines = [row(sum_text(found))]
    lines += [row(f"{path} has changed since it was locked", "warn") for path in found.moved_on]
    versions = max(8, min(16, (width - 30) // 4))
    name = max(10, width - 3 * (versions + 1) - _SIZE - 3)
    for change in Change:
        packages = [each for each in found.packages if each.change is change]
        if packages:
            lines += [Line(), _heading(_TITLES[change], name, versions)]
            lines += _rows(packages, name, versions)
    return lines


def _heading(title: str, name: int, versions: int) -> Line:
    columns = "".join(f" {word:<{versions}}" for word in ("locked", "fits", "newest"))
    return Line(
        (Span(f"{fit(title, name + 1):<{name + 1}} {columns}", "dim"),), (Span("size", "dim"),)
    )


def _rows(packages: Sequence[Outdated], name: int, versions: int) -> Iterator[Line]:
    for each in packages:
        style = _STYLES[each.change]
        called = fit(f"{each.manager} {each.name}", name)
        told = (each.locked or "-", each.fits or "-", each.newest or "?")
        columns = "".join(f" {fit(version, versions):<{versions}}" for version in told)
        yield Line(
            (
                Span(f"{WORDS[each.change]} ", style),
                Span(f"{called:<{name}}"),
                Span(columns, style),
            ),
            (Span(_size(each), "dim"),),
            key=f"{each.manager} {each.id}",
        )


def _size(each: Outdated) -> str:
    """In ASCII where the terminal has no more."""
    text = size_text(each)
    return text if SIGNS.full != "#" else text.replace("−", "-").replace("±", "")
