"""The plan: a pure function of layouts, the function's own files, method and target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field, structs

from fctui.bundle.environment import environment, environment_findings
from fctui.bundle.links import library_links
from fctui.bundle.manifest import manifest_of, planned_manifest
from fctui.bundle.merge import Merger
from fctui.bundle.places.apply import Applied, apply_rules
from fctui.bundle.places.work import Read
from fctui.bundle.runpath.relinked import Relinked
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Root
from fctui.model.plan import Layout, LeftOut, Origin, Plan, PlannedFile, Unknown
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
    read: Read | None = None,
    variables: Mapping[str, str] | None = None,
    links: Sequence[str] = (),
    relinked: Relinked = Relinked(),  # noqa: B008 - frozen
    left_out: Sequence[LeftOut] = (),
) -> Plan:
    """Merge the shares into one plan. The function's own files come first, then the managers in
    the order of `shares`; who comes first keeps a path that two bring. `read` gives the text of
    files in the store; without it no file is made for programs with compiled-in places, nor any
    variable set. `variables` are those that the project sets itself, `links` the libraries that
    it wants to be found by their names wherever they lie, `relinked` what changes where libraries
    find each other without, `left_out` the files of the project that cannot be taken in.
    """
    contents = _contents(shares)
    merger = Merger(contents)
    merger.add(code)
    for share in shares.values():
        merger.add(share.layout.files)
    directories = [d for share in shares.values() for d in share.layout.library_dirs]
    merged, _ = merger.result()
    merger.add(library_links(merged, directories, contents, links))
    files, conflicts = merger.result()
    files = relinked.applied(files)
    applied = apply_rules(target, files, read) if read else Applied()
    files = _with(files, applied.files)
    environ = environment(target, files, python_dirs, applied, variables)
    unknown = tuple(
        Unknown(package=id_, manager=manager, reason=reason)
        for manager, share in shares.items()
        for id_, reason in share.listing.unknown.items()
    )
    plan = Plan(
        target=target.id,
        method=method,
        files=files,
        unknown=unknown,
        findings=(
            *findings,
            *(finding for share in shares.values() for finding in share.layout.findings),
            *conflicts,
            *applied.findings,
            *environment_findings(target, environ),
            *_over_budget(target, sum(file.size for file in files)),
        ),
        savings=tuple(s for share in shares.values() for s in share.layout.savings),
        environment=environ,
        origins=tuple(_origins(shares)),
        places=(*applied.reasons, *relinked.places(files)),
        left_out=tuple(left_out),
    )
    every = (*files, planned_manifest(manifest_of(plan, {})))
    return structs.replace(plan, files=tuple(sorted(every, key=lambda file: file.path)))


def _with(files: Sequence[PlannedFile], made: Sequence[PlannedFile]) -> tuple[PlannedFile, ...]:
    """The files with those that have been made, which stand in the place of others."""
    if not made:
        return tuple(files)
    every = {file.path: file for file in (*files, *made)}
    return tuple(every[path] for path in sorted(every))


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
