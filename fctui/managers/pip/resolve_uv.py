"""Resolving with uv: lock a generated project, choose files by exact tags, retry where none fit."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.pip.candidates import Candidates, Choice, choose
from fctui.managers.pip.credentials import masked
from fctui.managers.pip.declared import EDITABLE, Declaration, Declared, local_places
from fctui.managers.pip.index import Rejected, rejected_versions
from fctui.managers.pip.markers import judge
from fctui.managers.pip.unresolvable import no_resolution
from fctui.managers.pip.uv_lock import Locked, read_lock
from fctui.managers.pip.uv_project import pyproject
from fctui.managers.pip.uv_tool import (
    NO_RESOLUTION,
    Uv,
    prepare_uv,
    said,
    write_settings,
)
from fctui.model.errors import ResolutionError, TaskError
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.store.access import bare
from fctui.tasks.task import Task

ROUNDS = 12
# Each round leaves out what the one before it found not to fit; a graph needs two or three.


class _UnsolvableError(Exception):
    """uv found no solution; carries its explanation."""


async def resolve_with_uv(context: Context, declaration: Declaration, task: Task) -> Resolution:
    """The packages for the target. Raises ResolutionError and TaskError."""
    rounds = _Rounds(context, declaration, task)
    async with context.store.workspace.lent() as rounds.room:
        return await rounds.resolve()


class _Rounds:
    """Locks, looks for files, excludes versions that have none, until all is found."""

    def __init__(self, context: Context, declaration: Declaration, task: Task) -> None:
        self._context = context
        self._target = context.target
        self._declaration = declaration
        self._task = task
        self._holds = judge(context.target)
        paths = [place for r in declaration.requirements for place in local_places(r)]
        self._uv: Uv = prepare_uv(context, declaration.config, paths)
        self._command: tuple[str, ...] = ()
        self._excluded: dict[str, Rejected] = {}
        self._first: dict[str, tuple[str, str]] = {}
        self._build_newest = False
        self.room = Path()

    async def resolve(self) -> Resolution:
        """Go round until every package has a file."""
        for _ in range(ROUNDS):
            try:
                locked = await self._lock()
            except _UnsolvableError as error:
                if self._build_newest or not any(r.soft for r in self._excluded.values()):
                    raise self._no_resolution(str(error)) from None
                self._build_newest = True  # no older wheel will do: then the newest is built
                continue
            choices = {name: self._choose(package) for name, package in locked.items()}
            missing = {name: locked[name] for name, choice in choices.items() if choice is None}
            if not missing:
                return self._resolution(locked, choices)
            await self._exclude(missing)
        names = ", ".join(sorted(self._excluded))
        raise self._no_resolution(f"No versions of {names} that fit were found in {ROUNDS} rounds.")

    async def _lock(self) -> dict[str, Locked]:
        room = self.room
        requirements = self._declaration.requirements
        exclusions = {
            name: (*rejected.hard, *(() if self._build_newest else rejected.soft))
            for name, rejected in self._excluded.items()
        }
        exclusions = {name: versions for name, versions in exclusions.items() if versions}
        (room / "uv.lock").unlink(missing_ok=True)
        if self._declaration.lock and not self._context.upgrade:  # uv keeps to its versions
            shutil.copyfile(self._context.project.root / self._declaration.lock, room / "uv.lock")
        text = pyproject(self._target, requirements, exclusions)
        (room / "pyproject.toml").write_text(text, encoding="utf-8")
        write_settings(room, self._declaration.config)
        arguments = ["lock", "--python", sys.executable]
        if self._context.offline:
            arguments.append("--offline")
        elif self._context.refresh and not self._excluded:
            arguments.append("--refresh")
        command = self._uv.command(room, *arguments)
        self._command = tuple(map(masked, command.argv))
        completed = await self._task.run(command)
        if completed.returncode == NO_RESOLUTION:
            raise _UnsolvableError(said(completed.stderr))
        if completed.returncode:
            raise self._failure(said(completed.stderr))
        lock = await asyncio.to_thread((room / "uv.lock").read_text, encoding="utf-8")
        return read_lock(lock, room, self._holds)

    def _choose(self, package: Locked) -> Choice | None:
        """The file of a package, None where another version has to be taken."""
        if package.place:
            return Choice(None, needs_build=True)
        candidates = self._allowed(package)
        choice = choose(candidates, self._target)
        unwanted = choice.older and not self._build_newest and bool(package.registry)
        if choice.artifact is None or (choice.needs_build and unwanted):
            self._first.setdefault(package.name, (package.version, choice.reason))
            if not package.registry:
                raise self._no_resolution(
                    f"{package.name} {package.version} does not fit: {choice.reason}."
                )
            return None
        return choice

    def _allowed(self, package: Locked) -> Candidates:
        """The files of the formats that may be taken (`--no-binary`, `--only-binary`), and whose
        hashes the requirements name, if they name any (pip's hash checking).
        """
        binary, source = self._declaration.config.formats(package.name)
        wheels = package.candidates.wheels if binary else ()
        sdist = package.candidates.sdist if source else None
        wanted = self._hashes(package.name)
        if not wanted:
            return Candidates(wheels, sdist)
        wheels = tuple(w for w in wheels if w.digest in wanted)
        sdist = sdist if sdist is not None and sdist.digest in wanted else None
        if not wheels and sdist is None:
            raise TaskError(
                f"No file of {package.name} {package.version} has a hash that the requirements "
                "name.",
                hint="The index serves other files than those the hashes were taken from.",
            )
        return Candidates(wheels, sdist)

    def _hashes(self, name: str) -> frozenset[str]:
        declared = self._declaration.requirements
        found = frozenset(h for r in declared if r.name == name for h in r.hashes)
        if not found and self._declaration.require_hashes:
            raise ResolutionError(
                f"{name} has no hash, and the requirements ask for hashes of all packages.",
                hint="Name every package with its hash, as pip-compile --generate-hashes does.",
            )
        return found

    async def _exclude(self, missing: Mapping[str, Locked]) -> None:
        """Learn from the index which versions have no file for the target."""
        found = await rejected_versions(
            missing.values(), self._target, self._declaration.config, offline=self._context.offline
        )
        for name, rejected in found.items():
            before = self._excluded.get(name, Rejected())
            version = missing[name].version
            soft = missing[name].candidates.sdist is not None
            self._excluded[name] = Rejected(
                hard=_union(before.hard, rejected.hard, () if soft else (version,)),
                soft=_union(before.soft, rejected.soft, (version,) if soft else ()),
            )
            why = self._first[name][1]
            self._task.log(f"{name} {version} does not fit: {why}; looking for another version")

    def _resolution(
        self, locked: Mapping[str, Locked], choices: Mapping[str, Choice | None]
    ) -> Resolution:
        packages = {}
        for name, package in locked.items():
            choice = choices[name]
            if choice is None:
                continue
            packages[name] = Package(
                manager="pip",
                id=name,
                name=name,
                version=package.version,
                requires=package.requires,
                artifact=_place(package) if package.place else choice.artifact,
                needs_build=choice.needs_build,
                note=self._note(package, choice),
                extras=package.extras,
            )
        return Resolution(
            manager="pip",
            target=self._target.id,
            roots=roots_of(self._declaration.requirements, packages, self._holds),
            packages=packages,
            commands=(self._command,),
        )

    def _note(self, package: Locked, choice: Choice) -> str:
        if any(r.editable and r.name == package.name for r in self._declaration.requirements):
            return EDITABLE
        first = self._first.get(package.name)
        if first is not None and first[0] != package.version:
            return f"{first[0]} was not taken: {first[1]}"
        if choice.needs_build:
            why = choice.reason or "it is published as source only"
            return f"has to be built: {why}"
        return ""

    def _no_resolution(self, explanation: str) -> ResolutionError:
        left_out = [
            f"{name} {version}: {why}" for name, (version, why) in sorted(self._first.items())
        ]
        text = "\n".join([explanation, *left_out])
        builds = self._uv.mode != "never"
        return no_resolution(self._context, self._declaration, text, builds=builds)

    def _failure(self, explanation: str) -> TaskError:
        index = self._declaration.config.index_url
        where = f" ({bare(index)})" if index else ""
        hint = f"Check the network and the index{where}; the log has uv's whole output."
        return TaskError(f"uv failed:\n{explanation}", hint=hint)


def roots_of(
    requirements: Sequence[Declared], known: Container[str], holds: Callable[[str], bool]
) -> tuple[Root, ...]:
    """What the project itself asks for, where its marker holds on the target."""
    from packaging.requirements import Requirement

    return tuple(
        Root(r.name, r.text, r.source, r.line)
        for r in requirements
        if not r.constraint
        and r.name in known
        and holds(str(Requirement(r.specifier).marker or ""))
    )


def _place(package: Locked) -> Artifact:
    """A directory or repository as an artifact that has no file."""
    url = package.place if "://" in package.place else Path(package.place).as_uri()
    return Artifact("", url, None, "")


def _union(*groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(version for group in groups for version in group))
