"""Running mvn in a room of its own: one start of Java for the tree, the settings and the model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.interface import Context
from fctui.managers.maven.failure import failure
from fctui.managers.maven.program import DEPENDENCY_PLUGIN, HELP_PLUGIN, goal, maven_command
from fctui.managers.maven.settings import MavenSettings, parse_settings
from fctui.managers.maven.tree import Written
from fctui.model.errors import TaskError
from fctui.project.xml_nodes import Node, parse_xml
from fctui.tasks.command import Command
from fctui.tasks.task import Task

PLAIN, VERBOSE, SETTINGS, MODEL = "tree.json", "verbose.json", "settings.xml", "effective.xml"

BY_HAND = "mvn dependency:tree -Dverbose"
"""What shows the same tree, run in the project; its own POM's extensions run then."""


class Answer(Struct, frozen=True):
    """What mvn has written: the tree, the tree with what it omitted, settings, effective model."""

    plain: Written
    verbose: Written
    settings: MavenSettings
    model: Node
    command: tuple[str, ...]


def build_section() -> bytes:
    """`<build>` of the room's POM: what each goal writes, and where."""

    def plugin(coordinates: Sequence[str], executions: dict[str, dict[str, str]]) -> str:
        names = zip(("groupId", "artifactId", "version"), coordinates, strict=True)
        inner = "".join(f"<{key}>{value}</{key}>" for key, value in names)
        listed = "".join(
            f"<execution><id>{id_}</id><configuration>"
            + "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
            + "</configuration></execution>"
            for id_, values in executions.items()
        )
        return f"<plugin>{inner}<executions>{listed}</executions></plugin>"

    tree = {"outputType": "json", "outputEncoding": "UTF-8", "skip": "false"}
    dependency = plugin(
        DEPENDENCY_PLUGIN,
        {
            "plain": {**tree, "verbose": "false", "outputFile": PLAIN},
            "verbose": {**tree, "verbose": "true", "outputFile": VERBOSE},
            "jars": {"includeScope": "runtime", "skip": "false"},
        },
    )
    help_ = plugin(
        HELP_PLUGIN,
        {
            "settings": {"showPasswords": "false", "output": SETTINGS},
            "model": {"verbose": "false", "output": MODEL},
        },
    )
    return f"<build><plugins>{dependency}{help_}</plugins></build>".encode()


GOALS = (
    goal(DEPENDENCY_PLUGIN, "tree", "plain"),
    goal(DEPENDENCY_PLUGIN, "tree", "verbose"),
    goal(HELP_PLUGIN, "effective-settings", "settings"),
    goal(HELP_PLUGIN, "effective-pom", "model"),
)

RESOLVE = goal(DEPENDENCY_PLUGIN, "resolve", "jars")


async def ask_maven(
    context: Context, program: str, texts: Sequence[bytes], options: Sequence[str], task: Task
) -> Answer:
    """Resolve the first of `texts`, whose parents the others are. Leaves nothing behind.

    Raises ResolutionError where there is no answer, UsageError for a wrong POM, TaskError for
    what the machine or the network is to blame for.
    """
    async with _ran(context, program, texts, options, GOALS, task) as (here, command):
        return await asyncio.to_thread(_read, here, command.argv)


async def download(
    context: Context, program: str, texts: Sequence[bytes], options: Sequence[str], task: Task
) -> None:
    """Let mvn bring the artifacts to its local repository; raises as `ask_maven` does."""
    async with _ran(context, program, texts, options, (RESOLVE,), task):
        pass


@asynccontextmanager
async def _ran(
    context: Context,
    program: str,
    texts: Sequence[bytes],
    options: Sequence[str],
    goals: Sequence[str],
    task: Task,
) -> AsyncIterator[tuple[Path, Command]]:
    """The directory that goals were run in, for the body of the `async with`."""
    async with context.store.workspace.lent() as room:
        here = await asyncio.to_thread(_furnish, room, texts)
        command = maven_command(
            program,
            here,
            goals,
            context.target,
            options,
            offline=context.offline,
            refresh=context.refresh,
        )
        done = await task.run(command, log_stdout=True)
        if done.returncode:
            raise failure(done, here, context.project.root, offline=context.offline)
        yield here, command


def _furnish(room: Path, texts: Sequence[bytes]) -> Path:
    for number, text in enumerate(texts):
        (room / str(number)).mkdir()
        (room / str(number) / "pom.xml").write_bytes(text)
    here = room / "0"
    (here / ".mvn").mkdir()  # mvn looks for one upwards, and would find the user's or another's
    return here


def _read(here: Path, argv: tuple[str, ...]) -> Answer:
    try:
        plain, verbose = (
            msgspec.json.decode((here / name).read_bytes(), type=Written)
            for name in (PLAIN, VERBOSE)
        )
        settings = parse_settings((here / SETTINGS).read_bytes(), "Maven's effective settings")
        model = parse_xml((here / MODEL).read_bytes(), "Maven's effective POM")
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise TaskError(
            f"mvn ended well, but what it wrote cannot be read: {error}.",
            hint="The task's log has all that it said.",
        ) from error
    return Answer(plain, verbose, settings, model, argv)
