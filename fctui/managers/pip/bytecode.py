"""Byte code for the bundle, where the settings ask for it: compiled by the target's own Python.

It is made once for each wheel and kept in the store; the same wheel and Python give the same bytes.
Compiling executes nothing of a package. Source: PEP 552 (hash-based .pyc files), PEP 3147.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.pip.interpreters import interpreter
from fctui.managers.pip.tags import python_of
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.store.zip import unpack_zip
from fctui.tasks.command import Command
from fctui.tasks.task import Task

PREFIX = "bytecode:"
"""What stands before a package's id in a listing for the byte code of its modules."""

MISSING = "pip.bytecode"
# The key in `Context.memory` under which it is said why there is none.

_KIND, _FORMAT = "bytecode", "1"
_FIRST = (3, 7)  # the first Python that knows PEP 552
_AT_ONCE = 2  # compilers side by side, as for builds


async def with_bytecode(context: Context, listing: Listing, *, make: bool) -> Listing:
    """The listing with the byte code of its packages, where it is asked for: what is known, and
    with `make` what has to be compiled first; their wheels must be in the store then.
    """
    if not context.settings.bundle.bytecode:
        return listing
    wheels = {id_: c for id_, c in listing.contents.items() if ":" not in id_}
    found = {id_: _known(context, contents) for id_, contents in wheels.items()}
    missing = {id_: wheels[id_] for id_, known in found.items() if known is None}
    if make and missing:
        async with context.tasks.open("pip", "compile") as task:
            found |= await _compiled(context, missing, task)
    extra = {f"{PREFIX}{id_}": contents for id_, contents in found.items() if contents is not None}
    return structs.replace(listing, contents={**listing.contents, **extra})


def bytecode_findings(context: Context, listing: Listing) -> list[Finding]:
    """One finding where byte code is asked for and some is not there."""
    if not context.settings.bundle.bytecode:
        return []
    wheels = [id_ for id_ in listing.contents if ":" not in id_]
    missing = [id_ for id_ in wheels if f"{PREFIX}{id_}" not in listing.contents]
    if not missing:
        return []
    why = context.memory.get(MISSING, "The build compiles it: its files are not in this plan yet.")
    return [
        Finding(
            kind=Kind.UNRESOLVED,
            subject="bytecode",
            needed_by=tuple(missing),
            breaks=False,
            message=f"There is no byte code of {len(missing)} packages. {why}",
        )
    ]


async def _compiled(
    context: Context, wheels: Mapping[str, Contents], task: Task
) -> dict[str, Contents | None]:
    wanted = python_of(context.target)
    python = await interpreter(context, wanted, task) if wanted >= _FIRST else None
    if python is None:
        version = ".".join(map(str, wanted))
        why = f"It takes a Python {version}, and none is on this machine."
        if wanted < _FIRST:
            why = f"Python {version} knows none that is the same on every machine (PEP 552)."
        context.memory[MISSING] = why
        return {}
    found: dict[str, Contents | None] = {}
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(id_: str, contents: Contents, program: Path) -> None:
        async with slots:
            found[id_] = await _compile(context, contents, (python, program), task)
            task.progress(len(found), len(wheels), "packages")

    with as_file(files("fctui.managers.pip.inside") / "compile.py") as program:
        async with asyncio.TaskGroup() as group:
            for id_, contents in wheels.items():
                group.create_task(one(id_, contents, program))
    return found


async def _compile(
    context: Context, contents: Contents, compiler: tuple[str, Path], task: Task
) -> Contents:
    store, (python, program) = context.store, compiler
    async with store.workspace.lent() as room:
        out = room / "bytecode.zip"
        argv = (python, "-S", "-s", "-B", "-W", "ignore", str(program))
        # Sets of constants are written in the order of their hashes, which is random by default.
        steady = {"PYTHONHASHSEED": "0", "PYTHONPATH": "", "PYTHONOPTIMIZE": ""}
        tree = store.tree(contents.digest)
        command = Command((*argv, str(tree), str(out)), env=steady)
        await task.run(command, log_stdout=True)
        made = await store.adopt(out, unpack_zip, task)
    store.keep(_KIND, _key(context, contents), made.digest.encode())
    return made


def _known(context: Context, contents: Contents) -> Contents | None:
    digest = context.store.recall(_KIND, _key(context, contents))
    return context.store.contents(digest.decode()) if digest else None


def _key(context: Context, contents: Contents) -> str:
    python = ".".join(map(str, python_of(context.target)))
    return f"{contents.digest} {python} {_FORMAT}"
