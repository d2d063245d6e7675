"""The comparison of the pip methods: a row of figures for each, what it does, what moves where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fctui.model.target import Target
from fctui.present.methods import facts, overhead, shown_command, to_set
from fctui.present.size import counted
from fctui.project.settings import METHODS
from fctui.tui.lines.line import Line, Span, clean, fit, fit_path, row
from fctui.tui.lines.sizes import exact, size
from fctui.tui.lines.wrapping import labelled, wrapped
from fctui.tui.signs import SIGNS
from fctui.workflow.difference import Movement
from fctui.workflow.methods import MethodReport

_STATES = {
    "yes": (SIGNS.done, "good"),
    "set": (SIGNS.warning, "warn"),
    "part": (SIGNS.warning, "warn"),
    "no": (SIGNS.failed, "bad"),
    "none": (SIGNS.none, "dim"),
}
_SHORT = {
    "import": "import",
    "console scripts": "scripts",
    ".pth files": ".pth",
    "data files": "data",
    "headers": "headers",
}
# Headings of the columns that say what works.

_LABEL = 9  # cells: `by hand`, and two spaces
_WHAT = 16  # cells: `console scripts`, and a space
_FEW = 8  # files: so few are shown without being asked for
_WIDE = 108  # cells: from here on there is room for what works in the table


def title_line(project: str, target: Target) -> Line:
    """What is compared for what."""
    python = f" {SIGNS.dot} Python {target.python.version}" if target.python else ""
    about = f"  {clean(project)} {SIGNS.arrow} {target.id}{python}"
    return Line((Span(" pip methods", "title"), Span(about, "dim")))


def views_line(method: str, other: str, view: str) -> Line:
    """A tab for each view of a method, that in sight marked."""
    words = {
        "about": f" {method} ",
        "files": " its files ",
        "moves": f" what moves to {other} ",
    }
    spans = [Span(" ")]
    for name, text in words.items():
        spans += [Span(text, "tab" if name == view else "dim"), Span(" ")]
    return Line(tuple(spans))


def heading_line(width: int) -> Line:
    """What stands over the columns."""
    right = f"{'files':>6}{'size':>9}{'~zip':>9}{'unused':>8}{'root':>6}"
    if width >= _WIDE:
        right += "  " + " ".join(f"{short:^7}" for short in _SHORT.values())
    return Line((Span("   method", "dim"),), (Span(f"{right}  {'to set':<16} ", "dim"),))


def method_rows(reports: Mapping[str, MethodReport], current: str, width: int) -> Iterator[Line]:
    """A row for each method; of what is not known yet there are dots."""
    for method in METHODS:
        report = reports.get(method)
        best = bool(report and report.recommended)
        left = (
            Span(f" {SIGNS.done if method == current else ' '} ", "good"),
            Span(method, "strong" if best else "name"),
            Span(f" {SIGNS.best}" if best else "", "accent"),
        )
        yield Line(left, tuple(_figures(report, width)), key=method)


def _figures(report: MethodReport | None, width: int) -> Iterator[Span]:
    dots = SIGNS.ellipsis
    if report is None:
        cells = f"{dots:>6}{dots:>9}{dots:>9}{dots:>8}{dots:>6}"
        yield Span(cells, "dim")
        if width >= _WIDE:
            yield Span("  " + " ".join(f"{dots:^7}" for _ in _SHORT), "dim")
        yield Span(f"  {dots:<16} ", "dim")
        return
    unused = overhead(report) if report.overhead_files else SIGNS.none
    yield Span(f"{report.files:>6,}{size(report.size):>9}{size(report.packed):>9}", "size")
    yield Span(f"{unused:>8}", "warn" if report.overhead_files else "size")
    yield Span(f"{report.at_root:>6,}", "size")
    if width >= _WIDE:
        yield Span("  ")
        for aspect in report.aspects:
            sign, style = _STATES[aspect.state]
            yield Span(f"{sign:^7} ", style)
        yield Span(" ")
    else:
        yield Span("  ")
    wanted = to_set(report)
    yield Span(f"{wanted:<16} ", "good" if wanted == "nothing" else "warn")


def about_lines(report: MethodReport, width: int) -> list[Line]:
    """What a method does, what works and why not, what it needs."""
    lines: list[Line] = []
    if report.recommended:
        lines += _labelled(f"{SIGNS.best} fits", report.reason, width, "good")
    for warning in report.warnings:
        lines += _labelled(SIGNS.warning, warning, width, "warn")
    lines.append(row("what works on the target", "heading"))
    for aspect in report.aspects:
        sign, style = _STATES[aspect.state]
        room = max(20, width - _WHAT - 3)
        for index, part in enumerate(wrapped(aspect.how, room)):
            head = (Span(f" {sign} ", style), Span(f"{aspect.what:<{_WHAT}}", "label"))
            left = head if index == 0 else (Span(" " * (_WHAT + 3)),)
            lines.append(Line((*left, Span(part))))
        for part in wrapped(aspect.why, room) if aspect.why else ():
            lines.append(Line((Span(" " * (_WHAT + 3)), Span(part, "dim"))))
    lines.append(row("what it does", "heading"))
    label = ""
    for name, text in facts(report):
        lines += _labelled("" if name == label else name, text, width)
        label = name
    about = f"{exact(report.size)}; about {size(report.packed)} zipped, by the wheels' packed sizes"
    lines += _labelled("size", about, width)
    if report.overhead_files:
        unused = f"{counted(report.overhead_files, 'file')}, {exact(report.overhead_size)}"
        lines += _labelled("unused", unused, width)
    for command in report.resolves:
        lines += _labelled("begins", shown_command(command), width, "dim")
    return lines


def movement_lines(
    one: MethodReport,
    other: MethodReport,
    movements: Sequence[Movement],
    width: int,
    folded: Mapping[str, bool],
) -> list[Line]:
    """What lies elsewhere under the other method, by directories that open to their files."""
    moving = sum(len(m.pairs) for m in movements if None not in (m.source, m.destination))
    only = sum(len(m.pairs) for m in movements if m.source is not None) - moving
    stay = one.files - moving - only
    arrow = SIGNS.arrow
    lines = [
        Line(
            (Span(f"{one.id} {arrow} {other.id}", "title"),),
            (Span(f"{counted(moving, 'file')} move, {stay:,} stay", "dim"),),
        )
    ]
    if not movements:
        lines.append(row("Every file lies in the same place.", "dim"))
    for movement in movements:
        key = f"{movement.source}{arrow}{movement.destination}"
        opened = not folded.get(key, len(movements) > 1 and len(movement.pairs) > _FEW)
        lines.append(_movement(movement, one, other, width, key, opened=opened))
        if opened:
            lines += [_pair(a, b, width) for a, b in movement.pairs]
    return lines


def _movement(
    movement: Movement,
    one: MethodReport,
    other: MethodReport,
    width: int,
    key: str,
    *,
    opened: bool,
) -> Line:
    numbers = f"{len(movement.pairs):>7,} {size(movement.size):>9}"
    if movement.source is None:
        text = f"only {other.id} has"
    elif movement.destination is None:
        text = f"only {one.id} has"
    else:
        text = f"{movement.source or '.'}/ {SIGNS.arrow} {movement.destination or '.'}/"
    sign = SIGNS.opened if opened else SIGNS.closed
    left = (Span(f"{sign} ", "dim"), Span(fit(text, width - len(numbers) - 4), "heading"))
    return Line(left, (Span(numbers, "size"),), key=key, fold=key)


def _pair(a: str, b: str, width: int) -> Line:
    return Line((Span("    "), Span(fit_path(b or a, width - 5), "text")), key=a or b)


def _labelled(label: str, text: str, width: int, style: str = "text") -> Iterator[Line]:
    return labelled(label, wrapped(text, max(20, width - _LABEL)), _LABEL, style)
