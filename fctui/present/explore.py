"""What is in a bundle as text: groups, largest files, what is twice, what has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fctui.explore.budget import Gauge
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.change import FileChange
from fctui.explore.compare import Difference, PackageChange
from fctui.explore.groups import Group
from fctui.explore.packages import Cost
from fctui.explore.selection import Node
from fctui.explore.twice import Twins
from fctui.present.size import counted, human
from fctui.tasks.text import clean

_SHOWN = 3
# Places of a twin that are named.

NOBODY = "nobody's"

CHANGE_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def owner_name(owner: Owner) -> str:
    """An owner for people."""
    return clean(owner[1]) or NOBODY


def owner_lines(
    groups: Sequence[Group], costs: Mapping[Owner, Cost], most: int | None = None
) -> list[str]:
    """Packages: bytes of their own, bytes that go with them, files."""
    lines = [f"{'own':>8}  {'alone':>8}  {'files':>7}  "]
    lines += [
        f"{human(group.size):>8}  {_alone(costs, group):>8}  {group.files:>7,}  "
        f"{group.manager or '–':<7} {owner_name((group.manager, group.name))}"
        for group in groups[:most]
    ]
    if most is not None and len(groups) > most:
        rest = sum(group.size for group in groups[most:])
        files = sum(group.files for group in groups[most:])
        lines.append(f"{human(rest):>8}  {'':>8}  {files:>7,}  {len(groups) - most} more packages")
    return lines


def group_lines(groups: Iterable[Group]) -> list[str]:
    """Managers, categories or types: bytes and files."""
    return [
        f"{human(group.size):>8}  {group.files:>7,}  {clean(group.name) or NOBODY}"
        for group in groups
    ]


def node_lines(nodes: Iterable[Node]) -> list[str]:
    """Directories and files: bytes, files, path."""
    return [
        f"{human(node.size):>8}  {f'{node.files:,}' if node.is_directory else '':>7}  "
        f"{clean(node.path)}"
        for node in nodes
    ]


def largest_lines(catalog: Catalog, positions: Iterable[int]) -> list[str]:
    """Files with their owners."""
    return [
        f"{human(catalog.sizes[at]):>8}  {clean(catalog.paths[at])}  "
        f"({owner_name(catalog.owner(at))})"
        for at in positions
    ]


def twin_lines(catalog: Catalog, title: str, twins: Sequence[Twins], most: int) -> Iterator[str]:
    """What is there several times: what that wastes, how often, and where."""
    wasted = sum(each.wasted for each in twins)
    yield f"{title}: {len(twins):,}, wasting {human(wasted)}"
    for each in twins[:most]:
        yield f"{human(each.wasted):>8}  {len(each.positions)}×  {clean(each.name)}"
        places = [at for at in each.positions if catalog.paths[at] != each.name]
        for at in places[:_SHOWN]:
            yield f"{'':>14}{clean(catalog.paths[at])}  ({owner_name(catalog.owner(at))})"
        if len(places) > _SHOWN:
            yield f"{'':>14}and {len(places) - _SHOWN:,} more"
    if len(twins) > most:
        rest = sum(each.wasted for each in twins[most:])
        yield f"{human(rest):>8}  {len(twins) - most:,} more"


def difference_lines(difference: Difference, most: int) -> Iterator[str]:
    """Packages that have changed, then the files that have changed most."""
    yield (
        f"{human(difference.before)} → {human(difference.after)}  "
        f"({signed(difference.after - difference.before)})"
    )
    for change in difference.packages[:most]:
        yield (
            f"{signed(change.grown):>9}  {change.owner[0] or '–':<7} "
            f"{owner_name(change.owner)}{versions(change)}"
        )
    if len(difference.packages) > most:
        yield f"{'':>9}  {len(difference.packages) - most:,} more packages"
    parts = [counted(len(difference.of(w)), f"file {w}") for w in ("added", "removed", "changed")]
    yield ", ".join(part.replace(f"file {w}s", f"files {w}") for part, w in zip(
        parts, ("added", "removed", "changed"), strict=True))  # fmt: skip
    yield from _change_lines(difference.files, most)


def edit_lines(edits: Sequence[FileChange], most: int) -> Iterator[str]:
    """What was done to a bundle since it was built, file by file; nothing where nothing was."""
    if not edits:
        return
    yield edits_text(edits)
    yield from _change_lines(edits, most)


def edits_text(edits: Sequence[FileChange]) -> str:
    """`edited since it was built: 1 file added, 2 changed (+1.2 K)`."""
    counts = Counter(edit.what for edit in edits)
    told = [f"{counts[what]:,} {what}" for what in ("added", "changed", "removed") if counts[what]]
    first, *others = told
    number, what = first.split(" ")
    files = "file" if number == "1" else "files"
    grown = signed(sum(edit.grown for edit in edits))
    return (
        f"edited since it was built: {', '.join([f'{number} {files} {what}', *others])} ({grown})"
    )


def _change_lines(files: Sequence[FileChange], most: int) -> Iterator[str]:
    """Those first that have changed most."""
    for file in sorted(files, key=lambda each: -abs(each.grown))[:most]:
        yield f"{signed(file.grown):>9}  {CHANGE_SIGNS[file.what]} {clean(file.path)}"
    if len(files) > most:
        yield f"{'':>9}  {counted(len(files) - most, 'more file')}"


def gauge_lines(gauges: Iterable[Gauge]) -> list[str]:
    """The limits, and which of them are broken."""
    return [f"{gauge.name:<16}{gauge_text(gauge)}{_over(gauge)}" for gauge in gauges]


def _over(gauge: Gauge) -> str:
    if not gauge.over:
        return ""
    return "  too many" if gauge.unit == "layers" else "  too large"


def gauge_text(gauge: Gauge) -> str:
    """`~ 214.0 M of 500.0 M`."""
    about = "" if gauge.exact else "~"
    if gauge.unit == "layers":
        return f"{about}{gauge.used} of {gauge.limit}"
    used = f"{about}{human(gauge.used)}"
    return f"{used} of {human(gauge.limit)}" if gauge.limit is not None else used


def versions(change: PackageChange) -> str:
    """What became of a package, in a few words."""
    before, after = (clean(version) for version in change.versions)
    if not change.before:
        return f" {after} is new".replace("  ", " ")
    if not change.after:
        return f" {before} has gone".replace("  ", " ")
    return f" {before} → {after}" if before != after else ""


def signed(size: int) -> str:
    """`+1.2 M`, `-300 B`, `0 B`."""
    sign = "+" if size > 0 else "-" if size < 0 else ""
    return f"{sign}{human(abs(size))}"


def _alone(costs: Mapping[Owner, Cost], group: Group) -> str:
    cost = costs.get((group.manager, group.name))
    return human(cost.exclusive) if cost else human(group.size)
