"""A shell in the sandbox of the target, with the bundle as the function would see it.

The bundle is read-only there. To be written to, it is copied, each file with bytes of its own:
files of a bundle may be hard links into the store. An overlay of file systems would not do, since
directories in it belong to whom they belong below, and the sandbox's user is nobody.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, structs

from fctui.bundle.manifest import Manifest, read_manifest
from fctui.managers.interface import Context
from fctui.model.errors import UsageError
from fctui.sandbox.container import ContainerSandbox
from fctui.sandbox.execute import Sandbox
from fctui.sandbox.isolate import NOBODY, Leave
from fctui.sandbox.rooted import RootedSandbox
from fctui.tasks.command import Command
from fctui.tasks.task import Task
from fctui.workflow.sandboxes import Stand, open_stands
from fctui.workflow.shell_tools import put_tools
from fctui.workflow.verify import function_environment

_SHELLS = ("/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh")
# The first that is there.

Stamp = tuple[int, int]
"""Bytes and time of the last change (ns) of a file: ctime, which nothing can set back."""


class Wish(Struct, frozen=True):
    """What kind of shell is wanted: `script` runs instead of a shell to type into; `terminal` says
    that somebody is at one.
    """

    sandbox: str = ""
    env: Mapping[str, str] = {}
    script: str | None = None
    writable: bool = False
    network: bool = False
    terminal: bool = False


class Shell(Struct, frozen=True):
    """One that is ready to be attended. `private`: it gets a terminal of its own; `room` is what
    was made for it, `copy` where the bundle can be written to, None where it cannot, `stamps` its
    files as they were copied.
    """

    title: str
    room: Path
    command: Command
    private: bool
    manifest: Manifest
    copy: Path | None
    stamps: Mapping[str, Stamp]
    notes: tuple[str, ...]


async def open_shell(context: Context, bundle: Path, wish: Wish) -> Shell:
    """Make one ready. Whoever has it removes its room in the end.

    Raises UsageError for what is no bundle or sandbox, MissingToolError, TaskError.
    """
    manifest = await asyncio.to_thread(read_manifest, bundle)
    env = function_environment(context.target, manifest, {**_of_terminal(wish), **wish.env})
    stands = await open_stands(context, bundle, manifest, env, wish.sandbox)
    workspace = context.store.workspace
    room = await asyncio.to_thread(workspace.room)
    try:
        return await _made(context, bundle, wish, stands, manifest, room)
    except BaseException:
        await asyncio.to_thread(workspace.clear, room)
        raise


async def _made(
    context: Context, bundle: Path, wish: Wish, stands: Stand, manifest: Manifest, room: Path
) -> Shell:
    sandbox = stands.with_node if stands.node else stands.plain
    assert isinstance(sandbox, RootedSandbox | ContainerSandbox)  # noqa: S101 - there are these
    copy, stamps = None, {}
    tools = room / "tools"
    tools.mkdir()
    tools.chmod(0o755)
    async with context.tasks.open("", f"open a shell in {sandbox.title}") as task:
        program = await _program(sandbox, task)
        if wish.writable:
            copy = room / "code"
            await task.run(_copying(bundle, copy))
            stamps = await asyncio.to_thread(_freed, copy)
            sandbox = structs.replace(sandbox, bundle=copy)
            sandbox = await put_tools(context, sandbox, stands, tools, network=wish.network)
        leave = Leave(
            frozenset({context.target.code_dir} if copy else ()), wish.network, wish.terminal
        )
        words = (program,) if wish.script is None else (program, "-c", wish.script)
        command = sandbox.attached(words, tools, leave)
        task.show(command)
    private = isinstance(sandbox, RootedSandbox)
    return Shell(sandbox.title, room, command, private, manifest, copy, stamps, stands.notes)


async def _program(sandbox: Sandbox, task: Task) -> str:
    there = await sandbox.has(_SHELLS, task)
    if not there:
        raise UsageError(
            f"There is no shell in {sandbox.title}.",
            hint="fctui run and fctui verify need none.",
        )
    return there[0]


def _of_terminal(wish: Wish) -> dict[str, str]:
    """What programs ask of a terminal: term(7). No other variable of the host goes in."""
    names = ("TERM", "COLORTERM") if wish.terminal else ()
    return {name: os.environ[name] for name in names if name in os.environ}


def _copying(bundle: Path, copy: Path) -> Command:
    """cp(1), which clones blocks where the file system can; hard links become files."""
    words = ("cp", "--recursive", "--no-dereference", "--preserve=mode,timestamps")
    return Command((*words, "--reflink=auto", "--", str(bundle.absolute()), str(copy)))


def _freed(copy: Path) -> dict[str, Stamp]:
    """Let the sandbox's user write everything; what each file is before anybody has."""
    root = os.geteuid() == 0
    found: dict[str, Stamp] = {}
    for directory, folders, files in os.walk(copy):
        for name in (*folders, *files):
            path = os.path.join(directory, name)
            if root:
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(path, stat.S_IMODE(mode) | (0o777 if name in folders else 0o666))
        for name in (*files, *folders):
            path = os.path.join(directory, name)
            if name in files or os.path.islink(path):
                found[os.path.relpath(path, copy)] = stamp(os.lstat(path))
    if root:
        os.chown(copy, NOBODY, NOBODY)
    copy.chmod(0o777)
    return found


def stamp(status: os.stat_result) -> Stamp:
    """What tells whether a file has been written to since."""
    return status.st_size, status.st_ctime_ns
