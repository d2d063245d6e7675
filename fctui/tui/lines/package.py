"""The details of a package: what it is, why it is here, what it costs, and its files' places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct

from fctui.model.graph import chains, dependents, exclusive
from fctui.model.package import Package, Resolution
from fctui.model.plan import Category, PlannedFile
from fctui.present.size import counted
from fctui.tui.lines.line import Line, Span, clean, fit, fit_path
from fctui.tui.lines.sizes import exact, size
from fctui.tui.lines.wrapping import labelled, paragraph, wrap
from fctui.tui.signs import SIGNS

_LABEL = 9  # cells: the longest label, `artifact`, and a space
_MOST_CHAINS = 6
_LONGEST_SUMMARY = 4  # lines
_FEW = 30  # files: so few are shown without being asked for


class Facts(Struct, frozen=True):
    """What the details are made of. `files` is None while the contents are not known, and
    `about_files` then says why; else it says where they were built, if there is more to say.
    """

    resolution: Resolution
    id: str
    sizes: Mapping[str, int]
    files: tuple[PlannedFile, ...] | None = None
    about_files: str = ""


def package_lines(
    facts: Facts, width: int, folded: Mapping[str, bool], query: str = ""
) -> list[Line]:
    """The lines for a pane of `width` cells. `folded` says which groups were closed or opened by
    hand, `query` keeps only the files whose path has it.
    """
    package = facts.resolution.packages[facts.id]
    lines = [_title(package, facts)]
    if package.summary:
        lines += islice(paragraph(package.summary, width, "dim"), _LONGEST_SUMMARY)
    lines.append(Line())
    lines += _why(facts, width)
    lines += _remove(facts, width)
    if package.note:
        lines += _labelled("note", package.note, width)
    if package.licenses:
        lines += _labelled("licence", ", ".join(package.licenses), width)
    lines += _artifact(package, width)
    if facts.files is not None and facts.about_files:
        lines += _labelled("built on", facts.about_files, width)
    lines.append(Line())
    lines += _files(facts, width, folded, query)
    return lines


def kinds(files: Sequence[PlannedFile]) -> str:
    """The install categories of files in one phrase: `platlib · scripts`."""
    found = dict.fromkeys(file.category for file in files)
    shown = [c for c in found if c not in (Category.METADATA, Category.LINK)]
    return f" {SIGNS.dot} ".join(str(category) for category in shown)


def _title(package: Package, facts: Facts) -> Line:
    kind = kinds(facts.files) if facts.files else package.manager
    if package.needs_build:
        kind += f" {SIGNS.dot} sdist"
    return Line(
        (Span(package.name, "title"), Span(f" {package.version}", "dim")), (Span(kind, "dim"),)
    )


def _why(facts: Facts, width: int) -> Iterator[Line]:
    """The chains from what the project declares, shortest first."""
    declared = [root for root in facts.resolution.roots if root.id == facts.id]
    label = "why"
    for root in declared:
        where = f"{root.source}:{root.line}" if root.line else root.source
        text = f"declared in {where}" if where else "declared"
        yield _fact(label, Span(text), Span(f"  {root.requirement}", "dim"))
        label = ""
    found = [chain for chain in chains(facts.resolution, facts.id) if len(chain) > 1]
    for chain in found[:_MOST_CHAINS]:
        yield _fact(label, Span(_chain(facts.resolution, chain[:-1], width - _LABEL)))
        label = ""
    if len(found) > _MOST_CHAINS:
        yield _fact("", Span(f"and {len(found) - _MOST_CHAINS} more", "dim"))
    if not declared and not found:
        yield _fact(label, Span("nothing declared reaches it", "dim"))


def _chain(resolution: Resolution, chain: Sequence[str], width: int) -> str:
    names = [clean(resolution.packages[id_].name) for id_ in chain]
    text = f" {SIGNS.arrow} ".join(names)
    if len(text) > width and len(names) > 2:  # its ends tell most
        text = f" {SIGNS.arrow} ".join([names[0], SIGNS.ellipsis, names[-1]])
    return fit(text, width)


def _remove(facts: Facts, width: int) -> Iterator[Line]:
    resolution, id_ = facts.resolution, facts.id
    above = dependents(resolution)[id_]
    declared = any(root.id == id_ for root in resolution.roots)
    going = exclusive(resolution, id_)
    saved = sum(facts.sizes.get(gone, 0) for gone in going)
    if declared and above:
        names = ", ".join(resolution.packages[parent].name for parent in above[:3])
        yield from _labelled("remove", f"saves nothing: {names} bring it too", width)
        return
    if not declared and len(above) > 1:
        text = f"{len(above)} packages need it; without all of them it saves {size(saved)}"
        yield from _labelled("remove", text, width)
        return
    others = len(going) - 1
    if going.isdisjoint(facts.sizes):
        yield from _labelled("remove", "saves what is not known yet", width)
        return
    text = f"saves {size(saved)}"
    if others > 0:
        text += f", with {counted(others, 'package')} that only it brings"
    yield from _labelled("remove", text, width)


def _artifact(package: Package, width: int) -> Iterator[Line]:
    if package.artifact is None:
        return
    artifact = package.artifact
    yield _fact("artifact", Span(fit(artifact.filename, width - _LABEL), "text"))
    parts = [f"{size(artifact.size)} packed"] if artifact.size is not None else []
    if artifact.digest:
        kind, _, hexadecimal = artifact.digest.partition(":")
        parts.append(f"{kind} {hexadecimal[:16]}{SIGNS.ellipsis}")
    if parts:
        yield _fact("", Span(f" {SIGNS.dot} ".join(parts), "dim"))


def _files(facts: Facts, width: int, folded: Mapping[str, bool], query: str) -> Iterator[Line]:
    if facts.files is None:
        known = facts.sizes.get(facts.id)
        if known is not None:
            yield _fact("size", Span(exact(known)))
        yield from _labelled("files", facts.about_files, width, "dim")
        return
    total = sum(file.size for file in facts.files)
    libraries = sum(file.shared_library for file in facts.files)
    spans = [Span(f"{counted(len(facts.files), 'file')} {SIGNS.dot} {size(total)}")]
    if libraries:
        spans.append(Span(f" {SIGNS.dot} {SIGNS.library} {libraries} .so", "library"))
    yield _fact("files", *spans, Span(f"  {total:,} bytes", "dim"))
    wanted = query.casefold()
    files = [file for file in facts.files if wanted in file.path.casefold()]
    if wanted and not files:
        yield _fact("", Span("none has this in its path", "dim"))
    for category in Category:
        group = [file for file in files if file.category is category]
        if group:
            yield from _group(
                category, group, width, folded, opened=bool(wanted) or len(files) <= _FEW
            )


def _group(
    category: str,
    files: Sequence[PlannedFile],
    width: int,
    folded: Mapping[str, bool],
    *,
    opened: bool,
) -> Iterator[Line]:
    opened = not folded.get(category, not opened)
    sign = SIGNS.opened if opened else SIGNS.closed
    place = _common_directory(files)
    numbers = f"{len(files):>6,} {size(sum(file.size for file in files)):>8}"
    place_width = width - 18 - len(numbers) - 1
    yield Line(
        (Span(f"{sign} {category:<15} ", "heading"), Span(fit(place, place_width), "dim")),
        (Span(numbers, "size"),),
        key=category,
        fold=category,
    )
    if not opened:
        return
    for file in files:
        yield _file(file, width)


def _file(file: PlannedFile, width: int) -> Line:
    sign = SIGNS.library if file.shared_library else " "
    style = "library" if file.shared_library else "text"
    number = f"{size(file.size):>8}"
    path = fit_path(file.path, width - len(number) - 5)
    return Line(
        (Span(f"  {sign} ", style), Span(path, style)), (Span(number, "size"),), key=file.path
    )


def _common_directory(files: Sequence[PlannedFile]) -> str:
    """The deepest directory that holds all files, as a place in the bundle."""
    common = files[0].path.split("/")[:-1]
    for file in files:
        parts = file.path.split("/")[:-1]
        length = 0
        while length < min(len(common), len(parts)) and common[length] == parts[length]:
            length += 1
        common = common[:length]
    return "/".join(common) + "/" if common else "./"


def _fact(label: str, *spans: Span) -> Line:
    return Line((Span(f"{label:<{_LABEL}}", "label"), *spans))


def _labelled(label: str, text: str, width: int, style: str = "text") -> Iterator[Line]:
    return labelled(label, wrap(text, width - _LABEL), _LABEL, style)
