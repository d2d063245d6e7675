"""Checking a bundle against its target before it is uploaded, without running anything of it."""

from __future__ import annotations

import asyncio
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from fctui.bundle.manifest import Manifest, read_manifest
from fctui.bundle.resolutions import resolutions_of
from fctui.bundle.scripts import script_findings
from fctui.managers.interface import Context
from fctui.model.finding import Finding, Kind
from fctui.model.graph import chains
from fctui.model.target import Target
from fctui.native.judge import Native, judge
from fctui.native.survey import Survey, may_be_elf, survey, survey_root
from fctui.native.system import System, captured_system
from fctui.workflow.jars import INSIDE, Jars, look_into_jars, softened
from fctui.workflow.remedies import with_remedies

NATIVE = frozenset(
    {
        Kind.MISSING_LIBRARY,
        Kind.GLIBC_TOO_NEW,
        Kind.SYMBOL_VERSION_MISSING,
        Kind.WRONG_ARCHITECTURE,
        Kind.WRONG_PLATFORM,
        Kind.DUPLICATE_LIBRARY,
    }
)
# What is judged from the files themselves, and so anew at every check.


_HASHED = re.compile(r"-[0-9a-f]{8}(?=[.-])")
# auditwheel names a library after its content: two of one name differ in their RUNPATH alone.

CHAINS = 5
# Ways that a finding tells: whoever has more than that knows why.


class Checked(Struct, frozen=True):
    """What was found, in how many ELF files, and where the target's own side is known from."""

    findings: tuple[Finding, ...]
    native: Native
    source: str


async def check(context: Context, bundle: Path, *, remedies: bool = True) -> Checked:
    """The findings of a bundle, those of its plan included. The context's target is the one that
    it is judged for. Raises UsageError for what is no bundle.
    """
    manifest = await asyncio.to_thread(read_manifest, bundle)
    async with context.tasks.open("", "read the libraries of the bundle") as task:
        jars = partial(look_into_jars, bundle, manifest, context.target, context.store.workspace)
        reading = asyncio.ensure_future(asyncio.to_thread(_survey, bundle, manifest, jars))
        try:
            system = await system_of(context)
        finally:
            read, of_jars = await reading
        task.log(f"{len(read.elves):,} ELF files; the target: {system.source}")
        native = await asyncio.to_thread(_judge, context.target, system, read, manifest)
        scripts = await asyncio.to_thread(
            script_findings, context.target, bundle, manifest, frozenset(system.programs)
        )
    kept = tuple(f for f in manifest.findings if f.kind not in NATIVE)
    judged = (*softened(native.findings), *of_jars.findings)
    found = (*judged, *scripts, *_duplicates(manifest, read))
    findings = (*_with_chains(found, manifest), *kept)
    if remedies:
        findings = await with_remedies(context, manifest, findings)
    return Checked(findings, native, system.source)


async def system_of(context: Context) -> System:
    """What the target has: what was captured of it, this machine's own files, or those of the
    packages of its release.
    """
    if context.target.captured is not None:
        return captured_system(
            context.target.captured, f"what was captured of {context.target.title}"
        )
    if context.target.id == "local":
        return await asyncio.to_thread(
            survey_root, Path("/"), context.target.multiarch, "the files of this machine"
        )
    from fctui.managers.apt.system import installed_system

    return await installed_system(context)


def library_path(target: Target, environment: Mapping[str, str]) -> tuple[str, ...]:
    """LD_LIBRARY_PATH as the function has it: what it sets itself, else the target's preset."""
    value = environment.get("LD_LIBRARY_PATH", target.presets.get("LD_LIBRARY_PATH", ""))
    return tuple(posixpath.normpath(path) for path in value.split(":") if path)


def _survey(bundle: Path, manifest: Manifest, look: Callable[[], Jars]) -> tuple[Survey, Jars]:
    files = manifest.files
    read = survey(bundle, [f.path for f in files if not f.link and may_be_elf(f.path, f.size)])
    jars = look()
    links = {f.path: f.link for f in files if f.link}
    return Survey(read.elves | jars.elves, links, read.damaged | jars.damaged), jars


def _judge(target: Target, system: System, read: Survey, manifest: Manifest) -> Native:
    owners = {file.path: (file.manager, file.owner) for file in manifest.files}
    return judge(
        target,
        system,
        read,
        lambda path: owners.get(path.partition(INSIDE)[0], ("", "the target")),
        library_path=library_path(target, manifest.environment),
    )


def _with_chains(findings: Iterable[Finding], manifest: Manifest) -> Iterator[Finding]:
    """The findings with the ways from the project's own requirements to who needs them."""
    graphs = resolutions_of(manifest)
    declared = {(each.manager, each.id): each.declared for each in manifest.origins}
    for finding in findings:
        ways = [
            (declared[manager, chain[0]], *chain)
            for id_ in finding.needed_by
            for manager, graph in graphs.items()
            if id_ in graph.packages
            for chain in chains(graph, id_, limit=CHAINS)
        ]
        yield structs.replace(finding, chains=tuple(ways[:CHAINS]))


def _duplicates(manifest: Manifest, read: Survey) -> tuple[Finding, ...]:
    """Sonames that two packages bring with different content: which is loaded, the order of the
    search decides.
    """
    found: dict[str, dict[str, str]] = {}
    owners: dict[str, dict[str, None]] = {}
    for file in manifest.files:
        elf = read.elves.get(file.path)
        if elf is not None and elf.soname and not _HASHED.search(elf.soname):
            found.setdefault(elf.soname, {}).setdefault(file.sha256, file.path)
            owners.setdefault(elf.soname, {})[file.owner] = None
    return tuple(
        Finding(
            kind=Kind.DUPLICATE_LIBRARY,
            subject=soname,
            message=(
                f"{soname} comes from {' and '.join(owners[soname])} with different content: "
                f"{', '.join(contents.values())}."
            ),
            needed_by=tuple(owners[soname]),
            files=tuple(contents.values()),
            breaks=False,
        )
        for soname, contents in sorted(found.items())
        if len(contents) > 1 and len(owners[soname]) > 1
    )
