"""Resolving a project's package.json for a target: from its lock where it has one that answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.npm.ask import ask_npm
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.defaults import read_config
from fctui.managers.npm.lock import Lock, LockEntry, in_sync, parse_lock
from fctui.managers.npm.manifest import Manifest, read_manifest, workspace_manifests
from fctui.managers.npm.packages import MANAGER, findings_of, packages_of, roots_of
from fctui.managers.npm.staging import LOCK_NAMES, YARN_LOCK, gather, unread_locks
from fctui.managers.npm.tree import Runtime, choose
from fctui.model.errors import UsageError
from fctui.model.finding import Finding, Kind
from fctui.model.package import Resolution
from fctui.model.target import Target
from fctui.project.project import Project
from fctui.tasks.command import Command
from fctui.tasks.task import Task

_LOCKS = (*LOCK_NAMES, YARN_LOCK)
_INSTALLED = ("dependencies", "optionalDependencies", "peerDependencies")


def manifest_path(project: Project) -> Path | None:
    """The project's package.json, if it has one."""
    for file in project.of(MANAGER):
        if file.kind == "package.json":
            return file.path
    return None


def runtime_of(target: Target) -> Runtime:
    """What npm's platform lists are held against for a target."""
    return Runtime(cpu=target.node_arch, node=target.node.version if target.node else "")


async def resolve(context: Context, task: Task, *, lock: Lock | None = None) -> Resolution:
    """The packages that `npm ci --omit=dev` would install on the target, without scripts; by
    `lock` where it is given, whatever the project has.

    The project's own files are only read. Raises as `ask_npm` and `read_manifest` do.
    """
    path = manifest_path(context.project)
    if path is None:
        raise UsageError("The project has no package.json.", hint="`npm init` writes one.")
    manifest = read_manifest(path)
    workspaces = tuple(workspace_manifests(manifest))
    runtime = runtime_of(context.target)
    if lock is None and not context.upgrade:
        lock = _own_lock(manifest, workspaces)
    commands: tuple[tuple[str, ...], ...] = ()
    if lock is not None:
        # Nothing is run for it: this shows the same tree.
        task.show(
            Command(("npm", "ls", "--all", "--omit=dev", "--package-lock-only"), cwd=path.parent)
        )
    else:
        files = declared_files(context, manifest, workspaces)
        config = NpmConfig((await read_config(context, path.parent, None, task)).settings)
        raw, commands = await ask_npm(context, files, config, runtime, task)
        lock = parse_lock(raw, "npm's lock")
    config = await read_config(context, path.parent, lock, task)
    tree = choose(
        lock, runtime, omits=config.omits - {"dev"}, peers=not config.flag("legacy-peer-deps")
    )
    return Resolution(
        manager=MANAGER,
        target=context.target.id,
        roots=roots_of(tree, manifest, _relative(path, context.project.root)),
        packages=packages_of(lock, tree, config, frozenset(context.settings.npm.allow_scripts)),
        findings=(*findings_of(lock, tree, runtime, manifest), *_unread(manifest.directory)),
        commands=commands,
    )


def declared_files(
    context: Context, manifest: Manifest, workspaces: tuple[Manifest, ...]
) -> dict[str, Path]:
    """The files that npm resolves from; without the project's lock where that does not count."""
    files = gather(manifest, workspaces)
    if not context.upgrade:
        return files
    return {path: source for path, source in files.items() if path not in _LOCKS}


def _own_lock(manifest: Manifest, workspaces: tuple[Manifest, ...]) -> Lock | None:
    """The project's lock, if it answers for what package.json says now.

    Where only development requires something, or nothing does, there is nothing to look up.
    """
    if not workspaces and not any(manifest.declared[section] for section in _INSTALLED):
        return Lock(3, {"": LockEntry()})
    for path in lock_paths(manifest.directory):
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror}.", hint="Make it readable."
            ) from error
        lock = parse_lock(raw, str(path))
        return lock if in_sync(lock, manifest, workspaces) else None
    return None


def _unread(directory: Path) -> Iterator[Finding]:
    for name in unread_locks(directory):
        yield Finding(
            kind=Kind.UNRESOLVED,
            subject=name,
            breaks=False,
            message=f"{name} is not read: the versions are those that npm chooses. "
            "fctui lock keeps them in a package-lock.json.",
        )


def lock_paths(directory: Path) -> Iterator[Path]:
    """The locks of a project, the one that counts first."""
    for name in LOCK_NAMES:
        if (directory / name).exists():
            yield directory / name


def _relative(path: Path, root: Path) -> str:
    return os.path.relpath(path, root)
