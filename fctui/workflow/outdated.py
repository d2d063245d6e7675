"""What would change if a project were resolved afresh: against its lock, or else its bundle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec import structs

from fctui.bundle.manifest import read_manifest
from fctui.bundle.resolutions import resolutions_of
from fctui.managers.interface import Context, Manager
from fctui.model.errors import LockError, UsageError
from fctui.model.outdated import Change, Comparison, Outdated, Sizes
from fctui.model.package import Package, Resolution
from fctui.project.lock_file import LOCK_NAME, moved_on, read_lock
from fctui.workflow.lock import declared_managers, declared_now
from fctui.workflow.together import all_or_first_error
from fctui.workflow.workflow import Workflow


async def outdated(workflow: Workflow) -> Comparison:
    """Compare what is locked, or built, with what a resolution from the registries is now.

    Raises LockError where there is neither a lock for the target nor a bundle.
    """
    context = replace(workflow.context, frozen=False)
    base, before, changed = await _before(workflow, context)
    fresh = replace(context, refresh=not context.offline, upgrade=True, memory={})
    managers = declared_managers(context)
    now = dict(
        zip(
            (manager.id for manager in managers),
            await all_or_first_error([_afresh(manager, fresh) for manager in managers]),
            strict=True,
        )
    )
    found: list[Outdated] = []
    for manager in managers:
        resolution, newest = now[manager.id]
        old = before.get(manager.id)
        unsized = list(_unsized(old, resolution, newest))
        sizes = await manager.sizes(fresh, unsized) if unsized else {}
        found += _compared(_sized(old, sizes), _sized(resolution, sizes), newest)
    for name in before.keys() - now.keys():
        found += _compared(before[name], None, {})
    compared = sum(len(each.packages) for each in before.values())
    return Comparison(base, context.target.id, tuple(found), compared, changed)


async def _before(
    workflow: Workflow, context: Context
) -> tuple[str, dict[str, Resolution], tuple[str, ...]]:
    """What there is, by manager; from the lock where it has the target, else from the bundle."""
    try:
        lock = await asyncio.to_thread(read_lock, context.project.root)
        target = lock.targets.get(context.target.id)
    except LockError:
        if (context.project.root / LOCK_NAME).exists():
            raise
        target = None
    if target is not None:
        own = replace(context, memory={})
        found = {}
        for manager in declared_managers(context):
            pin = target.of(manager.id)
            if pin is not None:
                found[manager.id] = await manager.pinned(own, pin)
        changed = moved_on(lock.declared, await asyncio.to_thread(declared_now, context))
        return LOCK_NAME, found, tuple(changed)
    try:
        manifest = await asyncio.to_thread(read_manifest, workflow.output)
    except UsageError:
        raise LockError(
            f"There is neither a lock for {context.target.id} nor a bundle to compare with.",
            hint="fctui lock writes one, fctui build makes the other.",
        ) from None
    if manifest.target != context.target.id:
        raise LockError(
            f"The bundle is for {manifest.target}, and there is no lock for {context.target.id}.",
            hint=f"Choose --target {manifest.target}, or lock for this one.",
        )
    return "bundle", resolutions_of(manifest), ()


async def _afresh(manager: Manager, context: Context) -> tuple[Resolution, Mapping[str, str]]:
    resolution = await manager.resolve(context)
    return resolution, await manager.newest(context, resolution)


def _compared(
    before: Resolution | None,
    now: Resolution | None,
    newest: Mapping[str, str],
) -> Iterator[Outdated]:
    """The packages of one manager that differ, or of which there is a newer version."""
    old = before.packages if before else {}
    new = now.packages if now else {}
    for id_ in sorted({*old, *new}):
        one, other = old.get(id_), new.get(id_)
        known = one or other
        latest = newest.get(id_, "")
        change = _change(one, other, latest)
        if known is None or change is None:
            continue
        size, difference = _sizes(one, other)
        yield Outdated(
            manager=known.manager,
            id=id_,
            name=known.name,
            change=change,
            locked=one.version if one else "",
            fits=other.version if other else "",
            newest=latest,
            size=size,
            size_change=difference,
        )


def _unsized(
    before: Resolution | None, now: Resolution, newest: Mapping[str, str]
) -> Iterator[Package]:
    """What differs and has no size that both sides could be measured by."""
    old = before.packages if before else {}
    for id_ in sorted({*old, *now.packages}):
        one, other = old.get(id_), now.packages.get(id_)
        if _change(one, other, newest.get(id_, "")) not in {None, Change.HELD}:
            size, difference = _sizes(one, other)
            if size is None or difference is None:
                yield from (package for package in (one, other) if package is not None)


def _sized(
    resolution: Resolution | None, sizes: Mapping[tuple[str, str], Sizes]
) -> Resolution | None:
    """The resolution with the sizes that are known by name and version."""
    if resolution is None or not sizes:
        return resolution
    packages = {
        id_: _with(package, sizes.get((package.name, package.version)))
        for id_, package in resolution.packages.items()
    }
    return structs.replace(resolution, packages=packages)


def _with(package: Package, size: Sizes | None) -> Package:
    """The package measured as the other side is: what no registry tells is not kept."""
    if size is None:
        return package
    artifact = package.artifact
    if artifact is not None:
        artifact = structs.replace(artifact, size=size.downloaded)
    return structs.replace(package, installed_size=size.installed, artifact=artifact)


def _change(one: Package | None, other: Package | None, newest: str) -> Change | None:
    if one is None:
        return Change.NEW
    if other is None:
        return Change.GONE
    if one.version != other.version:
        return Change.UPDATE
    return Change.HELD if newest not in {"", other.version} else None


def _sizes(one: Package | None, other: Package | None) -> tuple[int | None, int | None]:
    """The size of what would be there, and how much more that is than before."""
    for measure in (_installed, _downloaded):
        before, after = measure(one), measure(other)
        if before is not None and after is not None:
            return after, after - before
    return (_downloaded(other) if other else None), None


def _installed(package: Package | None) -> int | None:
    return package.installed_size if package else 0


def _downloaded(package: Package | None) -> int | None:
    if package is None:
        return 0
    return package.artifact.size if package.artifact else None
