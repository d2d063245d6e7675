"""The private root of a target's suite."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from fctui.managers.apt.archive import find_archive, known_archive
from fctui.managers.apt.engine import root_in
from fctui.managers.apt.host import Host
from fctui.managers.apt.own.signature import can_verify
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.sources import NoMirrorError, sources_for
from fctui.managers.interface import Context
from fctui.targets.suites import successor
from fctui.tasks.task import Task

_MEMORY = "apt-root"


def root_of(context: Context, foreign: tuple[str, ...] | None = None) -> AptRoot:
    """The root for the context's target and settings; nothing is written or asked yet.

    `foreign` are the architectures that the project asks for beside the target's; without them it
    is the root that the context has resolved with. Raises what `sources_for` raises; NoMirrorError
    where `root_for` may find a mirror.
    """
    known = context.memory.get(_MEMORY)
    if foreign is None and isinstance(known, AptRoot):
        return known
    host = Host()
    settings, project = context.settings.apt, context.project.root
    try:
        sources = sources_for(context.target, settings, project, foreign or (), host)
    except NoMirrorError:
        archive = known_archive(context.store, host)
        if archive is None:
            raise
        sources = sources_for(context.target, settings, project, foreign or (), archive)
    resolver = settings.resolver
    suite = context.target.suite
    ours = not settings.sources and context.target.id != "local"
    if ours and suite is not None and suite.archived and can_verify():
        # apt refuses what was signed by a key that has expired since, and old suites are signed by
        # no newer ones.
        resolver = "own"
    root = root_in(context.store.root / "apt", sources, host, resolver)
    context.memory[_MEMORY] = root
    return root


async def root_for(context: Context, foreign: tuple[str, ...], task: Task) -> AptRoot:
    """The root; where no archive of old suites is known yet, one is looked for."""
    try:
        return root_of(context, foreign)
    except NoMirrorError:
        found = await find_archive(context.store, Host(), task, offline=context.offline)
        if found is None:
            raise
        return root_of(context, foreign)


def other_context(context: Context) -> Context | None:
    """For a target whose release has left the mirrors, and whose archive may be out of reach: the
    same with the release that can stand for it. None where there is none, or where the project
    names sources of its own.
    """
    target = context.target
    other = successor(target.suite) if target.suite else None
    if other is None or context.settings.apt.sources:
        return None
    return replace(context, target=structs.replace(target, suite=other), memory={})
