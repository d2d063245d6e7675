"""The private root of a target's suite."""

from __future__ import annotations

from fctui.managers.apt.archive import find_archive, known_archive
from fctui.managers.apt.host import Host
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.sources import NoMirrorError, sources_for
from fctui.managers.interface import Context
from fctui.tasks.task import Task


def root_of(context: Context, foreign: tuple[str, ...] = (), host: Host | None = None) -> AptRoot:
    """The root for the context's target and settings; nothing is written or asked yet.

    Raises what `sources_for` raises; NoMirrorError where `root_for` may find a mirror.
    """
    host = host or Host()
    settings, project = context.settings.apt, context.project.root
    try:
        sources = sources_for(context.target, settings, project, foreign, host)
    except NoMirrorError:
        known = known_archive(context.store, host)
        if known is None:
            raise
        sources = sources_for(context.target, settings, project, foreign, known)
    return AptRoot(context.store.root / "apt", sources, host)


async def root_for(context: Context, foreign: tuple[str, ...], task: Task) -> AptRoot:
    """The root; where no archive of old suites is known yet, one is looked for."""
    try:
        return root_of(context, foreign)
    except NoMirrorError:
        found = await find_archive(context.store, Host(), task, offline=context.offline)
        if found is None:
            raise
        return root_of(context, foreign)
