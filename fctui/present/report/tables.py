"""The tables of a report: packages, sums, files, what was left out, licences, the pip methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from fctui.bundle.manifest import Manifest
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.groups import By, Group, grouped
from fctui.explore.packages import costs
from fctui.explore.selection import Selection
from fctui.explore.twice import Twins, identical, libraries_twice
from fctui.explore.zipped import Zipped, by_owner
from fctui.present.explore import owner_name
from fctui.present.methods import overhead, to_set
from fctui.present.size import counted, human
from fctui.sbom.licences import Licence, table
from fctui.workflow.methods import MethodReport

LARGEST = 40
# Files of a list that nobody reads to its end.

_PLACES = 6


class Row(Struct, frozen=True):
    """A row of a table: its cells, and bytes in percent of the largest row for the bar."""

    cells: tuple[str, ...]
    part: float = 0.0


class Table(Struct, frozen=True):
    """A table; the first `numbers` columns are figures, the bar stands behind the first."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    numbers: int
    note: str = ""


def tables_of(
    manifest: Manifest,
    catalog: Catalog,
    zipped: Zipped,
    licences: Mapping[Owner, Licence],
    methods: Sequence[MethodReport],
) -> Iterator[Table]:
    """All of them, but for those of what is not there."""
    selection = Selection(catalog)
    yield _packages(manifest, catalog, selection, zipped, licences)
    for by, title in (("manager", "managers"), ("category", "categories"), ("type", "file types")):
        yield _groups(selection, by, title)  # type: ignore[arg-type]  # three of BYS
    largest = selection.largest(LARGEST)
    most = catalog.sizes[largest[0]] if largest else 1
    rows = [
        Row(
            (human(catalog.sizes[at]), catalog.paths[at], owner_name(catalog.owner(at))),
            _percent(catalog.sizes[at], most),
        )
        for at in largest
    ]
    yield Table("largest", "largest files", ("size", "file", "package"), tuple(rows), 1)
    yield _twins(catalog, "identical", "identical files", identical(catalog))
    yield _twins(catalog, "libraries", "libraries brought twice", libraries_twice(catalog))
    if manifest.savings:
        yield _left_out(manifest)
    if methods:
        yield _methods(manifest.method, methods)
    if manifest.origins:
        yield _licences(manifest, licences)


def _packages(
    manifest: Manifest,
    catalog: Catalog,
    selection: Selection,
    zipped: Zipped,
    licences: Mapping[Owner, Licence],
) -> Table:
    groups = grouped(selection, "owner")
    packed, cost = by_owner(catalog, zipped), costs(catalog)
    origins = {(origin.manager, origin.id): origin for origin in manifest.origins}
    most = groups[0].size if groups else 1
    rows = []
    for group in groups:
        owner = (group.manager, group.name)
        origin, licence = origins.get(owner), licences.get(owner)
        alone = cost[owner].exclusive if owner in cost else group.size
        cells = (
            human(group.size),
            human(alone),
            human(packed[group.number]),
            f"{group.files:,}",
            group.manager or "–",
            owner_name(owner),
            origin.version if origin else "",
            licence.text if licence else "",
            origin.declared if origin else "",
        )
        rows.append(Row(cells, _percent(group.size, most)))
    head = ("size", "alone", "zipped", "files", "", "package", "version", "licence", "declared in")
    note = "alone: what goes when nothing needs it any more, with what only it brings"
    return Table("packages", "packages", head, tuple(rows), 4, note)


def _groups(selection: Selection, by: By, title: str) -> Table:
    groups: list[Group] = grouped(selection, by)
    most = groups[0].size if groups else 1
    rows = [
        Row((human(g.size), f"{g.files:,}", g.name or "nobody's"), _percent(g.size, most))
        for g in groups
    ]
    return Table(by, title, ("size", "files", by), tuple(rows), 2)


def _twins(catalog: Catalog, id_: str, title: str, twins: Sequence[Twins]) -> Table:
    wasted = sum(each.wasted for each in twins)
    most = twins[0].wasted if twins else 1
    rows = []
    for each in twins[:LARGEST]:
        paths = [catalog.paths[at] for at in each.positions]
        more = [f"and {len(paths) - _PLACES:,} more"] if len(paths) > _PLACES else []
        places = "\n".join((*paths[:_PLACES], *more))
        rows.append(
            Row((human(each.wasted), f"{len(paths):,}×", places), _percent(each.wasted, most))
        )
    note = f"{counted(len(twins), 'time')}, wasting {human(wasted)}" if twins else "none"
    return Table(id_, title, ("wasted", "times", "files"), tuple(rows), 2, note)


def _left_out(manifest: Manifest) -> Table:
    savings = sorted(manifest.savings, key=lambda each: (-each.size, each.rule, each.manager))
    most = savings[0].size
    rows = [
        Row((human(s.size), f"{s.files:,}", s.rule, s.manager), _percent(s.size, most))
        for s in savings
    ]
    total = human(sum(saving.size for saving in savings))
    note = f"{total} that no function needs, by rule"
    return Table("left-out", "left out", ("size", "files", "rule", ""), tuple(rows), 2, note)


def _methods(own: str, methods: Sequence[MethodReport]) -> Table:
    most = max(report.size for report in methods)
    rows = []
    for report in methods:
        said = [text for text, is_so in (("this bundle", report.id == own),
                                         ("recommended", report.recommended)) if is_so]  # fmt: skip
        cells = (
            human(report.size),
            f"{report.files:,}",
            f"{report.folders:,}",
            human(report.packed),
            overhead(report),
            report.id,
            to_set(report),
            ", ".join(said),
        )
        rows.append(Row(cells, _percent(report.size, most)))
    head = ("size", "files", "folders", "zip, about", "never runs", "method", "to set", "")
    note = "What pip's packages would be by each way to install them, as fctui methods has it."
    return Table("methods", "pip methods", head, tuple(rows), 5, note)


def _licences(manifest: Manifest, licences: Mapping[Owner, Licence]) -> Table:
    packages: dict[str, list[str]] = {}
    for text, origin in table(manifest, licences):
        packages.setdefault(text, []).append(f"{origin.name} {origin.version}")
    shown = {"–": "none stated", "see file": "in words only"}
    rows = [
        Row((f"{len(those):,}", shown.get(text, text), ", ".join(dict.fromkeys(those))))
        for text, those in packages.items()
    ]
    return Table("licences", "licences", ("packages", "licence", "of"), tuple(rows), 1)


def _percent(size: int, most: int) -> float:
    return round(100 * size / most, 2) if most else 0.0
