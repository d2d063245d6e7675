"""What differs between two targets: facts, packages, libraries with their versions, programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct

from fctui.managers.interface import Context
from fctui.model.target import Target
from fctui.native.system import System
from fctui.workflow.check import system_of

_FACTS = (
    *("distribution", "release", "glibc", "arch", "python", "node", "java", "suite"),
    *("code_dir", "layer_dir", "python_path", "limits"),
)


class Side(Struct, frozen=True):
    """A target with all that is known of it; `packages` are versions by name, None where nobody
    knows them.
    """

    target: Target
    system: System
    packages: Mapping[str, str] | None


class Change(Struct, frozen=True):
    """One thing on both sides; None where it is not there."""

    what: str
    before: str | None
    after: str | None


class LibraryChange(Struct, frozen=True):
    """A library whose symbol versions are not the same."""

    soname: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]


class TargetDifference(Struct, frozen=True):
    """From the one target to the other. `libraries` are sonames that only one side has, `versions`
    those that both have; `compared` says what could be compared beyond facts and presets.
    """

    facts: tuple[Change, ...]
    presets: tuple[Change, ...]
    packages: tuple[Change, ...]
    libraries: tuple[Change, ...]
    versions: tuple[LibraryChange, ...]
    programs: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        parts = (self.facts, self.presets, self.packages, self.libraries)
        return not any((*parts, self.versions, self.programs))


async def side_of(context: Context) -> Side:
    """All that is known of a context's target. Raises FctuiError where its packages cannot be
    asked for.
    """
    target = context.target
    system = await system_of(context)
    named: Iterable[str] | None = None
    if target.captured is not None:
        named = target.captured.packages
    elif target.id != "local" and target.distribution == "debian":
        from fctui.managers.apt.system import installed_packages

        named = await installed_packages(context)
    packages = None if named is None else dict(_pair(each) for each in named)
    return Side(target, system, packages)


def compare_targets(one: Side, other: Side) -> TargetDifference:
    """What is different on the second side."""
    notes = [
        f"What is installed on {side.target.title} is not known by name."
        for side in (one, other)
        if side.packages is None
    ]
    packages: tuple[Change, ...] = ()
    if one.packages is not None and other.packages is not None:
        packages = _changes(one.packages, other.packages)
    first, second = _libraries(one.system), _libraries(other.system)
    return TargetDifference(
        facts=_changes(_facts(one.target), _facts(other.target)),
        presets=_changes(one.target.presets, other.target.presets),
        packages=packages,
        libraries=_changes(_places(first), _places(second), only_missing=True),
        versions=tuple(_versions(first, second)),
        programs=_changes(
            {path: path for path in one.system.programs},
            {path: path for path in other.system.programs},
        ),
        notes=tuple(notes),
    )


def _pair(text: str) -> tuple[str, str]:
    name, _, version = text.partition("=")
    return name, version


def _facts(target: Target) -> dict[str, str]:
    found = {}
    for name in _FACTS:
        plain = msgspec.to_builtins(getattr(target, name))
        if plain is not None and plain not in ({}, [], ()):
            found[name] = _text(plain)
    return found


def _text(plain: object) -> str:
    if isinstance(plain, dict):
        return ", ".join(f"{key} {value}" for key, value in plain.items() if value is not None)
    if isinstance(plain, list | tuple):
        return (":" if plain and isinstance(plain[0], str) else ".").join(map(str, plain))
    return str(plain)


def _libraries(system: System) -> dict[str, tuple[str, frozenset[str]]]:
    """Path and versions by soname; of several the first of the loader's order counts."""
    order = {directory: number for number, directory in enumerate(system.directories)}
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for path in sorted(system.elves, key=lambda p: (order.get(p.rpartition("/")[0], 99), p)):
        elf = system.elves[path]
        if elf.soname and elf.kind == "shared":
            found.setdefault(elf.soname, (path, frozenset(elf.defines)))
    return found


def _places(libraries: Mapping[str, tuple[str, frozenset[str]]]) -> dict[str, str]:
    return {soname: path for soname, (path, _) in libraries.items()}


def _versions(
    first: Mapping[str, tuple[str, frozenset[str]]],
    second: Mapping[str, tuple[str, frozenset[str]]],
) -> Iterable[LibraryChange]:
    for soname in sorted(first.keys() & second.keys()):
        before, after = first[soname][1], second[soname][1]
        if before != after:
            lost, gained = tuple(sorted(before - after)), tuple(sorted(after - before))
            yield LibraryChange(soname, lost, gained)


def _changes(
    one: Mapping[str, str], other: Mapping[str, str], *, only_missing: bool = False
) -> tuple[Change, ...]:
    names = sorted(one.keys() | other.keys())
    return tuple(
        Change(name, one.get(name), other.get(name))
        for name in names
        if one.get(name) != other.get(name) and not (only_missing and name in one and name in other)
    )
