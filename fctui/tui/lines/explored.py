"""The details of what is under the explorer's cursor: what it is, whose, why, what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.compare import PackageChange
from fctui.explore.groups import Group
from fctui.explore.packages import ways
from fctui.explore.peek import Peek, peek
from fctui.explore.twice import Twins
from fctui.explore.zipped import Zipped
from fctui.model.names import some
from fctui.native.elf import ElfFile
from fctui.present.explore import NOBODY, owner_name, versions
from fctui.present.size import counted
from fctui.tui.exploration import Exploration
from fctui.tui.lines.line import Line, row
from fctui.tui.lines.sizes import exact, size
from fctui.tui.lines.wrapping import labelled, paragraph, wrap
from fctui.tui.outline.explored import Inside
from fctui.tui.signs import SIGNS

_LABEL = 11  # cells: the longest label, `libraries`, and two spaces

_WAYS = 3
# Chains and owners that are told: whoever has more than that knows why.

_PLACES = 12
_COUNTED = 20_000
# Places of a twin that are told, and files that are asked for their owners on the way.


def fact(label: str, text: str, width: int, style: str = "text") -> Iterator[Line]:
    """A label and what it says, on as many lines as it takes."""
    return labelled(label, wrap(text, width - _LABEL), _LABEL, style)


def title(text: str, width: int) -> Iterator[Line]:
    """What it is about."""
    return paragraph(text, width, "title")


def item_lines(explored: Exploration, item: object, width: int) -> Iterator[Line]:
    """The details of what a row stands for."""
    match item:
        case int():
            yield from file_lines(explored, item, width)
        case Inside() if item.at is None:
            yield from directory_lines(explored, item, width)
        case Inside() if item.at is not None:
            yield from file_lines(explored, item.at, width)
        case Group() if explored.by == "owner":
            yield from package_lines(explored, (item.manager, item.name), width)
        case Group():
            yield from group_lines(item, width)
        case Twins():
            yield from twin_lines(explored.catalog, item, width)
        case PackageChange() | FileChange():
            yield from change_lines(explored, item, width)


def directory_lines(explored: Exploration, inside: Inside, width: int) -> Iterator[Line]:
    """A directory: what it holds, and whose that is."""
    node, catalog = inside.node, explored.catalog
    positions = list(inside.selection.positions(node))
    yield from title(node.path or "everything", width)
    holds = f"{counted(node.files, 'file')} {SIGNS.dot} {exact(node.size)}"
    yield from fact("holds", holds, width)
    yield from _zipped(explored, positions, width)
    sums: dict[int, int] = {}
    for at in positions if len(positions) <= _COUNTED else ():
        owner = catalog.owners[at]
        sums[owner] = sums.get(owner, 0) + catalog.sizes[at]
    named = [catalog.owner_table[n] for n in sorted(sums, key=lambda n: -sums[n])]
    if named:
        yield from fact("owners", some(map(owner_name, named), _WAYS), width)


def file_lines(explored: Exploration, at: int, width: int) -> Iterator[Line]:
    """A file: its owner and why that is there, and a look inside."""
    catalog = explored.catalog
    path, owner = catalog.paths[at], catalog.owner(at)
    yield from title(path, width)
    manager = f" ({owner[0]})" if owner[0] else ""
    yield from fact("owner", owner_name(owner) + manager, width)
    yield from why_lines(catalog, owner, width)
    library = f" {SIGNS.library} shared library" if catalog.libraries[at] else ""
    yield from fact("category", str(catalog.category(at)) + library, width)
    yield from fact("size", exact(catalog.sizes[at]), width)
    yield from _edited(catalog, path, width)
    yield from _zipped(explored, [at], width)
    link = catalog.links.get(path)
    if link is not None:
        yield from fact("it is", f"a link to {link}", width)
        return
    known = catalog.__dict__.get("hashes")  # reading all of them would take a moment
    if known and known[at]:
        yield from fact("sha256", known[at], width)
    yield Line()
    yield from peek_lines(peek(catalog.locate(path)), width)


def _edited(catalog: Catalog, path: str, width: int) -> Iterator[Line]:
    """What was done to a file since it was built."""
    edit = next((edit for edit in catalog.about.edits if edit.path == path), None)
    if edit is not None:
        was = "" if edit.before is None else f", {exact(edit.before)} before"
        yield from fact("edited", f"{edit.what} since it was built{was}", width, "warn")


def package_lines(explored: Exploration, owner: Owner, width: int) -> Iterator[Line]:
    """A package: what it costs, and why it is there."""
    catalog, weighed = explored.catalog, explored.weighed
    origin = catalog.origins.get(owner)
    yield from title(f"{owner_name(owner)} {origin.version if origin else ''}", width)
    if weighed is not None:
        cost = weighed.costs[owner]
        own = f"{counted(cost.files, 'file')} {SIGNS.dot} {exact(cost.own)}"
        yield from fact("its own", own, width)
        others = f", with {counted(cost.others, 'package')} more" if cost.others else ""
        yield from fact("alone", f"{size(cost.exclusive)} go with it{others}", width)
        sums = weighed.budget.zipped or []
        bytes_ = sums[catalog.owner_table.index(owner)]
        yield from fact("zipped", f"about {size(bytes_)}", width)
    yield from why_lines(catalog, owner, width)
    yield from fact("what if", "n shows the limits without it", width, "dim")


def without_lines(explored: Exploration, width: int) -> Iterator[Line]:
    """What is left out for a try, and what goes with it."""
    names = ", ".join(owner_name(owner) for owner in sorted(explored.without))
    others = len(explored.gone) - len(explored.without)
    more = f" and {others} that only they bring" if others else ""
    return paragraph(f"{SIGNS.warning} as if without {names}{more}", width, "warn")


def group_lines(group: Group, width: int) -> Iterator[Line]:
    """A manager, a category, a type."""
    yield from title(group.name or NOBODY, width)
    holds = f"{counted(group.files, 'file')} {SIGNS.dot} {exact(group.size)}"
    yield from fact("holds", holds, width)


def twin_lines(catalog: Catalog, twins: Twins, width: int) -> Iterator[Line]:
    """What is there several times: where, and whose each of them is."""
    yield from title(twins.name, width)
    times = f"{len(twins.positions)} {SIGNS.times} {SIGNS.dot} wastes {exact(twins.wasted)}"
    yield from fact("there", times, width)
    for at in twins.positions[:_PLACES]:
        yield from fact(owner_name(catalog.owner(at))[: _LABEL - 1], catalog.paths[at], width)
    if len(twins.positions) > _PLACES:
        yield row(f"and {len(twins.positions) - _PLACES:,} more", "dim")


def change_lines(
    explored: Exploration, change: PackageChange | FileChange, width: int
) -> Iterator[Line]:
    """A package or a file that has changed."""
    if isinstance(change, FileChange):
        yield from title(change.path, width)
        yield from fact("it was", change.what, width)
        yield from fact("owner", owner_name(change.owner), width)
    else:
        yield from title(owner_name(change.owner) + versions(change), width)
        for what in ("added", "removed", "changed"):
            yield from fact(what, counted(getattr(change, what), "file"), width)
    yield from fact("before", size(change.before), width)
    yield from fact("after", size(change.after), width)
    yield from why_lines(explored.catalog, change.owner, width)


def why_lines(catalog: Catalog, owner: Owner, width: int) -> Iterator[Line]:
    """The ways from what the project declares to a package."""
    found = ways(catalog, owner, _WAYS)
    for number, way in enumerate(found):
        yield from fact("why" if not number else "", f" {SIGNS.arrow} ".join(way), width)


def peek_lines(seen: Peek, width: int) -> Iterator[Line]:
    """What a file has inside, as far as it can be shown."""
    if seen.elf is not None:
        yield from _elf(seen.elf, width)
    elif seen.kind == "text":
        yield row("text", "heading")
        for line in seen.lines:
            yield row(line or " ")
        if seen.cut:
            yield row(SIGNS.ellipsis, "dim")
    else:
        said = {"empty": "It is empty.", "binary": "It is no text."}.get(seen.kind, "")
        yield row(seen.problem or said, "dim")


def _elf(elf: ElfFile, width: int) -> Iterator[Line]:
    yield row("ELF", "heading")
    kind = {"shared": "shared object"}.get(elf.kind, elf.kind)
    yield from fact("kind", f"{kind}, {elf.machine}, {elf.bits} bits", width)
    if elf.soname:
        yield from fact("soname", elf.soname, width)
    if elf.interpreter:
        yield from fact("started by", elf.interpreter, width)
    if elf.runpath or elf.rpath:
        yield from fact("runpath", ":".join(elf.runpath or elf.rpath), width)
    for number, name in enumerate(elf.needed):
        asked = elf.requires.get(name, ())
        highest = f"  {asked[-1]}" if asked else ""
        yield from fact("needs" if not number else "", name + highest, width)
    if not elf.needed:
        yield from fact("needs", "no library", width, "dim")


def _zipped(explored: Exploration, positions: Sequence[int], width: int) -> Iterator[Line]:
    weighed: Zipped | None = explored.weighed.zipped if explored.weighed else None
    if weighed is None:
        return
    bytes_ = sum(map(weighed.sizes.__getitem__, positions))
    about = "" if weighed.exact == len(explored.catalog) else "about "
    yield from fact("zipped", f"{about}{size(bytes_)}", width)
