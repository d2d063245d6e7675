"""A uv that starts in a root file system of another processor, which has no loader for ours.

The wheel of uv for musl is linked statically, so it runs by itself wherever the kernel runs it; the
interpreters and compilers that it starts there run in emulation.
"""

from __future__ import annotations

import asyncio
import os
from importlib import metadata
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.uv_tool import prepare_uv, said, write_settings
from fctui.model.errors import TaskError
from fctui.store.disk import disk_errors
from fctui.tasks.task import Task


async def static_uv(context: Context, config: PipConfig, machine: str, task: Task) -> Path:
    """The program, installed once from the project's index for a machine (the kernel's name).

    Raises TaskError where the index does not give it.
    """
    wanted = _requirement()
    place = context.store.root / "uv" / f"static-{wanted.partition('==')[2]}-{machine}"
    program = place / "bin" / "uv"
    if program.is_file():
        return program
    async with context.store.workspace.lent() as room:
        write_settings(room, config)
        uv = structs.replace(prepare_uv(context, config), mode="never")
        made = room / "uv"
        arguments = ["pip", "install", "--no-deps", "--target", str(made)]
        arguments += ["--python-platform", f"{machine}-unknown-linux-musl", wanted]
        if context.offline:
            arguments.append("--offline")
        done = await task.run(uv.command(room, *arguments))
        if done.returncode:
            raise TaskError(
                f"Builds for another processor need a uv that is linked statically:"
                f"\n{said(done.stderr)}"
            )
        with disk_errors(context.store.root):
            await asyncio.to_thread(_move, made, place)
    return program


def _requirement() -> str:
    """The very uv that resolves, where it is installed beside this Python."""
    try:
        return f"uv=={metadata.version('uv')}"
    except metadata.PackageNotFoundError:
        return "uv"


def _move(made: Path, place: Path) -> None:
    """Put it in place at once; whoever else was first has the same."""
    try:
        os.rename(made, place)
    except OSError:
        if not place.is_dir():
            raise
