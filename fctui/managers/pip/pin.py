"""Pinning a resolution in pylock.toml, and taking it from there without any resolver."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.declared import Declared, local_places
from fctui.managers.pip.index import files_of
from fctui.managers.pip.markers import judge
from fctui.managers.pip.pylock import NAME, agree, name_for, pylock, read_pylock
from fctui.managers.pip.resolve import declaration_of
from fctui.managers.pip.resolve_uv import roots_of
from fctui.managers.pip.uv_project import existing
from fctui.model.errors import LockError, TaskError
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.package import Artifact, Package, Resolution
from fctui.project.declared import pip_requirements
from fctui.store.access import bare

_DECIDING = ("--pre", "--prefer-binary", "--only-binary", "--no-binary", "--require-hashes")
# Options of requirement files that decide what is chosen; where it comes from is no matter.

_METADATA = ("pyproject.toml", "setup.cfg", "setup.py")
# What of a local directory tells its requirements.


def statements(context: Context) -> Iterator[Statement]:
    """What the project asks of pip, by file."""
    declared = declaration_of(context).requirements
    for requirement in declared:
        yield Statement(requirement.source, _normal(requirement))
        for place in local_places(requirement):
            yield from _local(Path(place), context.project.root)
    options = [each for each in pip_requirements(context.project).options if each[0] in _DECIDING]
    if declared and options:
        yield Statement(declared[0].source, repr(sorted(options)))


def _normal(declared: Declared) -> str:
    """A requirement in one spelling; a place as it stands in the file, not as it is here."""
    text = declared.text
    if not declared.path:
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            parsed = Requirement(declared.text)
        except InvalidRequirement:
            pass
        else:
            parsed.name = declared.name
            text = str(parsed)
    words = [text, *sorted(declared.hashes)]
    words += ["constraint"] if declared.constraint else []
    words += [f"from {bare(declared.index)}"] if declared.index else []
    return " ".join([*words, "-e"] if declared.editable else words)


def _local(place: Path, root: Path) -> Iterator[Statement]:
    for path in (place / name for name in _METADATA) if place.is_dir() else (place,):
        if path.is_file():
            yield Statement(os.path.relpath(path, root), path.read_bytes().hex())


async def pin(made: Sequence[tuple[Context, Resolution]]) -> Pins:
    """One pylock.toml for all targets if it can be, else one for each."""
    known = [(context, await _with_digests(context, resolution)) for context, resolution in made]
    root = known[0][0].project.root
    resolutions = [resolution for _, resolution in known]
    if agree(resolutions):
        text = await asyncio.to_thread(pylock, resolutions, [c.target for c, _ in known], root)
        return Pins({c.target.id: Pinned(file=NAME) for c, _ in known}, {NAME: text})
    files, by_target = {}, {}
    for context, resolution in known:
        name = name_for(context.target.id)
        files[name] = await asyncio.to_thread(pylock, [resolution], [context.target], root)
        by_target[context.target.id] = Pinned(file=name)
    return Pins(by_target, files)


async def _with_digests(context: Context, resolution: Resolution) -> Resolution:
    """The resolution with the hash of each file: those that no index tells by a download."""
    from fctui.managers.pip.listing import digest_of, list_contents

    def unhashed() -> list[Package]:
        found = resolution.packages.values()
        return [p for p in found if p.artifact and p.artifact.filename and not p.artifact.digest]

    missing = unhashed()
    if not missing:
        return resolution
    config = declaration_of(context).config
    await list_contents(context, config, resolution, [package.id for package in missing])
    packages = dict(resolution.packages)
    for package in missing:
        digest = digest_of(context, package.artifact)
        if not digest or package.artifact is None:
            raise TaskError(
                f"Nobody tells a hash of {package.name} {package.version}, so it cannot be locked.",
                hint="Require it from an index, or with a hash in its URL (#sha256=…).",
            )
        artifact = structs.replace(package.artifact, digest=digest)
        packages[package.id] = structs.replace(package, artifact=artifact)
    return structs.replace(resolution, packages=packages)


async def pinned(context: Context, pin: Pinned) -> Resolution:
    """What is locked, for the target; nothing is asked but where files are that this machine has
    not and that the lock has from an index which is not configured here.
    """
    target = context.target
    holds = judge(target)
    path = context.project.root / pin.file
    packages = await asyncio.to_thread(read_pylock, path, target, holds)
    declaration = declaration_of(context)
    packages |= await _found(context, declaration.config, packages.values())
    missing = {r.name for r in declaration.requirements if not r.constraint} - packages.keys()
    roots = roots_of(declaration.requirements, packages, holds)
    wanted = roots_of(declaration.requirements, {*packages, *missing}, holds)
    if context.frozen and len(roots) < len(wanted):
        lacking = next(root for root in wanted if root not in roots)
        raise LockError(
            f"{pin.file} has no {lacking.id}, which {lacking.source} requires.",
            hint="Run fctui lock.",
        )
    return Resolution(manager="pip", target=target.id, roots=roots, packages=packages)


async def _found(
    context: Context, config: PipConfig, packages: Iterable[Package]
) -> dict[str, Package]:
    """The packages whose files are elsewhere here than where they were locked."""
    found: dict[str, Package] = {}
    asked: list[Package] = []
    for package in packages:
        artifact = package.artifact
        if artifact is None or not artifact.filename or context.store.contents(artifact.digest):
            continue
        if artifact.url.startswith("file:"):
            moved = _beside(artifact, config)
            if moved is not None:
                found[package.id] = structs.replace(package, artifact=moved)
        elif artifact.index:
            asked.append(package)
    if asked and not context.offline:
        found |= await _on_indexes(context, config, asked)
    return found


def _beside(artifact: Artifact, config: PipConfig) -> Artifact | None:
    """A file of a local index, where this machine has it."""
    if Path(unquote(urlsplit(artifact.url).path)).is_file():
        return None
    for place in existing(config.find_links):
        path = Path(place.removeprefix("file://"), artifact.filename)
        if "://" not in place and path.is_file():
            return structs.replace(artifact, url=path.as_uri())
    return None


async def _on_indexes(
    context: Context, config: PipConfig, packages: Sequence[Package]
) -> dict[str, Package]:
    """The same files on the indexes that are configured here, by name and hash."""
    from fctui.managers.pip.advisories import indexes
    from fctui.managers.pip.client import open_session

    here = indexes(config)
    known_here = {bare(url).rstrip("/") for url in here}
    packages = [
        p for p in packages if p.artifact and p.artifact.index.rstrip("/") not in known_here
    ]
    found: dict[str, Package] = {}
    if not packages or not here:
        return found
    async with (
        context.tasks.open("pip", "find locked files") as task,
        open_session(config) as session,
    ):

        async def one(package: Package) -> None:
            if package.artifact is None:
                return
            for index in here:
                files = await session.run(
                    files_of, session.connections, index, package.name, config
                )
                known = files.get(package.artifact.filename)
                if known is not None and known.digest in {"", package.artifact.digest}:
                    artifact = structs.replace(package.artifact, url=known.url)
                    found[package.id] = structs.replace(package, artifact=artifact)
                    return

        await asyncio.gather(*map(one, packages))
        task.progress(len(found), len(packages), "packages")
    return found
