"""Which debs of a bundle the suite's security archive has newer versions of.

Which vulnerability a new version mends, and how bad it is, no archive tells: the security tracker
does, and no mirror has that. Sources: apt-get(8), indextargets; `Label` and `Codename` of Release
files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from fctui.managers.apt.own.root import OwnRoot
from fctui.managers.apt.relations import compare
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.stanza import field
from fctui.managers.apt.suite import root_for
from fctui.managers.interface import Context
from fctui.model.advisory import Advisory, Told, Untold
from fctui.model.package import Package, Resolution
from fctui.tasks.task import Task
from fctui.tasks.text import clean

_FORM = "$(FILENAME)\t$(LABEL)\t$(CODENAME)\t$(ARCHITECTURE)"
_COMPRESSED = frozenset({".lz4", ".gz", ".xz", ".zst", ".bz2", ".lzma"})


class Fix(Struct, frozen=True):
    """The newest version of a package in a security archive, and that archive's name."""

    version: str
    suite: str
    source: str


async def advisories(context: Context, resolution: Resolution) -> Told:
    """The packages that are older than in the security archive of their suite.

    Raises what `root_for` raises where no archive is known, TaskError without package lists.
    """
    packages = list(resolution.packages.values())
    async with context.tasks.open("apt", "known vulnerabilities") as task:
        root = await root_for(context, _foreign(packages), task)
        async with root.locked(task):
            await root.lists(task, refresh=context.refresh, offline=context.offline)
            lists = await _security_lists(root, task)
        fixes = await asyncio.to_thread(_fixes, lists, {p.name for p in packages}, root.arch)
    if not lists:
        reason = "the sources name no security archive"
        return Told(untold=(Untold("apt", tuple(p.id for p in packages), reason),))
    return Told(tuple(judged(packages, fixes)))


def judged(packages: Iterable[Package], fixes: Mapping[tuple[str, str], Fix]) -> Iterator[Advisory]:
    """An advisory for each package that a fix is newer than."""
    for package in packages:
        _, _, arch = package.id.partition(":")
        fix = fixes.get((package.name, arch))
        if fix is None or compare(package.version, fix.version) >= 0:
            continue
        yield Advisory(
            manager="apt",
            package=package.id,
            name=package.name,
            version=package.version,
            id=f"{fix.suite}/{fix.source}/{fix.version}",
            summary=f"{fix.suite} has a newer version of {package.name}",
            fixed=(fix.version,),
        )


async def _security_lists(root: AptRoot, task: Task) -> list[tuple[str, str, str]]:
    """The text of each security archive's package list, its suite and architecture."""
    if isinstance(root, OwnRoot):
        return await asyncio.to_thread(_own_lists, root)
    command = root.command("apt-get", "indextargets", "--format", _FORM, "Created-By: Packages")
    answer = await task.run(command)
    found = []
    for line in answer.stdout.decode("utf-8", "replace").splitlines():
        filename, label, codename, arch = (*line.split("\t"), "", "", "")[:4]
        if not label.endswith("Security"):
            continue
        if Path(filename).suffix in _COMPRESSED:
            shown = await task.run(root.command("/usr/lib/apt/apt-helper", "cat-file", filename))
            data = shown.stdout
        else:
            data = await asyncio.to_thread(Path(filename).read_bytes)
        found.append((data.decode("utf-8", "replace"), clean(codename), arch))
    return found


def _own_lists(root: OwnRoot) -> list[tuple[str, str, str]]:
    """The same of lists that were loaded without apt; their stanzas tell the architecture."""
    return [
        (path.read_text(encoding="utf-8", errors="replace"), clean(codename), root.arch)
        for path, label, codename in root.labelled()
        if label.endswith("Security")
    ]


def _fixes(
    lists: Iterable[tuple[str, str, str]], names: set[str], native: str
) -> dict[tuple[str, str], Fix]:
    """By name and foreign architecture ("" for the native one) the newest fix."""
    found: dict[tuple[str, str], Fix] = {}
    for text, suite, of_list in lists:
        for stanza in text.split("\n\n"):
            name = field(stanza, "Package")
            if name not in names:
                continue
            version = field(stanza, "Version")
            arch = field(stanza, "Architecture") or of_list
            key = (name, "" if arch in {native, "all"} else arch)
            known = found.get(key)
            if known is None or compare(version, known.version) > 0:
                source = field(stanza, "Source").partition(" ")[0] or name
                found[key] = Fix(clean(version), suite, clean(source))
    return found


def _foreign(packages: Iterable[Package]) -> tuple[str, ...]:
    """The architectures that the project asks for beside the target's own, as resolved."""
    arches = (package.id.partition(":")[2] for package in packages)
    return tuple(dict.fromkeys(arch for arch in arches if arch))
