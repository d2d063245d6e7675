"""Pinning debs by suite, path and hash, and taking them from there without a solver."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from fctui.managers.apt.declared import declared_packages, foreign_architectures
from fctui.managers.apt.host import Source, plain_uri, read_sources
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.sources import Sources
from fctui.managers.apt.stanza import field
from fctui.managers.apt.suite import root_for, root_of
from fctui.managers.interface import Context
from fctui.managers.pinning import checked, findings_from, pinned_findings
from fctui.model.errors import FctuiError, LockError
from fctui.model.lock import (
    Pinned,
    PinnedPackage,
    PinnedRoot,
    PinnedSource,
    Pins,
    Statement,
)
from fctui.model.package import Artifact, Package, Resolution, Root


def statements(context: Context) -> Iterator[Statement]:
    """What the project asks of apt, by file."""
    settings = context.settings.apt
    declared = declared_packages(context.project, settings)
    for each in declared:
        yield Statement(each.source, each.text)
    if declared and settings.recommends:
        yield Statement("[apt] recommends", "true")


async def pin(made: Sequence[tuple[Context, Resolution]]) -> Pins:
    """The packages of each target."""
    return Pins(
        {
            context.target.id: await asyncio.to_thread(_pinned, context, resolution)
            for context, resolution in made
        }
    )


def _pinned(context: Context, resolution: Resolution) -> Pinned:
    root = root_of(context) if resolution.packages else None
    archives = _archives(root.sources) if root else ()
    packages, suites = [], set()
    for package in resolution.packages.values():
        artifact = package.artifact
        if artifact is None:
            continue
        suite, path = _place(artifact.url, archives)
        suites.add(suite)
        packages.append(
            PinnedPackage(
                id=package.id,
                version=package.version,
                name=package.name if package.name != package.id else "",
                source=suite,
                path=path,
                filename=artifact.filename,
                size=artifact.size,
                digest=artifact.digest,
                installed_size=package.installed_size,
                requires=package.requires,
            )
        )
    dates = _dates(root) if root else {}
    listed = [
        suite for archive in archives for suite in archive.suites if archive.suites[0] in suites
    ]
    return Pinned(
        sources=tuple(PinnedSource(suite, date=dates.get(suite, "")) for suite in listed),
        roots=tuple(PinnedRoot(r.id, r.requirement, r.source) for r in resolution.roots),
        packages=tuple(packages),
        findings=pinned_findings(resolution.findings),
    )


def _archives(sources: Sources) -> tuple[Source, ...]:
    """The archives that a root is made of, longest address first where one is in another."""
    found = [
        source
        for name, text in sources.files
        for source in read_sources(text, name, deb822=name.endswith(".sources"))
    ]
    return tuple(sorted(found, key=lambda source: -len(source.uri)))


def _place(url: str, archives: Sequence[Source]) -> tuple[str, str]:
    """The suite and the path below its archive of a deb. One that comes by a list of mirrors lies
    below none of the addresses: its path begins at the pool, as Debian's archives have it.
    """
    for archive in archives:
        base = plain_uri(archive.uri).rstrip("/") + "/"
        if archive.suites and url.startswith(base):
            return archive.suites[0], url.removeprefix(base)
    _, pool, path = url.partition("/pool/")
    if not pool or not archives:
        raise LockError(f"{url} is below none of the sources, so it cannot be locked.")
    return archives[0].suites[0], f"pool/{path}"


def _dates(root: AptRoot) -> dict[str, str]:
    """When each suite was released, as its Release file says."""
    found = {}
    wanted = {suite for archive in _archives(root.sources) for suite in archive.suites}
    for path in sorted((root.path / "state/lists").glob("*Release")):
        text = path.read_text(encoding="utf-8", errors="replace").partition("SHA256:")[0]
        for suite in wanted:
            if f"_dists_{suite.replace('/', '_')}_" in path.name:
                found[suite] = field(text, "Date")
    return found


async def pinned(context: Context, pin: Pinned) -> Resolution:
    """What is locked. Raises LockError where a deb is not here, and no configured source has its
    suite.
    """
    declared = declared_packages(context.project, context.settings.apt)
    lines = {(each.source, each.text): each.line for each in declared}
    locked = [checked(each) for each in pin.packages]
    bases = await _bases(context, locked) if locked else {}
    packages = {each.id: _package(each, bases, context) for each in locked}
    return Resolution(
        manager="apt",
        target=context.target.id,
        roots=tuple(
            Root(r.id, r.requirement, r.source, lines.get((r.source, r.requirement), 0))
            for r in pin.roots
        ),
        packages=packages,
        findings=findings_from(pin.findings),
    )


async def _bases(context: Context, locked: Iterable[PinnedPackage]) -> dict[str, str]:
    """The addresses of the archives by suite; {} where none are known and none are needed."""
    foreign = foreign_architectures(
        declared_packages(context.project, context.settings.apt), context.target.debian_arch
    )
    here = all(context.store.unpacked(each.digest) for each in locked)
    try:
        if here:
            root = root_of(context, foreign)
        else:
            async with context.tasks.open("apt", "find the archives") as task:
                root = await root_for(context, foreign, task)
    except FctuiError:
        if here:
            return {}
        raise
    archives = _archives(root.sources)
    return {suite: plain_uri(each.uri).rstrip("/") for each in archives for suite in each.suites}


def _package(pinned: PinnedPackage, bases: dict[str, str], context: Context) -> Package:
    if pinned.source not in bases and not context.store.unpacked(pinned.digest):
        raise LockError(
            f"{pinned.id} is locked from {pinned.source}, which no source here has.",
            hint="Add the suite to the sources, or run fctui lock.",
        )
    base = bases.get(pinned.source, "")
    url = f"{base}/{quote(pinned.path, safe='/%~+:_-.')}" if base else ""
    return Package(
        manager="apt",
        id=pinned.id,
        name=pinned.name or pinned.id,
        version=pinned.version,
        requires=pinned.requires,
        artifact=Artifact(pinned.filename, url, pinned.size, pinned.digest),
        installed_size=pinned.installed_size,
    )
