"""Listing and fetching npm packages: their tarballs, what comes in them, what is built of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.npm.ask import INSTALL_LINKS, platform_flags
from fctui.managers.npm.build import build, obstacle, recalled, to_build
from fctui.managers.npm.bundled import carrier, split_bundled
from fctui.managers.npm.layout import layout
from fctui.managers.npm.packages import MANAGER
from fctui.managers.npm.remembered import remember
from fctui.managers.npm.resolve import manifest_path, runtime_of
from fctui.managers.npm.scripts import script_findings
from fctui.managers.npm.sources import whole_contents
from fctui.model.contents import Contents, Listing
from fctui.model.package import Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project
from fctui.tasks.command import Command

_NOWHERE = "the lock does not say where it comes from"
_BESIDE = "file:../"
_NOT_YET = "its install script is allowed, and runs when the bundle is built"


async def list_packages(
    context: Context, resolution: Resolution, ids: Sequence[str] | None
) -> Listing:
    """The files of the packages, from their tarballs: a registry has no listing to ask for."""
    wanted = list(resolution.packages if ids is None else ids)
    carriers = _carriers(resolution, wanted)
    async with context.tasks.open(MANAGER, "list files") as task:
        task.show(install_command(context, resolution))
        directory = _directory(context.project)
        whole = await whole_contents(context, resolution, carriers, directory, task, verify=False)
    unknown: dict[str, str] = {}
    for id_ in to_build(resolution, whole):
        built = recalled(context, resolution, id_)
        if built is None:
            unknown[id_] = _NOT_YET
            del whole[id_]
        else:
            whole[id_] = built
    listing = _listing(resolution, whole, wanted, unknown)
    if ids is None:
        remember(context, resolution, listing)
    return listing


async def fetch_packages(context: Context, resolution: Resolution) -> Listing:
    """Every tarball verified and unpacked in the store, allowed install scripts run."""
    wanted = list(resolution.packages)
    carriers = _carriers(resolution, wanted)
    async with context.tasks.open(MANAGER, "fetch") as task:
        task.show(install_command(context, resolution))
        directory = _directory(context.project)
        whole = await whole_contents(context, resolution, carriers, directory, task, verify=True)
    waiting = to_build(resolution, whole)
    built = {id_: recalled(context, resolution, id_) for id_ in waiting}
    done = {id_: contents for id_, contents in built.items() if contents is not None}
    missing = [id_ for id_ in waiting if id_ not in done]
    unknown: dict[str, str] = {}
    if missing and (why := obstacle(context)):
        unknown = dict.fromkeys(missing, why)
    elif missing:
        async with context.tasks.open(MANAGER, "run install scripts") as task:
            done |= await build(context, resolution, whole, missing, task)
    whole = {id_: done.get(id_, c) for id_, c in whole.items() if id_ not in unknown}
    listing = _listing(resolution, whole, wanted, unknown)
    remember(context, resolution, listing)
    return listing


def lay_out(context: Context, resolution: Resolution, listing: Listing) -> Layout:
    """Where the files lie: `node_modules` beside the place of package.json."""
    prefix = os.path.relpath(_directory(context.project), context.project.root)
    code = context.settings.bundle.code
    laid = layout(resolution, listing, "" if prefix == "." else prefix, code=code)
    allowed = context.settings.npm.allow_scripts
    found = script_findings(resolution, listing, allowed, context.target.node_arch)
    return Layout(files=laid.files, findings=(*laid.findings, *found))


def install_command(context: Context, resolution: Resolution) -> Command:
    """What leaves the same files on disk, run by hand in the project."""
    runtime = runtime_of(context.target)
    argv = ("npm", "ci", "--omit=dev", "--ignore-scripts", *platform_flags(runtime))
    artifacts = (package.artifact for package in resolution.packages.values())
    if any(artifact and artifact.url.startswith(_BESIDE) for artifact in artifacts):
        argv = (*argv, INSTALL_LINKS)
    return Command(argv, cwd=_directory(context.project))


def _directory(project: Project) -> Path:
    path = manifest_path(project)
    return path.parent if path else project.root


def _carriers(resolution: Resolution, ids: Iterable[str]) -> list[str]:
    """The packages in whose tarballs `ids` come."""
    found = dict.fromkeys(carrier(resolution, id_) for id_ in ids)
    return [id_ for id_ in found if id_]


def _listing(
    resolution: Resolution,
    whole: dict[str, Contents],
    wanted: Iterable[str],
    unknown: dict[str, str],
) -> Listing:
    parts = split_bundled(resolution, whole)
    reasons = {
        id_: unknown.get(carrier(resolution, id_), _NOWHERE) for id_ in wanted if id_ not in parts
    }
    return Listing({id_: parts[id_] for id_ in wanted if id_ in parts}, reasons)
