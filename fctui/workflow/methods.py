"""The four ways to install pip packages, side by side for one project."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from dataclasses import replace as with_fields

from msgspec import Struct, field, structs

from fctui.bundle.environment import environment
from fctui.managers.pip.scheme import Scheme, scheme
from fctui.managers.pip.seeds import OWNER as OVERHEAD
from fctui.model.plan import Category, PlannedFile
from fctui.project.settings import METHODS, Settings, override
from fctui.workflow.workflow import Workflow

LEGACY: Mapping[str, str] = {
    "install-option": "pip install --install-option=--install-lib={lib} …",
    "target": "pip install --target {out}",
    "user": "PYTHONUSERBASE={out} pip install --user",
    "virtualenv": "virtualenv {out} && {out}/bin/pip install",
}
"""The article's own commands. pip dropped --install-option in 23.1; an sdist was needed for it."""


class MethodReport(Struct, frozen=True, kw_only=True):
    """What one method would do here. Sizes are in bytes; `packed` estimates the zip, from the
    wheels' own compressed sizes. `overhead` never runs: pip, setuptools, activation scripts.
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
    listing: tuple[PlannedFile, ...] = field(default=())


async def compare_methods(workflow: Workflow) -> tuple[MethodReport, ...]:
    """A report for each method, the files included; reads no wheel whole."""
    resolution = await workflow.resolve("pip")
    await workflow.contents("pip")
    reports = []
    for method in METHODS:
        settings = override(workflow.settings, method=method)
        other = Workflow(with_fields(workflow.context, settings=settings, memory={}))
        other.resolutions["pip"] = resolution
        listing = await other.contents("pip")
        reports.append(await asyncio.to_thread(_report, other, method, bool(listing.unknown)))
    return _recommended(tuple(reports))


def _report(workflow: Workflow, method: str, unknown: bool) -> MethodReport:  # noqa: FBT001
    where = scheme(method, workflow.target, workflow.settings)
    files = workflow.layout_of("pip").files
    variables = environment(workflow.target, files, (where.purelib, where.platlib))
    overhead = [file for file in files if file.owner == OVERHEAD]
    artifacts = [p.artifact for p in workflow.resolutions["pip"].packages.values()]
    packed = sum(artifact.size or 0 for artifact in artifacts if artifact is not None)
    return MethodReport(
        id=method,
        command=("fctui", "build", "--method", method),
        legacy=LEGACY[method].format(out=workflow.settings.bundle.output, lib=where.purelib or "."),
        files=len(files),
        size=sum(file.size for file in files),
        packed=packed + sum(file.size for file in overhead) // 3,
        overhead_files=len(overhead),
        overhead_size=sum(file.size for file in overhead),
        directories=_directories(where),
        environment=variables,
        works=_works(files, variables),
        warnings=_warnings(workflow.settings, method, files, variables, unknown=unknown),
        listing=tuple(sorted(files, key=lambda file: file.path)),
    )


def _directories(where: Scheme) -> tuple[str, ...]:
    """Where the five kinds of files go, as `kind: directory`."""
    kinds = ("purelib", "platlib", "scripts", "headers", "data")
    return tuple(f"{kind}: {getattr(where, kind) or '.'}/" for kind in kinds)


def _works(files: tuple[PlannedFile, ...], variables: dict[str, str]) -> dict[str, str]:
    """What works on the target: `yes`, what has to be set first, or that there is none."""
    kinds = {file.category for file in files}
    needs_path = "set PYTHONPATH" if "PYTHONPATH" in variables else "yes"
    scripts = "set PATH to call by name" if "PATH" in variables else "yes"
    return {
        "import": needs_path,
        "console scripts": scripts if Category.SCRIPTS in kinds else "none here",
        "data files": "by path" if Category.DATA in kinds else "none here",
        "headers": "not needed at run time" if Category.HEADERS in kinds else "none here",
    }


def _warnings(
    settings: Settings,
    method: str,
    files: tuple[PlannedFile, ...],
    variables: dict[str, str],
    *,
    unknown: bool,
) -> tuple[str, ...]:
    found = []
    if "PYTHONPATH" in variables:
        value = shlex.quote(variables["PYTHONPATH"])
        found.append(f"Imports need PYTHONPATH={value}: no preset of the target covers it.")
    if method == "virtualenv":
        extra = sum(1 for file in files if file.owner == OVERHEAD)
        found.append(f"{extra} files of pip, setuptools and activation are never used there.")
    if (
        method == "install-option"
        and settings.pip.install_option == type(settings.pip.install_option)()
    ):
        found.append("No directory is set under [pip.install-option]: it lays out as --prefix.")
    if method == "target" and any(file.category is Category.DATA for file in files):
        found.append("Data files lie at the bundle's root, beside the function's own.")
    if unknown:
        found.append("Some sdists are not built yet: their files are not counted.")
    return tuple(found)


def _recommended(reports: tuple[MethodReport, ...]) -> tuple[MethodReport, ...]:
    """Mark the method that needs the least to be set, then has the fewest files."""
    best = min(reports, key=lambda r: ("PYTHONPATH" in r.environment, r.overhead_size, r.files))
    reason = (
        "Imports work without any setting, and nothing is brought that never runs."
        if "PYTHONPATH" not in best.environment
        else "It brings the least that never runs; PYTHONPATH has to be set."
    )
    return tuple(
        structs.replace(r, recommended=True, reason=reason) if r.id == best.id else r
        for r in reports
    )


def moved(one: MethodReport, other: MethodReport) -> tuple[tuple[str, str], ...]:
    """(path under one method, path under the other) of files that lie elsewhere; "" where a
    method does not have the file.
    """
    first, second = _by_source(one), _by_source(other)
    pairs = [(first.get(key, ""), second.get(key, "")) for key in {**first, **second}]
    return tuple(sorted(pair for pair in pairs if pair[0] != pair[1]))


def _by_source(report: MethodReport) -> dict[tuple[str, str], str]:
    """Paths by what the file is: where it comes from, or for a generated one its owner and name."""
    found = {}
    for file in report.listing:
        path = getattr(file.source, "path", "")
        key = (file.owner, path or f"{file.category}:{file.path.rpartition('/')[2]}")
        if not path and file.category is Category.METADATA:
            key = (file.owner, f"info:{'/'.join(file.path.split('/')[-2:])}")
        found[key] = file.path
    return found
