"""Resolving a project's Maven dependencies for a target, remembered by all that decides them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.interface import Context
from fctui.managers.maven.access import Reach, Source
from fctui.managers.maven.artifacts import contents_of, find_artifacts, still_there
from fctui.managers.maven.ask import BY_HAND, Answer, ask_maven, build_section, download
from fctui.managers.maven.chain import Chain, Pom, copies, generated, read_chain
from fctui.managers.maven.options import project_options
from fctui.managers.maven.packages import (
    MANAGER,
    findings_of,
    managed_versions,
    packages_of,
    roots_of,
)
from fctui.managers.maven.poms import Poms
from fctui.managers.maven.program import find_mvn, identity, installation, target_properties
from fctui.managers.maven.repository import Place
from fctui.managers.maven.settings import MavenSettings, Repository, read_settings, settings_files
from fctui.managers.maven.tree import read_tree
from fctui.model.errors import ResolutionError, UsageError
from fctui.model.package import Resolution
from fctui.project.maven_file import Coordinate, pom_dependencies, read_maven_list
from fctui.project.project import Project
from fctui.project.xml_nodes import parse_xml
from fctui.tasks.command import Command
from fctui.tasks.task import Task
from fctui.tasks.text import clean

MEMORY = "maven"
FORMAT = "4"

_OPEN = re.compile(rb"SNAPSHOT|LATEST|RELEASE|<version>\s*[\[(]")
# Versions that may be others tomorrow.

_SOURCE = "maven.source"
# The key in `Context.memory` of what the last resolution came from.

DAY = 86_400.0
# Seconds for which an answer with such versions holds, as Maven's own daily update policy.


class Known(Struct, frozen=True):
    """A resolution with what fetching needs: no credentials are in it. `origins` are the
    repositories as the POMs name them, each with the address that is asked in its stead.
    """

    resolution: Resolution
    repositories: tuple[Repository, ...]
    local: str
    origins: tuple[tuple[Repository, str], ...]


class Asked(Struct, frozen=True):
    """All that decides about the answer: the POM and its parents, options, settings, the mvn."""

    program: str
    options: tuple[str, ...]
    settings: tuple[Path, ...]
    texts: tuple[bytes, ...]
    source: str
    declared: tuple[Coordinate, ...]

    def key(self, context: Context) -> str:
        """The key that the answer is remembered under."""
        digest = hashlib.sha256()
        parts: list[bytes] = [FORMAT.encode(), identity(self.program).encode()]
        parts += [option.encode("utf-8", "replace") for option in self.options]
        parts += [repr(sorted(target_properties(context.target).items())).encode()]
        parts += [context.target.arch.encode(), context.target.id.encode()]
        parts += [path.read_bytes() for path in self.settings]
        for part in (*parts, *self.texts):
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()


async def resolve(context: Context, task: Task) -> Resolution:
    """The artifacts of the run-time class path. Raises as `ask_maven` does, MissingToolError."""
    known, settings = await _known(context, task)
    reach = Reach(settings, known.repositories)
    remember_source(context, Source(reach, Path(known.local), known.origins))
    return known.resolution


def remember_source(context: Context, source: Source) -> None:
    """Keep where the artifacts of a context's resolution come from."""
    context.memory[_SOURCE] = source


def source_of(context: Context) -> Source:
    """Where the artifacts of the last resolution come from; of one that was made elsewhere, what
    the settings alone say.
    """
    found = context.memory.get(_SOURCE)
    if isinstance(found, Source):
        return found
    settings = settings_here(())
    return Source(Reach(settings, ()), local_repository(settings))


def settings_here(options: tuple[str, ...]) -> MavenSettings:
    """The settings in force, also where there is no mvn."""
    program = shutil.which("mvn")
    files = settings_files(installation(program) if program else Path("/nowhere"), options)
    return read_settings(files)


async def _known(context: Context, task: Task) -> tuple[Known, MavenSettings]:
    asked = await _prepared(context, task)
    key = await asyncio.to_thread(asked.key, context)
    task.show(Command((*BY_HAND.split(),), cwd=context.project.root))
    known = None if context.refresh else await asyncio.to_thread(_recalled, context, asked, key)
    if known is not None:
        return known, read_settings(asked.settings)
    answer = await ask_maven(context, asked.program, asked.texts, asked.options, task)
    task.show(Command((*BY_HAND.split(),), cwd=context.project.root))  # its room is gone by now
    settings = read_settings(asked.settings)
    known, complete = await _made(context, asked, answer, settings, task)
    if complete:
        await asyncio.to_thread(context.store.keep, MEMORY, key, msgspec.msgpack.encode(known))
    return known, settings


def _recalled(context: Context, asked: Asked, key: str) -> Known | None:
    """What is remembered, if it still holds: artifacts installed on this machine may be others."""
    changing = any(_OPEN.search(text) for text in asked.texts)
    max_age = DAY if changing and not context.offline else None
    kept = context.store.recall(MEMORY, key, max_age)
    if kept is None:
        return None
    try:
        known = msgspec.msgpack.decode(kept, type=Known)
    except msgspec.MsgspecError:
        return None
    for package in known.resolution.packages.values():
        artifact = package.artifact
        if artifact and artifact.url.startswith("file:") and not still_there(artifact):
            return None
    return known


def declaring_file(project: Project) -> tuple[Path, str]:
    """The file that is read, and its kind. Raises UsageError where there is none."""
    for file in project.of(MANAGER):
        return file.path, file.kind
    raise UsageError("The project has neither pom.xml nor maven.txt.")


async def _prepared(context: Context, task: Task) -> Asked:
    """Read everything that decides; fetch a parent that is not here yet."""
    path, kind = declaring_file(context.project)
    program = find_mvn()
    options: tuple[str, ...] = ()
    if kind == "pom.xml":
        local = _local(program, ())
        chain = await asyncio.to_thread(read_chain, path, local)
        options = await asyncio.to_thread(
            project_options, path.parent, [pom.data for pom in chain.poms]
        )
        if _local(program, options) != local:  # the project names settings of its own
            local = _local(program, options)
            chain = await asyncio.to_thread(read_chain, path, local)
        declared = pom_dependencies(chain.poms[0].root)
        while chain.missing is not None:
            local = await _fetch_parent(context, program, options, chain, chain.missing, task)
            again = await asyncio.to_thread(read_chain, path, local)
            if again.missing == chain.missing:
                raise ResolutionError(f"The parent {chain.missing.coordinate} cannot be read.")
            chain = again
    else:
        declared = await asyncio.to_thread(read_maven_list, path)
        data = generated(declared)
        chain = Chain((Pom(data, parse_xml(data, path.name), None),))
    return Asked(
        program,
        options,
        settings_files(installation(program), options),
        tuple(copies(chain, build_section(), path.parent)),
        path.relative_to(context.project.root).as_posix(),
        declared,
    )


def _local(program: str, options: tuple[str, ...]) -> Path:
    return local_repository(read_settings(settings_files(installation(program), options)))


def local_repository(settings: MavenSettings) -> Path:
    """Where the local repository should be, before mvn has said it."""
    named = settings.local_repository
    return Path(named).expanduser() if named else Path.home() / ".m2" / "repository"


async def _fetch_parent(
    context: Context,
    program: str,
    options: tuple[str, ...],
    chain: Chain,
    missing: Place,
    task: Task,
) -> Path:
    """Let mvn bring a parent, and those above it, into the local repository; says where that is.

    It is asked for as a dependency would be, so that it is read and nothing of it is run.
    """
    task.log(f"fetching the parent {missing.coordinate}")
    repositories = b"<repositories>%b</repositories>" % b"".join(
        pom.data[each.start : each.end]
        for pom in chain.poms
        for each in pom.root.all("repositories", "repository")
    )
    wanted = Coordinate(missing.group, missing.artifact, missing.version, "pom")
    data = generated([wanted], repositories)
    pom = Pom(data, parse_xml(data, "pom.xml"), None)
    texts = copies(Chain((pom,)), build_section(), context.project.root)
    answer = await ask_maven(context, program, texts, options, task)
    return Path(answer.settings.local_repository)


async def _made(
    context: Context, asked: Asked, answer: Answer, settings: MavenSettings, task: Task
) -> tuple[Known, bool]:
    """The answer as a resolution; and whether it is complete, and so worth remembering."""
    tree = read_tree(answer.plain, answer.verbose)
    local = Path(answer.settings.local_repository)
    repositories = repositories_of(answer)
    poms = Poms(local)
    about = await asyncio.to_thread(
        lambda: {c.place: poms.about(c.place) for c in tree.chosen.values()}
    )
    places = [c.place for c in tree.chosen.values() if c.node.type != "pom"]
    if odd := [place for place in places if not place.safe]:
        raise ResolutionError(
            f"The coordinate {clean(odd[0].coordinate)!r} is no place in a repository.",
            hint="Correct it, or leave it out by <exclusions>.",
        )
    reach = Reach(settings, repositories)
    run = partial(download, context, asked.program, asked.texts, asked.options, task)
    artifacts = await find_artifacts(context, places, repositories, Source(reach, local), run, task)
    inside = await asyncio.to_thread(contents_of, context, artifacts)
    managed = managed_versions(answer.model)
    resolution = Resolution(
        manager=MANAGER,
        target=context.target.id,
        roots=roots_of(tree, asked.declared, asked.source),
        packages=packages_of(tree, managed, artifacts, about, inside),
        findings=tuple(findings_of(tree)),
        commands=(answer.command,),
    )
    complete = all(each.digest for each in artifacts.values())
    return Known(resolution, repositories, str(local), origins_of(answer)), complete


def origins_of(answer: Answer) -> tuple[tuple[Repository, str], ...]:
    """The repositories as they are declared, with the addresses that are asked in fact."""
    found: dict[str, tuple[Repository, str]] = {}
    for each in answer.model.all("repositories", "repository"):
        declared = Repository(each.value("id"), each.value("url"))
        asked = answer.settings.mirrored(declared.id, declared.url)
        if asked is not None:
            found.setdefault(declared.id, (declared, asked.url))
    return tuple(found.values())


def repositories_of(answer: Answer) -> tuple[Repository, ...]:
    """The repositories of the effective model, mirrors in their stead, each once."""
    found: dict[str, Repository] = {}
    for each in answer.model.all("repositories", "repository"):
        repository = answer.settings.mirrored(each.value("id"), each.value("url"))
        if repository is not None:
            found.setdefault(repository.url, repository)
    return tuple(found.values())
