"""A resolution as lines of a tree: what brings what, each subtree spelled out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from fctui.model.closures import closure_sizes
from fctui.model.graph import dependents
from fctui.model.package import Resolution
from fctui.present.size import human
from fctui.tasks.text import clean

REPEATED = "″"
# Stands for a subtree that is spelled out further up.

FIGURES = 26
# Columns of the three figures of a line with the gaps before them.

LEAST = 20
# Columns that a name gets in the narrowest terminal.


class TreeRow(Struct, frozen=True):
    """One line: how deep, which package, how many need it, its own bytes and those with all
    under it (None: not known). `repeated` rows have their children further up.
    """

    depth: int
    id: str
    label: str
    needed_by: int
    own: int | None
    total: int | None
    repeated: bool
    branches: tuple[bool, ...]


def tree_rows(
    resolution: Resolution, sizes: Mapping[str, int], max_depth: int | None = None
) -> Iterator[TreeRow]:
    """The rows from the roots down. `branches` tells for each level whether more siblings follow,
    for drawing lines.
    """
    above = dependents(resolution)
    totals = closure_sizes(resolution, sizes)
    seen: set[str] = set()
    roots = list(dict.fromkeys(root.id for root in resolution.roots))
    stack: list[tuple[str, int, tuple[bool, ...]]] = [
        (id_, 0, (at < len(roots) - 1,)) for at, id_ in enumerate(roots)
    ]
    stack.reverse()
    while stack:
        id_, depth, branches = stack.pop()
        package = resolution.packages.get(id_)
        if package is None:
            continue
        children = [r for r in dict.fromkeys(package.requires) if r in resolution.packages]
        repeated = id_ in seen and bool(children)
        extras = f"[{','.join(package.extras)}]" if package.extras else ""
        yield TreeRow(
            depth=depth,
            id=id_,
            label=clean(f"{package.name}{extras} {package.version}"),
            needed_by=len(above.get(id_, ())),
            own=sizes.get(id_),
            total=totals[id_] or None,
            repeated=repeated,
            branches=branches,
        )
        if repeated or (max_depth is not None and depth >= max_depth):
            continue
        seen.add(id_)
        last = len(children) - 1
        stack.extend(
            (children[at], depth + 1, (*branches, at < last)) for at in range(last, -1, -1)
        )


def tree_lines(
    resolution: Resolution,
    sizes: Mapping[str, int],
    max_depth: int | None = None,
    columns: int | None = None,
) -> list[str]:
    """The tree as text: name and version, ×N who need it, own size, size with all under it.

    Names are cut where a line would not fit into `columns`, so that the figures stay below each
    other.
    """
    rows = list(tree_rows(resolution, sizes, max_depth))
    drawn = [(_branch(row) + row.label, row) for row in rows]
    width = max((len(text) for text, _ in drawn), default=0)
    if columns is not None:
        width = max(min(width, columns - FIGURES), LEAST)
    lines = []
    for text, row in drawn:
        times = f"×{row.needed_by}" if row.needed_by > 1 else ""
        total = REPEATED if row.repeated else human(row.total)
        shown = text if len(text) <= width else text[: width - 1] + "…"
        lines.append(f"{shown:<{width}}  {times:>4}  {human(row.own):>8}  {total:>8}")
    return lines


def _branch(row: TreeRow) -> str:
    if row.depth == 0:
        return ""
    stems = "".join("│  " if more else "   " for more in row.branches[1:-1])
    return stems + ("├─ " if row.branches[-1] else "└─ ")
