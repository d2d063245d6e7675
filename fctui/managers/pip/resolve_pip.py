"""Resolving with pip itself, the reference: an installation report of a dry run for the target.

Source: pip's "Installation Report" (version 1), `pip install --dry-run --report`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.pip.advisories import indexes
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import masked
from fctui.managers.pip.declared import EDITABLE, Declaration
from fctui.managers.pip.markers import judge
from fctui.managers.pip.resolve_uv import roots_of
from fctui.managers.pip.tags import abis, full_version, marker_environment, platforms
from fctui.managers.pip.unresolvable import no_resolution
from fctui.managers.pip.uv_project import existing
from fctui.managers.pip.uv_tool import effective_mode, project_key
from fctui.model.errors import TaskError, UsageError
from fctui.model.names import normalized
from fctui.model.package import Artifact, Package, Resolution
from fctui.sandbox.confine import confined
from fctui.store.access import bare
from fctui.store.upkeep import used
from fctui.tasks.command import Command, Completed
from fctui.tasks.task import Task

_RUNNER = Path(__file__).with_name("pip_runner.py")


async def resolve_with_pip(context: Context, declaration: Declaration, task: Task) -> Resolution:
    """The packages for the target, wheels alone first; if that finds none, with sdists.

    Raises ResolutionError and TaskError.
    """
    pinned = next((each for each in declaration.requirements if each.index), None)
    if pinned is not None:
        raise UsageError(
            f"{pinned.source}: {pinned.name} may come from one index alone, which pip has not.",
            hint='Let uv resolve: resolver = "uv" under [pip].',
        )
    async with context.store.workspace.lent() as room:
        run = _Run(context, declaration, room, task)
        completed = await run.pip(sdists=False)
        mode = effective_mode(context.settings.pip.sdists)
        if completed.returncode and mode != "never":
            task.log("wheels alone do not suffice; asking again with source distributions")
            completed = await run.pip(sdists=True)
        if completed.returncode:
            said = "\n".join(masked(line) for line in completed.stderr[-8:])
            raise no_resolution(context, declaration, said, builds=mode != "never")
        report = await asyncio.to_thread((room / "report.json").read_bytes)
        return _resolution(context, declaration, json.loads(report), completed.command)


class _Run:
    def __init__(self, context: Context, declaration: Declaration, room: Path, task: Task) -> None:
        self._context = context
        self._declaration = declaration
        self._room = room
        self._task = task

    async def pip(self, *, sdists: bool) -> Completed:
        """One dry run."""
        room, declaration = self._room, self._declaration
        lines = [
            r.specifier + _hashes(r.hashes) for r in declaration.requirements if not r.constraint
        ]
        limits = [r.specifier for r in declaration.requirements if r.constraint]
        (room / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (room / "constraints.txt").write_text("\n".join(limits) + "\n", encoding="utf-8")
        _write_settings(room, declaration.config)
        (room / "target").mkdir(exist_ok=True)
        command = pip_command(self._context, room, sdists=sdists)
        if sdists and effective_mode(self._context.settings.pip.sdists) == "sandbox":
            cache = self._context.store.root / "pip" / project_key(self._context.project.root)
            cache.mkdir(parents=True, exist_ok=True)
            used(cache)
            own = structs.replace(command, env={**command.env, "PIP_CACHE_DIR": str(cache)})
            readable = self._readable()
            command = confined(own, writable=[room, cache], readable=readable, network=True)
        completed = await self._task.run(command)
        if completed.returncode > 1:
            said = "\n".join(map(masked, completed.stderr[-8:]))
            raise TaskError(f"pip failed ({completed.returncode}):\n{said}")
        return completed

    def _readable(self) -> list[Path]:
        config = self._declaration.config
        paths = [r.path for r in self._declaration.requirements if r.path]
        places = [place for place in existing(config.find_links) if "://" not in place]
        certificates = [config.cert, config.client_cert, os.environ.get("SSL_CERT_FILE", "")]
        return [Path(path) for path in (*paths, *places, *certificates, str(_RUNNER)) if path]


def pip_command(context: Context, room: Path, *, sdists: bool) -> Command:
    """The dry run for a target, without any installation on this machine being looked at."""
    target = context.target
    arguments = ["install", "--dry-run", "--ignore-installed", "--quiet", "--no-input"]
    arguments += [
        "--disable-pip-version-check",
        "--retries",
        "2",
        "--report",
        str(room / "report.json"),
    ]
    arguments += ["--target", str(room / "target"), "--implementation", "cp"]
    arguments += ["--python-version", full_version(target)]
    for platform in platforms(target):
        arguments += ["--platform", platform]
    for abi in (*abis(target), "abi3", "none"):
        arguments += ["--abi", abi]
    arguments += ["--prefer-binary"] if sdists else ["--only-binary=:all:"]
    arguments += ["-r", str(room / "requirements.txt"), "-c", str(room / "constraints.txt")]
    markers = json.dumps(marker_environment(target))
    runner = (sys.executable, "-I", str(_RUNNER), markers, "sdists" if sdists else "wheels")
    env = {"PIP_CONFIG_FILE": str(room / "pip.conf"), "TMPDIR": str(room)}
    return Command((*runner, *arguments), env=env, cwd=room, ok=(0, 1, 2))


def _write_settings(room: Path, config: PipConfig) -> None:
    """pip.conf with the project's options over the user's, readable by its owner alone."""
    values: dict[str, str] = {
        "index-url": config.index_url,
        "extra-index-url": " ".join(config.extra_index_urls),
        "find-links": " ".join(existing(config.find_links)),
        "trusted-host": " ".join(config.trusted_hosts),
        "cert": config.cert,
        "client-cert": config.client_cert,
        "proxy": config.proxy,
        "timeout": str(config.timeout or ""),
        "no-index": "true" if config.no_index else "",
        "pre": "true" if config.pre else "",
    }
    lines = ["[global]", *(f"{name} = {value}" for name, value in values.items() if value)]
    descriptor = os.open(room / "pip.conf", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _hashes(hashes: tuple[str, ...]) -> str:
    return "".join(f" --hash={each}" for each in hashes)


def _note(*, build: bool, editable: bool) -> str:
    if editable:
        return EDITABLE
    return "has to be built: no wheel fits" if build else ""


def _resolution(
    context: Context, declaration: Declaration, report: Mapping[str, Any], command: Command
) -> Resolution:
    if report.get("version") != "1":
        raise TaskError(
            f"pip's report has version {report.get('version')!r}, which is not understood.",
            hint='Install another pip, or set resolver = "uv" under [pip].',
        )
    items = {normalized(item["metadata"]["name"]): item for item in report["install"]}
    holds = judge(context.target)
    pointed_at = {r.name for r in declaration.requirements if r.editable}
    packages = {}
    for name in sorted(items):
        item = items[name]
        artifact = _artifact(item["download_info"])
        if not item.get("is_direct") and artifact.url.startswith("http"):
            artifact = structs.replace(artifact, index=_index(declaration.config))
        build = not artifact.filename.endswith(".whl")
        packages[name] = Package(
            manager="pip",
            id=name,
            name=name,
            version=item["metadata"]["version"],
            requires=_requires(item, items, holds),
            artifact=artifact,
            needs_build=build,
            note=_note(build=build, editable=name in pointed_at),
            summary=str(item["metadata"].get("summary", "")),
            extras=tuple(sorted(_extras(name, items, holds))),
        )
    return Resolution(
        manager="pip",
        target=context.target.id,
        roots=roots_of(declaration.requirements, packages, holds),
        packages=packages,
        commands=(tuple(map(masked, command.argv)),),
    )


def _artifact(info: Mapping[str, Any]) -> Artifact:
    """What pip would download (PEP 610's direct URL structure)."""
    url = info["url"]
    if "vcs_info" in info:
        vcs = info["vcs_info"]
        return Artifact("", f"{vcs['vcs']}+{url}#{vcs['commit_id']}", None, "")
    if "dir_info" in info:
        return Artifact("", url, None, "")
    hashes = info.get("archive_info", {}).get("hashes", {})
    digest = f"sha256:{hashes['sha256']}" if "sha256" in hashes else ""
    return Artifact(unquote(urlsplit(url).path).rpartition("/")[2], url, None, digest)


def _index(config: PipConfig) -> str:
    """The index that is searched first: a report does not tell which one a file is from."""
    return bare(next(iter(indexes(config)), ""))


def _requires(
    item: Mapping[str, Any], items: Mapping[str, Any], holds: Callable[..., bool]
) -> tuple[str, ...]:
    """The packages of the report that an item asks for on the target, with its extras."""
    from packaging.requirements import Requirement

    found = set()
    own = normalized(item["metadata"]["name"])
    extras = ("", *_extras(own, items, holds))
    for text in item["metadata"].get("requires_dist", ()):
        requirement = Requirement(text)
        marker = str(requirement.marker or "")
        name = normalized(requirement.name)
        if name in items and any(holds(marker, extra) for extra in extras):
            found.add(name)
    return tuple(sorted(found))


def _extras(name: str, items: Mapping[str, Any], holds: Callable[..., bool]) -> tuple[str, ...]:
    """The extras that are asked of a package, by the project or by others."""
    from packaging.requirements import Requirement

    found = {normalized(extra) for extra in items[name].get("requested_extras", ())}
    for item in items.values():
        for text in item["metadata"].get("requires_dist", ()):
            if "[" not in text:
                continue
            requirement = Requirement(text)
            marker = str(requirement.marker or "")
            asked = {normalized(extra) for extra in item.get("requested_extras", ())}
            if normalized(requirement.name) == name and any(
                holds(marker, extra) for extra in ("", *asked)
            ):
                found |= {normalized(extra) for extra in requirement.extras}
    return tuple(sorted(found))
