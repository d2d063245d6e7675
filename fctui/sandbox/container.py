"""A sandbox of a container image, by docker(1) or podman(1), on this machine or another.

Where `DOCKER_HOST` leads to another machine, files go there as a stream: what is bound is a
directory of the engine's machine.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from fctui.model.errors import FctuiError, UsageError
from fctui.sandbox.execute import MEMORY, TOOLS
from fctui.sandbox.isolate import NOBODY, STRICT, TMP_SIZE, Leave
from fctui.tasks.command import Command, Completed
from fctui.tasks.process import Emit, run_process
from fctui.tasks.task import Task

_PROCESSES = 1024
# Processes and threads in one container: a bomb goes off in a box.


class ContainerSandbox(Struct, frozen=True):
    """An image of a runtime. `bundle` is absolute; `remote`: the engine is on another machine."""

    title: str
    engine: Literal["docker", "podman"]
    image: str
    bundle: Path
    code_dir: str
    env: Mapping[str, str]
    remote: bool = False

    async def has(self, programs: Sequence[str], task: Task) -> tuple[str, ...]:
        """Those of the absolute paths that are programs in the image."""
        script = 'for each; do if [ -x "$each" ]; then echo "$each"; fi; done'
        argv = ("/bin/sh", "-c", script, "sh", *programs)
        command = Command(
            (self.engine, "run", "--rm", *self._options("/", ()), *_words(self, argv))
        )
        done = await task.run(command)
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        return tuple(program for program in programs if program in lines)

    async def run(
        self,
        argv: Sequence[str],
        tools: Path,
        task: Task,
        emit: Emit,
        *,
        log_stdout: bool = True,
    ) -> Completed:
        """Run a command in a container, which is gone afterwards however that ends."""
        name = f"fctui-{secrets.token_hex(8)}"
        named = ("--name", name)
        try:
            if self.remote:
                volumes = ("-v", self.code_dir, "-v", TOOLS)
                options = (*named, *self._options(self.code_dir, volumes))
                await task.run(Command((self.engine, "create", *options, *_words(self, argv))))
                for source, place in ((self.bundle, self.code_dir), (tools, TOOLS)):
                    copied = (f"{source}/.", f"{name}:{place}")
                    await task.run(Command((self.engine, "cp", "--quiet", *copied)))
                command = Command((self.engine, "start", "--attach", name))
            else:
                command = self.attached(argv, tools, name=name)
            task.show(command)
            return await run_process(command, emit, log_stdout=log_stdout)
        finally:
            await _remove(self.engine, name, task)

    def attached(
        self, argv: Sequence[str], tools: Path, leave: Leave = STRICT, *, name: str = ""
    ) -> Command:
        """The same command for whoever starts it with streams of their own. Raises UsageError
        where the engine is on another machine.
        """
        if self.remote:
            raise UsageError(
                f"{self.engine} runs on another machine, where the bundle is not.",
                hint="Unset DOCKER_HOST or CONTAINER_HOST, or leave out --sandbox.",
            )
        code = "rw" if self.code_dir in leave.writable else "ro"
        volumes = (
            *("-v", f"{self.bundle}:{self.code_dir}:{code}"),
            *("-v", f"{tools}:{TOOLS}:ro"),
        )
        options = ("--rm", *(("--name", name) if name else ("--interactive",)))
        options += ("--tty",) if leave.terminal else ()
        options += self._options(self.code_dir, volumes, network=leave.network)
        if self.code_dir in leave.writable:  # what is written has to be its writer's to remove
            options += ("--user", f"{os.getuid()}:{os.getgid()}")
        return Command((self.engine, "run", *options, *_words(self, argv)))

    def _options(
        self, cwd: str, volumes: Sequence[str], *, network: bool = False
    ) -> tuple[str, ...]:
        """No network, no rights, nothing to write but /tmp."""
        variables = [f"--env={name}={value}" for name, value in sorted(self.env.items())]
        return (
            *(() if network else ("--network", "none")),
            *("--read-only", "--cap-drop", "ALL"),
            *("--tmpfs", f"/tmp:rw,exec,size={TMP_SIZE}"),  # noqa: S108 - the container's
            *("--security-opt", "no-new-privileges", "--user", f"{NOBODY}:{NOBODY}"),
            *("--pids-limit", str(_PROCESSES), "--memory", str(2 * MEMORY), "--init"),
            *("--workdir", cwd, *variables, *volumes),
        )


def is_remote(engine: str) -> bool:
    """Whether the engine that the environment names is on another machine: docker(1)."""
    name = "DOCKER_HOST" if engine == "docker" else "CONTAINER_HOST"
    return os.environ.get(name, "").startswith(("tcp://", "ssh://", "http://", "https://"))


def _words(sandbox: ContainerSandbox, argv: Sequence[str]) -> tuple[str, ...]:
    """The image with a program of our own in the place of the one that it would start."""
    return ("--entrypoint", argv[0], sandbox.image, *argv[1:])


async def _remove(engine: str, name: str, task: Task) -> None:
    """Remove a container and its volumes; one that ended by itself is gone already."""
    command = Command((engine, "rm", "--force", "--volumes", name), ok=tuple(range(256)))
    try:
        await run_process(command, lambda _lines, _replace: None)
    except FctuiError as error:
        task.log(error.message)
