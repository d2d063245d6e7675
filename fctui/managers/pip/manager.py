"""pip: Python packages resolved for the target, listed from their wheels, laid out by a method."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fctui.managers.interface import Context
from fctui.managers.pip.client import get_ready
from fctui.managers.pip.config import read_config
from fctui.managers.pip.declared import Declaration, read_declaration
from fctui.managers.pip.layout import layout
from fctui.managers.pip.listing import fetch_all, list_contents
from fctui.managers.pip.seeds import with_seeds
from fctui.managers.pip.tags import full_version, python_of
from fctui.managers.pip.uv_config import with_uv_configuration
from fctui.managers.pip.wheel import describe
from fctui.model.contents import Contents, Listing
from fctui.model.package import Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project
from fctui.tasks.task import Task

FRESH = 600.0
# Seconds for which a resolution is taken from memory: as long as indexes let their pages be kept.

_MEMORY = "pip-resolution"
_FORMAT = 1
# Counts up when the meaning of a remembered resolution changes.


class Pip:
    """The pip manager. Whichever engine resolves, nothing is ever installed to find out."""

    id = "pip"

    def declared(self, project: Project) -> bool:
        """Whether there is a requirements file, or a pyproject.toml with dependencies."""
        return bool(project.of(self.id))

    async def resolve(self, context: Context) -> Resolution:
        """The exact packages for the target."""
        python_of(context.target)
        declaration = _declaration(context)
        key = _key(context, declaration)
        if not context.refresh:
            age = None if context.offline else FRESH
            known = context.store.recall(_MEMORY, key, max_age=age)
            if known is not None:
                return msgspec.msgpack.decode(known, type=Resolution)
        async with context.tasks.open(self.id, "resolve") as task:
            resolution = await _resolve(context, declaration, task)
            task.progress(len(resolution.packages), len(resolution.packages), "packages")
        context.store.keep(_MEMORY, key, msgspec.msgpack.encode(resolution))
        return resolution

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages: from the store, by ranges, by downloads, in this order."""
        config = _declaration(context).config
        listing = await list_contents(context, config, resolution, ids)
        return listing if ids is not None else await with_seeds(context, resolution, listing)

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every wheel verified and unpacked in the store, every source built."""
        listing = await fetch_all(context, _declaration(context).config, resolution)
        return await with_seeds(context, resolution, listing)

    def layout(
        self, context: Context, resolution: Resolution, listing: Listing, method: str
    ) -> Layout:
        """Where each file lies in the bundle."""
        return layout(context, resolution, listing, method)

    def describe(self, contents: Contents) -> tuple[str, str]:
        """(summary, licence) of a listed package."""
        return describe(contents)


async def _resolve(context: Context, declaration: Declaration, task: Task) -> Resolution:
    ready = asyncio.ensure_future(asyncio.to_thread(get_ready, declaration.config))
    try:
        return await _ask(context, declaration, task)
    finally:
        await asyncio.wait([ready])
        ready.exception()  # what is wrong there is told by the client that needs it


async def _ask(context: Context, declaration: Declaration, task: Task) -> Resolution:
    if context.settings.pip.resolver == "uv":
        from fctui.managers.pip.resolve_uv import resolve_with_uv

        return await resolve_with_uv(context, declaration, task)
    from fctui.managers.pip.resolve_pip import resolve_with_pip

    return await resolve_with_pip(context, declaration, task)


def _declaration(context: Context) -> Declaration:
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
    parts = (
        _FORMAT,
        (full_version(target), target.python, target.glibc, target.arch, target.id),
        (settings.resolver, settings.sdists, shutil.which("bwrap")),
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
