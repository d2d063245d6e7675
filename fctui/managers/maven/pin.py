"""Pinning artifacts by repository, path and hash, and taking them from there without mvn."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from fctui.managers.interface import Context
from fctui.managers.maven.access import Reach, Source
from fctui.managers.maven.chain import DROPPED
from fctui.managers.maven.options import project_options
from fctui.managers.maven.resolve import (
    declaring_file,
    local_repository,
    remember_source,
    settings_here,
    source_of,
)
from fctui.managers.maven.settings import Repository
from fctui.managers.pinning import checked, findings_from, pinned_findings
from fctui.model.errors import LockError
from fctui.model.lock import (
    Pinned,
    PinnedPackage,
    PinnedRoot,
    PinnedSource,
    Pins,
    Statement,
)
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.project.maven_file import Coordinate, pom_dependencies, read_maven_list, read_pom
from fctui.project.xml_nodes import Node

LOCAL = "local"
"""The source of what is only in the local repository of the machine that it was locked on."""

_WORDS = frozenset(
    {"name", "description", "url", "licenses", "developers", "contributors", "scm", "organization"}
    | {"inceptionYear", "issueManagement", "mailingLists", "modelVersion"}
)
# Elements of a POM that tell people something.

_LONGEST = 50
# Parents above each other.


def statements(context: Context) -> Iterator[Statement]:
    """What the POM and its parents in the project, or the list of coordinates, ask for."""
    root = context.project.root
    path, kind = declaring_file(context.project)
    if kind != "pom.xml":
        for each in read_maven_list(path):
            yield Statement(path.relative_to(root).as_posix(), each.text)
        return
    options = project_options(path.parent, [path.read_bytes()])
    decides = " ".join(option for option in options if option.startswith(("-D", "-P")))
    if decides:
        yield Statement(".mvn/maven.config", decides)
    for place, node in _poms(path):
        yield Statement(os.path.relpath(place, root), _said(node))


def _poms(path: Path) -> Iterator[tuple[Path, Node]]:
    """The POM and the parents that lie where it says; those of repositories never change."""
    seen: set[Path] = set()
    while path not in seen and path.is_file() and len(seen) < _LONGEST:
        seen.add(path)
        _, node = read_pom(path)
        yield path, node
        parent = node.child("parent")
        if parent is None:
            return
        named = parent.child("relativePath")
        relative = "../pom.xml" if named is None else named.text.strip()
        if not relative:
            return
        path = Path(os.path.normpath(path.parent / relative))
        path = path / "pom.xml" if path.is_dir() else path
        if path.is_file():
            _, above = read_pom(path)
            if above.value("artifactId") != parent.value("artifactId"):
                return


def _said(node: Node) -> str:
    """An element and what is in it, without comments, spaces and what decides nothing."""
    kept = [child for child in node.children if child.name not in DROPPED | _WORDS]
    inner = "".join(map(_said, kept)) or node.text.strip()
    return f"<{node.name}>{inner}</{node.name}>"


async def pin(made: Sequence[tuple[Context, Resolution]]) -> Pins:
    """The artifacts of each target."""
    return Pins({context.target.id: _pinned(context, found) for context, found in made})


def _pinned(context: Context, resolution: Resolution) -> Pinned:
    source = source_of(context)
    packages, used = [], set()
    for package in resolution.packages.values():
        artifact = package.artifact
        where, path = _place(artifact.url, source) if artifact else ("", "")
        used.add(where)
        if artifact is not None and not artifact.digest:
            raise LockError(
                f"No repository tells a checksum of {artifact.filename}, so it cannot be locked.",
                hint="Build once, so that it is known; then lock.",
            )
        packages.append(
            PinnedPackage(
                id=package.id,
                version=package.version,
                name=package.name,
                source=where,
                path=path,
                filename=artifact.filename if artifact else "",
                size=artifact.size if artifact else None,
                digest=artifact.digest if artifact else "",
                installed_size=package.installed_size,
                note=package.note,
                requires=package.requires,
            )
        )
    named = (PinnedSource(each.id, each.url) for each, _ in source.origins if each.id in used)
    return Pinned(
        sources=tuple(named),
        roots=tuple(PinnedRoot(r.id, r.requirement, r.source) for r in resolution.roots),
        packages=tuple(packages),
        findings=pinned_findings(resolution.findings),
    )


def _place(url: str, source: Source) -> tuple[str, str]:
    """The repository of a file as it is declared, and the path in it."""
    for declared, asked in source.origins:
        base = asked.rstrip("/") + "/"
        if url.startswith(base):
            return declared.id, unquote(url.removeprefix(base))
    path = Path(unquote(urlsplit(url).path))
    if url.startswith("file:") and path.is_relative_to(source.local):
        return LOCAL, path.relative_to(source.local).as_posix()
    raise LockError(f"{url} is in none of the POM's repositories, so it cannot be locked.")


async def pinned(context: Context, pin: Pinned) -> Resolution:
    """What is locked, its repositories as this machine's settings have them."""
    path, kind = declaring_file(context.project)
    options: tuple[str, ...] = ()
    if kind == "pom.xml":
        options = await asyncio.to_thread(project_options, path.parent, [path.read_bytes()])
    settings = settings_here(options)
    asked = {
        each.id: repository
        for each in pin.sources
        if (repository := settings.mirrored(each.id, each.url)) is not None
    }
    local = local_repository(settings)
    remember_source(context, Source(Reach(settings, tuple(asked.values())), local))
    lines = {each.text: each.line for each in _coordinates(path, kind)}
    return Resolution(
        manager="maven",
        target=context.target.id,
        roots=tuple(
            Root(r.id, r.requirement, r.source, lines.get(r.requirement, 0)) for r in pin.roots
        ),
        packages={each.id: _package(each, asked, local) for each in map(checked, pin.packages)},
        findings=findings_from(pin.findings),
    )


def _coordinates(path: Path, kind: str) -> tuple[Coordinate, ...]:
    return pom_dependencies(read_pom(path)[1]) if kind == "pom.xml" else read_maven_list(path)


def _package(pinned: PinnedPackage, asked: dict[str, Repository], local: Path) -> Package:
    artifact = None
    if pinned.filename:
        artifact = Artifact(pinned.filename, _url(pinned, asked, local), pinned.size, pinned.digest)
    return Package(
        manager="maven",
        id=pinned.id,
        name=pinned.name or pinned.id,
        version=pinned.version,
        requires=pinned.requires,
        artifact=artifact,
        installed_size=pinned.installed_size,
        note=pinned.note,
    )


def _url(pinned: PinnedPackage, asked: dict[str, Repository], local: Path) -> str:
    if pinned.source == LOCAL:
        return (local / pinned.path).as_uri()
    repository = asked.get(pinned.source)
    if repository is None:
        raise LockError(
            f"{pinned.id} is from the repository {pinned.source}, which the settings block.",
            hint="Correct Maven's settings.xml.",
        )
    return f"{repository.url.rstrip('/')}/{quote(pinned.path)}"
