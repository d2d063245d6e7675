"""Pinning npm's packages: in the project's own lock, or one that npm makes for it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fctui.managers.interface import Context
from fctui.managers.npm.ask import ask_npm
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.defaults import read_config
from fctui.managers.npm.lock import in_sync, parse_lock
from fctui.managers.npm.manifest import (
    Manifest,
    optional_peers,
    read_manifest,
    workspace_manifests,
)
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.packages import MANAGER
from fctui.managers.npm.resolve import (
    declared_files,
    lock_paths,
    manifest_path,
    resolve,
    runtime_of,
)
from fctui.managers.npm.staging import LOCK_NAMES
from fctui.model.errors import LockError
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.package import Resolution
from fctui.project.package_json import SECTIONS
from fctui.project.project import Project


def statements(context: Context) -> Iterator[Statement]:
    """What each package.json of the project asks of npm."""
    path = manifest_path(context.project)
    if path is None:
        return
    root = read_manifest(path)
    for manifest in (root, *workspace_manifests(root)):
        place = manifest.path.relative_to(context.project.root).as_posix()
        yield Statement(place, json.dumps(_asked(manifest), sort_keys=True))


def _asked(manifest: Manifest) -> dict[str, Any]:
    declared = manifest.declared
    return {
        "declared": {section: declared[section] for section in SECTIONS},
        "overrides": manifest.overrides,
        "optional": sorted(optional_peers(manifest.data)),
        "workspaces": manifest.workspaces,
    }


async def pin(made: Sequence[tuple[Context, Resolution]]) -> Pins:
    """The project's lock, if it answers for package.json and nothing newer is asked for; else the
    one that npm makes. It is for all platforms.
    """
    context = made[0][0]
    manifest = _manifest(context.project)
    workspaces = tuple(workspace_manifests(manifest))
    own = next(lock_paths(manifest.directory), None)
    name = own.name if own is not None else LOCK_NAMES[-1]
    if own is not None and not context.upgrade:
        raw = own.read_bytes()
        if in_sync(parse_lock(raw, str(own)), manifest, workspaces):
            return _pins(made, manifest, name, raw, {})
    files = declared_files(context, manifest, workspaces)
    async with context.tasks.open(MANAGER, "lock") as task:
        config = NpmConfig((await read_config(context, manifest.directory, None, task)).settings)
        raw, _ = await ask_npm(context, files, config, runtime_of(context.target), task)
    raw = _portable(raw, manifest)
    place = (manifest.directory / name).relative_to(context.project.root).as_posix()
    return _pins(made, manifest, name, raw, {place: raw})


def _manifest(project: Project) -> Manifest:
    path = manifest_path(project)
    if path is None:
        raise LockError("The project has no package.json any more.", hint="Run fctui lock.")
    return read_manifest(path)


def _pins(
    made: Sequence[tuple[Context, Resolution]],
    manifest: Manifest,
    name: str,
    raw: bytes,
    files: dict[str, bytes],
) -> Pins:
    """Where a lock does not say what it is for (nested overrides), its hash is kept."""
    lock = parse_lock(raw, name)
    plain = in_sync(lock, manifest, tuple(workspace_manifests(manifest)))
    answers_for = "" if plain else hashlib.sha256(raw).hexdigest()
    return Pins(
        {context.target.id: Pinned(file=name, answers_for=answers_for) for context, _ in made},
        files,
    )


def _portable(raw: bytes, manifest: Manifest) -> bytes:
    """Npm's lock without the addresses of a registry that only the user's settings name, as npm's
    own omit-lockfile-registry-resolved has it; and with the name that npm would have given it here.
    """
    data = json.loads(raw)
    named = manifest.data.get("name") or manifest.directory.name
    data["name"] = named
    top = data.get("packages", {}).get("", {})
    if "name" in top and not manifest.data.get("name"):
        top["name"] = named
    registry = effective_settings(manifest.directory).get("registry", "").rstrip("/")
    for entry in data.get("packages", {}).values():
        resolved = entry.get("resolved")
        if registry and isinstance(resolved, str) and resolved.startswith(f"{registry}/"):
            del entry["resolved"]
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


async def pinned(context: Context, pin: Pinned) -> Resolution:
    """What the lock says. Raises LockError where package.json says something else and that may
    not be.
    """
    manifest = _manifest(context.project)
    path: Path = manifest.directory / pin.file
    try:
        raw = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise LockError(
            f"{pin.file} cannot be read: {error.strerror}.", hint="Restore it."
        ) from error
    lock = parse_lock(raw, str(path))
    same = bool(pin.answers_for) and hashlib.sha256(raw).hexdigest() == pin.answers_for
    if (
        context.frozen
        and not same
        and not in_sync(lock, manifest, tuple(workspace_manifests(manifest)))
    ):
        raise LockError(
            f"{pin.file} does not answer for {manifest.path.name} any more.",
            hint="Run fctui lock, or npm install --package-lock-only.",
        )
    async with context.tasks.open(MANAGER, "read the lock") as task:
        return await resolve(context, task, lock=lock)
