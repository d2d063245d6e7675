"""What a report tells, as rows of text: all is counted and worded here, nothing of it is HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from fctui.bundle.manifest import Manifest
from fctui.explore.budget import Gauge
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.zipped import Zipped
from fctui.model.advisory import Audit
from fctui.model.finding import Finding
from fctui.model.target import Target
from fctui.model.verification import Outcome, Verification
from fctui.present.audit import fixed_text, untold_line
from fctui.present.explore import gauge_text
from fctui.present.files import remedy_text
from fctui.present.report.tables import Table, tables_of
from fctui.present.size import human
from fctui.present.verification import NAMES, tally
from fctui.sbom.licences import Licence
from fctui.workflow.methods import MethodReport

_CHAINS = 3


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
    methods: tuple[MethodReport, ...] = ()
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
        tables=tuple(tables_of(manifest, catalog, zipped, licences, asked.methods)),
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
