"""Resolving a project's requirements by the engine that the settings name, remembered."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

import msgspec

from fctui.managers.interface import Context
from fctui.managers.pip.client import get_ready
from fctui.managers.pip.config import PipConfig, read_config
from fctui.managers.pip.declared import Declaration, read_declaration
from fctui.managers.pip.tags import full_version, python_of
from fctui.managers.pip.uv_config import with_uv_configuration
from fctui.model.package import Resolution
from fctui.tasks.task import Task

FRESH = 600.0
# Seconds for which a resolution is taken from memory: as long as indexes let their pages be kept.

HEAD_START = 0.1
# Seconds that a resolver takes to be started.

_MEMORY = "pip-resolution"
_FORMAT = 2
# Counts up when the meaning of a remembered resolution changes.


async def resolve(context: Context) -> Resolution:
    """The exact packages for the target."""
    python_of(context.target)
    declaration = declaration_of(context)
    key = _key(context, declaration)
    if not context.refresh:
        age = None if context.offline else FRESH
        known = context.store.recall(_MEMORY, key, max_age=age)
        if known is not None:
            return msgspec.msgpack.decode(known, type=Resolution)
    async with context.tasks.open("pip", "resolve") as task:
        resolution = await _resolve(context, declaration, task)
        task.progress(len(resolution.packages), len(resolution.packages), "packages")
    context.store.keep(_MEMORY, key, msgspec.msgpack.encode(resolution))
    return resolution


async def _resolve(context: Context, declaration: Declaration, task: Task) -> Resolution:
    ready = asyncio.ensure_future(_meanwhile(declaration.config))
    try:
        return await _ask(context, declaration, task)
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)  # what is wrong is told where it counts


async def _meanwhile(config: PipConfig) -> None:
    """Get ready for listing once the resolver has started, which imports would hold up."""
    await asyncio.sleep(HEAD_START)
    await asyncio.to_thread(get_ready, config)


async def _ask(context: Context, declaration: Declaration, task: Task) -> Resolution:
    if context.settings.pip.resolver == "uv":
        from fctui.managers.pip.resolve_uv import resolve_with_uv

        return await resolve_with_uv(context, declaration, task)
    from fctui.managers.pip.resolve_pip import resolve_with_pip

    return await resolve_with_pip(context, declaration, task)


def declaration_of(context: Context) -> Declaration:
    """What the project declares, read once for a context."""
    known = context.memory.get("pip.declaration")
    if isinstance(known, Declaration):
        return known
    declaration = read_declaration(context.project, read_config())
    if context.settings.pip.resolver == "uv":
        config = with_uv_configuration(declaration.config)
        declaration = msgspec.structs.replace(declaration, config=config)
    context.memory["pip.declaration"] = declaration
    return declaration


def _key(context: Context, declaration: Declaration) -> str:
    """A hash of everything that a resolution depends on but the indexes themselves."""
    target, settings = context.target, context.settings.pip
    paths = [_state(Path(r.path)) for r in declaration.requirements if r.path]
    if declaration.lock:
        paths.append(_state(context.project.root / declaration.lock))
    parts = (
        _FORMAT,
        (full_version(target), target.python, target.glibc, target.arch, target.id),
        (settings.resolver, settings.sdists, shutil.which("bwrap"), context.upgrade),
        declaration,
        paths,
        _engine(settings.resolver),
        sorted((k, v) for k, v in os.environ.items() if k.startswith("UV_")),
    )
    return hashlib.sha256(msgspec.msgpack.encode(parts)).hexdigest()


def _state(path: Path) -> tuple[str, int, int]:
    """A local requirement as it stands: its metadata file for a directory."""
    for candidate in (path / "pyproject.toml", path / "setup.cfg", path / "setup.py", path):
        if candidate.is_file():
            status = candidate.stat()
            return str(candidate), status.st_size, status.st_mtime_ns
    return str(path), 0, 0


def _engine(resolver: str) -> tuple[str, int, int]:
    """Which program resolves: a new version may decide otherwise."""
    if resolver == "uv":
        from fctui.managers.pip.uv_tool import find_uv

        program = Path(find_uv())
        status = program.stat()
        return str(program), status.st_size, status.st_mtime_ns
    from importlib.metadata import version

    return f"pip {version('pip')}", 0, 0
