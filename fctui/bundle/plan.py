"""The plan: a pure function of layouts, the function's own files, method and target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from fctui.bundle.environment import environment, environment_findings
from fctui.bundle.links import library_links
from fctui.bundle.manifest import manifest_of, planned_manifest
from fctui.bundle.merge import Merger
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Root
from fctui.model.plan import Layout, Origin, Plan, PlannedFile, Unknown
from fctui.model.target import Target


class Share(Struct, frozen=True):
    """One manager's part: where its files lie, the listing and the packages they come from."""

    layout: Layout
    listing: Listing
    packages: Mapping[str, Package] = field(default_factory=dict)
    roots: tuple[Root, ...] = ()


def make_plan(
    target: Target,
    method: str,
    shares: Mapping[str, Share],
    *,
    code: Sequence[PlannedFile] = (),
    python_dirs: Sequence[str] = (),
    findings: Sequence[Finding] = (),
) -> Plan:
    """Merge the shares into one plan. The function's own files come first, then the managers in
    the order of `shares`; who comes first keeps a path that two bring.
    """
    contents = _contents(shares)
    merger = Merger(contents)
    merger.add(code)
    for share in shares.values():
        merger.add(share.layout.files)
    directories = [d for share in shares.values() for d in share.layout.library_dirs]
    merged, _ = merger.result()
    merger.add(library_links(merged, directories, contents))
    files, conflicts = merger.result()
    variables = environment(target, files, python_dirs)
    unknown = tuple(
        Unknown(package=id_, manager=manager, reason=reason)
        for manager, share in shares.items()
        for id_, reason in share.listing.unknown.items()
    )
    all_findings = (
        *findings,
        *(finding for share in shares.values() for finding in share.layout.findings),
        *conflicts,
        *environment_findings(target, variables),
    )
    size = sum(file.size for file in files)
    all_findings = (*all_findings, *_over_budget(target, size))
    origins = tuple(_origins(shares))
    manifest = manifest_of(
        files,
        {},
        target=target.id,
        method=method,
        environment=variables,
        findings=all_findings,
        unknown=unknown,
        origins=origins,
    )
    return Plan(
        target=target.id,
        method=method,
        files=tuple(sorted((*files, planned_manifest(manifest)), key=lambda file: file.path)),
        unknown=unknown,
        findings=all_findings,
        savings=tuple(s for share in shares.values() for s in share.layout.savings),
        environment=variables,
        origins=origins,
    )


def _origins(shares: Mapping[str, Share]) -> Iterator[Origin]:
    """The packages that bring something, by manager and id."""
    for manager, share in shares.items():
        declared = {root.id: _place(root) for root in reversed(share.roots)}
        for id_ in sorted(share.listing.contents.keys() & share.packages.keys()):
            package = share.packages[id_]
            artifact = package.artifact
            yield Origin(
                manager=manager,
                id=id_,
                name=package.name,
                version=package.version,
                filename=artifact.filename if artifact else "",
                digest=artifact.digest if artifact else "",
                requires=package.requires,
                declared=declared.get(id_, ""),
            )


def _place(root: Root) -> str:
    """Where the project asks for a package: `requirements.txt:3`."""
    where = f"{root.source}:{root.line}" if root.line else root.source
    return where or root.requirement


def _contents(shares: Mapping[str, Share]) -> list[Contents]:
    return [c for share in shares.values() for c in share.listing.contents.values()]


def _over_budget(target: Target, size: int) -> tuple[Finding, ...]:
    limit = target.limits.unzipped
    if limit is None or size <= limit:
        return ()
    return (
        Finding(
            kind=Kind.OVER_BUDGET,
            subject=target.id,
            message=(
                f"The bundle takes {size:,} bytes unpacked; {target.title} accepts {limit:,}. "
                f"It is {size - limit:,} bytes too large."
            ),
        ),
    )
