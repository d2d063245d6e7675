"""`fctui inspect`: what is in a bundle, or in any directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from fctui.cli.options import as_json, bundle
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_directory
from fctui.explore.catalog import Catalog
from fctui.explore.groups import BYS, By, grouped
from fctui.explore.packages import costs
from fctui.explore.query import matching, parse
from fctui.explore.read import of_bundle, open_catalog
from fctui.explore.selection import Order, Selection
from fctui.model.errors import FctuiError
from fctui.present.explore import (
    difference_lines,
    edit_lines,
    group_lines,
    largest_lines,
    node_lines,
    owner_lines,
    twin_lines,
)
from fctui.present.files import left_out_lines
from fctui.present.size import counted, human
from fctui.tasks.text import clean

if TYPE_CHECKING:
    from fctui.explore.compare import Difference
    from fctui.explore.twice import Twins
    from fctui.model.plan import LeftOut

_MOST = 30
# Lines of a list, where nobody says how many.


@click.command("inspect")
@bundle
@click.option("--files", "show_files", is_flag=True, help="List every file.")
@click.option("--by", type=click.Choice([*BYS, "directory"]), help="Sum the bytes by this.")
@click.option("--sort", type=click.Choice(get_args(Order)), default="size", help="In this order.")
@click.option("--largest", type=click.IntRange(min=1), metavar="N", help="The N largest files.")
@click.option("--duplicates", is_flag=True, help="What is in it twice, and what that wastes.")
@click.option(
    "--diff",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="OTHER",
    help="What has changed since OTHER, an older bundle or directory.",
)
@click.option("--filter", "query", default="", help="Only what matches: words, >5M, owner:numpy.")
@click.option(
    "--now/--built",
    default=None,
    help="As each file is by now, or as it was built; else by now unless it is very large.",
)
@as_json
def command(
    bundle: Path | None,
    *,
    show_files: bool,
    by: By | None,
    sort: Order,
    largest: int | None,
    duplicates: bool,
    diff: Path | None,
    query: str,
    now: bool | None,
    as_json: bool,
) -> None:
    """The files of a bundle with owner, category and size; of any other directory what installers
    tell of them. OTHER and BUNDLE may be bundles or directories. A bundle that was edited since it
    was built is shown as it is now, and what was done to it is told.

    The columns of packages: their own bytes, and alone, the bytes that go when nothing needs them
    any more, with those of what only they bring.
    """
    place = bundle_directory(bundle)
    strict = bundle is None or now is False  # a directory without a manifest was not built
    catalog = of_bundle(place, now=now) if strict else open_catalog(place, now=now)
    selection = matching(Selection(catalog), parse(query))
    twice = _twice(catalog) if duplicates else None
    difference = _difference(diff, catalog) if diff else None
    left_out = _left_out(bundle or Path(), place)
    if as_json:
        found = _json(selection, by, sort, largest, twice, difference)
        write_json(found if left_out is None else {**found, "left_out": left_out})
        return
    lines: list[str] = []
    if difference is not None:
        lines += [*difference_lines(difference, largest or _MOST), ""]
    if twice is not None:
        for title, twins in zip(("identical files", "libraries"), twice, strict=True):
            lines += [*twin_lines(catalog, title, twins, largest or _MOST), ""]
    elif largest and difference is None:
        lines += [*largest_lines(catalog, selection.largest(largest)), ""]
    if show_files:
        lines += [*_files_by_category(selection), ""]
    if by or not (lines or difference or twice):
        lines += [*_sums(selection, by or "owner", sort, None if by else _MOST), ""]
    if not by:
        lines += group_lines(grouped(selection, "manager"))
    lines.append(f"{human(selection.size):>8}  {counted(len(selection), 'file')}")
    lines += edit_lines(catalog.about.edits, largest or _MOST)
    if not catalog.about.looked and now is None:
        lines.append("as it was built: --now looks whether it was edited since")
    lines += left_out_lines(left_out or ())
    lines += [f"not read: {clean(where)}" for where in catalog.about.unread]
    write_lines(lines)


def _left_out(root: Path, place: Path) -> tuple[LeftOut, ...] | None:
    """Files of the project that its bundle cannot have; None where the bundle is not that of the
    current project or of the named one.
    """
    from fctui.bundle.code import planned_code
    from fctui.project.project import load_project

    try:
        project = load_project(Path() if place == root else root)
        if (project.root / project.settings.bundle.output).resolve() != place.resolve():
            return None
        return planned_code(project, place).left_out
    except FctuiError:
        return None  # what is wrong with the project is told by the commands that work with it


def _sums(selection: Selection, by: By | str, sort: Order, most: int | None) -> list[str]:
    if by == "directory":
        return node_lines(selection.children(selection.whole, sort))
    groups = grouped(selection, by, sort)  # type: ignore[arg-type]  # one of BYS
    if by == "owner":
        return owner_lines(groups, costs(selection.catalog), most)
    return group_lines(groups)


def _files_by_category(selection: Selection) -> list[str]:
    from fctui.present.files import by_category

    return by_category(_Row(selection.catalog, at) for at in selection.chosen)


class _Row:
    """One file as `present.files` wants it."""

    def __init__(self, catalog: Catalog, at: int) -> None:
        self.path = catalog.paths[at]
        self.size = catalog.sizes[at]
        self.category = catalog.category(at)
        self.manager, self.owner = catalog.owner(at)
        self.shared_library = bool(catalog.libraries[at])


def _twice(catalog: Catalog) -> tuple[list[Twins], list[Twins]]:
    from fctui.explore.twice import identical, libraries_twice

    return identical(catalog), libraries_twice(catalog)


def _difference(other: Path, catalog: Catalog) -> Difference:
    from fctui.explore.compare import compare

    return compare(open_catalog(bundle_directory(other)), catalog)


def _json(
    selection: Selection,
    by: By | str | None,
    sort: Order,
    largest: int | None,
    twice: tuple[list[Twins], list[Twins]] | None,
    difference: Difference | None,
) -> dict[str, Any]:
    """The contract's keys, and one more for each thing that was asked for."""
    from fctui.present import explore_json as make

    catalog = selection.catalog
    found: dict[str, Any] = {
        "files": make.files(catalog, selection.chosen),
        "totals": {"files": len(selection), "size": selection.size},
    }
    if catalog.about.kind == "bundle":
        looked = catalog.about.looked
        found["edits"] = make.changes(catalog.about.edits) if looked else None
    if by == "directory":
        found["directories"] = make.nodes(selection.children(selection.whole, sort))
    elif by:
        groups = grouped(selection, by, sort)  # type: ignore[arg-type]  # one of BYS
        found["groups"] = make.groups(groups, costs(catalog) if by == "owner" else {})
    if largest:
        found["largest"] = make.files(catalog, selection.largest(largest))
    if twice is not None:
        found["duplicates"] = make.duplicates(catalog, *twice)
    if difference is not None:
        found["difference"] = make.difference(difference)
    return found
