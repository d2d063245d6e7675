"""The four ways to install pip packages, side by side for one project."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct, field, structs

from fctui.bundle.code import planned_code
from fctui.bundle.environment import environment
from fctui.managers.pip.scheme import Scheme, scheme
from fctui.managers.pip.seeds import OWNER as OVERHEAD
from fctui.managers.pip.seeds import seeded
from fctui.model.contents import Contents
from fctui.model.names import some
from fctui.model.paths import ancestors
from fctui.model.plan import PlannedFile
from fctui.project.settings import METHODS, InstallOption
from fctui.workflow import difference
from fctui.workflow.by_hand import NO_MORE, Commands, legacy, running, today
from fctui.workflow.difference import Movement
from fctui.workflow.what_works import Aspect, Need, aspects, needs
from fctui.workflow.workflow import Workflow

_HEADERS_OF_ZIP = 150
# Bytes that a zip takes for a file beside its data: two headers and its name twice (APPNOTE 4.3).


class MethodReport(Struct, frozen=True, kw_only=True):
    """What one method would do here. Sizes are in bytes; `packed` is an estimate of the zip from
    the packed sizes of the wheels. `overhead` never runs: pip, setuptools, activation scripts.

    `command` makes the bundle, `resolves` is what fctui starts for that, `today` what one would
    type instead (empty where pip cannot), `legacy` the article's line. `folders` counts the
    directories made, `at_root` the names in the bundle's root; `clashes` are paths that the
    function's own files have too. `aspects` tell what works, `works` the same in one word each.
    """

    id: str
    command: tuple[str, ...]
    legacy: str
    files: int
    size: int
    packed: int
    overhead_files: int
    overhead_size: int
    directories: tuple[str, ...]
    environment: dict[str, str]
    works: dict[str, str]
    warnings: tuple[str, ...] = ()
    recommended: bool = False
    reason: str = ""
    packed_is_estimate: bool = True
    resolves: Commands = ()
    today: Commands = ()
    folders: int = 0
    at_root: int = 0
    needs: tuple[Need, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    clashes: tuple[str, ...] = ()
    places: Scheme = field(default_factory=lambda: Scheme("", "", "", "", ""))
    listing: tuple[PlannedFile, ...] = field(default=())


async def compare_methods(workflow: Workflow) -> tuple[MethodReport, ...]:
    """A report for each method, the files included; reads no wheel whole."""
    return recommended([report async for report in compare_each(workflow)])


async def compare_each(workflow: Workflow) -> AsyncIterator[MethodReport]:
    """The reports as they are made; `recommended` marks one when all are there."""
    resolution = await workflow.resolve("pip")
    listing = workflow.listings.get("pip")
    if listing is None or resolution.packages.keys() - {*listing.contents, *listing.unknown}:
        await workflow.contents("pip")
    code = await asyncio.to_thread(planned_code, workflow.project, workflow.output)
    for method in METHODS:
        other = workflow.with_method(method)
        if method == "virtualenv":  # it has pip and setuptools beside the project's packages
            await other.contents("pip")
        yield await asyncio.to_thread(report_on, other, code.files)


def report_on(workflow: Workflow, code: Sequence[PlannedFile] = ()) -> MethodReport:
    """The report on a workflow's own method, of what is listed by now. `code` are the function's
    own files.
    """
    method, target, settings = workflow.method, workflow.target, workflow.settings
    where = scheme(method, target, settings)
    files = workflow.layout_of("pip").files
    variables = environment(target, files, (where.purelib, where.platlib))
    overhead = [file for file in files if file.owner == OVERHEAD]
    own = {file.path for file in code}
    clashes = tuple(sorted(file.path for file in files if file.path in own))
    works = aspects(method, target, files, where, variables)
    return MethodReport(
        id=method,
        command=("fctui", "build", "--method", method),
        legacy=legacy(method, where, workflow),
        files=len(files),
        size=sum(file.size for file in files),
        packed=_packed(workflow, overhead),
        overhead_files=len(overhead),
        overhead_size=sum(file.size for file in overhead),
        directories=_directories(where),
        environment=variables,
        works={aspect.what: aspect.how for aspect in works},
        warnings=tuple(_warnings(workflow, overhead, clashes)),
        resolves=running(workflow),
        today=today(method, workflow),
        folders=len(ancestors(file.path for file in files)),
        at_root=len({file.path.partition("/")[0] for file in files}),
        needs=needs(target, files, where, variables),
        aspects=works,
        clashes=clashes,
        places=where,
        listing=tuple(sorted(files, key=lambda file: file.path)),
    )


def recommended(reports: Sequence[MethodReport]) -> tuple[MethodReport, ...]:
    """The reports with the one marked that stands in nobody's way, then needs the least to be
    set, then brings the least that never runs.
    """
    if not reports:
        return ()
    best = min(reports, key=_price)
    others = [report for report in reports if report.id != best.id]
    parts = [_about_imports(best, others)]
    if not best.overhead_size:
        parts.append("Nothing is brought that never runs.")
    worse = [report for report in others if len(report.clashes) > len(best.clashes)]
    parts += [
        f"{r.id} would put {len(r.clashes)} files where your own are ({r.clashes[0]})."
        for r in worse[:1]
    ]
    same = [r for r in others if _price(r)[:3] == _price(best)[:3] and r.at_root > best.at_root]
    parts += [
        f"It puts {best.at_root} names into the bundle's root, {r.id} {r.at_root}."
        for r in same[:1]
    ]
    return tuple(
        structs.replace(report, recommended=report.id == best.id, reason=" ".join(parts))
        if report.id == best.id
        else report
        for report in reports
    )


def movements(one: MethodReport, other: MethodReport) -> tuple[Movement, ...]:
    """What lies elsewhere under the other method, by directories."""
    return difference.movements(one.listing, one.places, other.listing, other.places)


def _price(report: MethodReport) -> tuple[int, bool, int, bool, int, int]:
    path_files = any(a.what == ".pth files" and a.state == "no" for a in report.aspects)
    needs_path = "PYTHONPATH" in report.environment
    files = report.files
    return len(report.clashes), needs_path, report.overhead_size, path_files, report.at_root, files


def _about_imports(best: MethodReport, others: Sequence[MethodReport]) -> str:
    need = next(need for need in best.needs if need.variable == "PYTHONPATH")
    if "PYTHONPATH" in best.environment:
        return "PYTHONPATH has to be set, as with every other method."
    where = f"{need.directory} is on sys.path {need.covered_by}"
    reason = f"Imports work without any setting: {where}."
    wanting = [report.id for report in others if "PYTHONPATH" in report.environment]
    if not wanting:
        return reason
    return f"{reason} With {', '.join(wanting)} PYTHONPATH has to be set."


def _directories(where: Scheme) -> tuple[str, ...]:
    """Where the five kinds of files go, as `kind: directory`."""
    kinds = ("purelib", "platlib", "scripts", "headers", "data")
    return tuple(f"{kind}: {getattr(where, kind) or '.'}/" for kind in kinds)


def _packed(workflow: Workflow, overhead: Sequence[PlannedFile]) -> int:
    """The bytes of a zip, about: the wheels' own, and what the streams of the seeds tell."""
    artifacts = [p.artifact for p in workflow.resolutions["pip"].packages.values()]
    wheels = sum(artifact.size or 0 for artifact in artifacts if artifact is not None)
    seeds = sum(map(_streams, seeded(workflow.listings["pip"]).values())) if overhead else 0
    return wheels + seeds + _HEADERS_OF_ZIP * len(overhead)


def _streams(contents: Contents) -> int:
    if contents.streams is None:
        return contents.size // 3  # as text packs
    return sum(stream.packed for stream in contents.streams.values())


def _warnings(
    workflow: Workflow, overhead: Sequence[PlannedFile], clashes: Sequence[str]
) -> list[str]:
    found = []
    if overhead:
        found.append(
            f"{len(overhead)} files of pip, setuptools and activation are never used there."
        )
    if workflow.method == "install-option":
        found.append(f"{NO_MORE}; fctui has the same five directories for wheels.")
        if workflow.settings.pip.install_option == InstallOption():
            found.append("No directory is set under [pip.install-option]: it lays out as --prefix.")
    if clashes:
        more = f" and {len(clashes) - 1} more" if len(clashes) > 1 else ""
        found.append(
            f"Your own {clashes[0]}{more} stands where a package's file would; yours is kept."
        )
    if unknown := workflow.listings["pip"].unknown:
        found.append(f"Not counted, as not built yet: the files of {some(unknown)}.")
    return found
