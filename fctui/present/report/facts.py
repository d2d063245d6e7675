"""What a report tells, as rows of text: all is counted and worded here, nothing of it is HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from fctui.bundle.manifest import Manifest
from fctui.explore.budget import Gauge
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.groups import By, Group, grouped
from fctui.explore.packages import costs
from fctui.explore.selection import Selection
from fctui.explore.twice import Twins, identical, libraries_twice
from fctui.explore.zipped import Zipped, by_owner
from fctui.model.advisory import Audit
from fctui.model.finding import Finding
from fctui.model.target import Target
from fctui.model.verification import Outcome, Verification
from fctui.present.audit import fixed_text, untold_line
from fctui.present.explore import gauge_text, owner_name
from fctui.present.files import remedy_text
from fctui.present.size import counted, human
from fctui.present.verification import NAMES, tally
from fctui.sbom.licences import Licence, table

LARGEST = 40
# Files of a list that nobody reads to its end.

_CHAINS = 3
_PLACES = 6


class Bar(Struct, frozen=True):
    """One limit: `part` in percent of the bar, `state` is good, near, over or none."""

    name: str
    text: str
    part: float
    state: str


class Trouble(Struct, frozen=True):
    """A finding, a vulnerability or a trial that failed. `state` is bad, warn or note."""

    state: str
    kind: str
    text: str
    lines: tuple[str, ...] = ()
    url: str = ""


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


class Facts(Struct, frozen=True, kw_only=True):
    """The whole report but for its picture. `answers` say for each question that was asked what
    came of it.
    """

    name: str
    summary: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    findings: tuple[Trouble, ...]
    vulnerabilities: tuple[Trouble, ...] | None
    untold: tuple[str, ...]
    verified: tuple[str, ...]
    failures: tuple[Trouble, ...]
    tables: tuple[Table, ...]
    variables: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


class Asked(Struct, frozen=True, kw_only=True):
    """What the questions that cost time have brought; None for those that were not asked."""

    findings: Sequence[Finding]
    verification: Verification | None = None
    audit: Audit | None = None
    notes: tuple[str, ...] = ()


def facts_of(
    name: str,
    manifest: Manifest,
    catalog: Catalog,
    target: Target,
    gauges: Sequence[Gauge],
    zipped: Zipped,
    licences: Mapping[Owner, Licence],
    asked: Asked,
) -> Facts:
    """Everything that the report says of a bundle."""
    audit, verification = asked.audit, asked.verification
    return Facts(
        name=name,
        summary=tuple(_summary(manifest, catalog, target, zipped)),
        bars=tuple(map(_bar, gauges)),
        findings=tuple(map(_finding, sorted(asked.findings, key=lambda f: not f.breaks))),
        vulnerabilities=None if audit is None else tuple(_vulnerabilities(audit)),
        untold=() if audit is None else tuple(map(untold_line, audit.untold)),
        verified=() if verification is None else tuple(_verified(verification)),
        failures=() if verification is None else tuple(_failures(verification)),
        tables=tuple(_tables(manifest, catalog, zipped, licences)),
        variables=tuple(sorted(manifest.environment.items())),
        notes=asked.notes,
    )


def _summary(
    manifest: Manifest, catalog: Catalog, target: Target, zipped: Zipped
) -> Iterator[tuple[str, str]]:
    runtimes = [
        f"{name} {runtime.version}"
        for name, runtime in (
            ("Python", target.python),
            ("Node", target.node),
            ("Java", target.java),
        )
        if runtime
    ]
    yield "target", ", ".join((target.title, target.arch, *runtimes))
    yield "method", manifest.method
    yield "packages", f"{len(manifest.origins):,}"
    yield "files", f"{len(catalog):,}"
    yield "size", f"{human(catalog.size)} ({catalog.size:,} bytes)"
    yield "as a zip", f"{'' if zipped.exact == len(catalog) else 'about '}{human(zipped.total)}"


def _bar(gauge: Gauge) -> Bar:
    state = "over" if gauge.over else "near" if gauge.part > 0.9 else "good"
    if gauge.limit is None:
        state = "none"
    return Bar(gauge.name, gauge_text(gauge), round(min(1.0, gauge.part) * 100, 2), state)


def _finding(finding: Finding) -> Trouble:
    lines = [f"because of {' → '.join(chain)}" for chain in finding.chains[:_CHAINS]]
    if finding.remedies:
        lines.append(f"cured by {', or '.join(map(remedy_text, finding.remedies))}")
    state = "bad" if finding.breaks else "warn"
    return Trouble(state, str(finding.kind), finding.message, tuple(lines))


def _vulnerabilities(audit: Audit) -> Iterator[Trouble]:
    for each in audit.vulnerabilities:
        lines = [f"because of {' → '.join(chain)}" for chain in each.chains[:_CHAINS]]
        names = ", ".join((each.id, *each.aliases))
        yield Trouble(
            "bad" if each.severity in {"critical", "high"} else "warn",
            f"{each.severity}",
            f"{each.name} {each.version}: {each.summary or names}",
            (names, *lines, fixed_text(each)),
            each.url if each.url.startswith("https://") else "",
        )
    for ignored in audit.ignored:
        named = ignored.advisory
        text = f"{named.name} {named.version}: {named.id}"
        yield Trouble("note", "ignored", text, (ignored.reason,))


def _verified(verification: Verification) -> Iterator[str]:
    yield from tally(verification.results)
    yield from verification.notes
    if verification.sandbox:
        yield f"in {verification.sandbox}"


def _failures(verification: Verification) -> Iterator[Trouble]:
    for each in verification.results:
        if each.outcome in {Outcome.FAILED, Outcome.OPTIONAL}:
            state = "bad" if each.outcome is Outcome.FAILED else "warn"
            whose = (f"of {each.owner}",) if each.owner not in {"", each.subject} else ()
            text = f"{each.subject}: {each.message}" if each.message else each.subject
            yield Trouble(state, NAMES[each.kind][0], text, whose)


def _tables(
    manifest: Manifest, catalog: Catalog, zipped: Zipped, licences: Mapping[Owner, Licence]
) -> Iterator[Table]:
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
