"""A sandbox of a root file system on this machine, by bubblewrap."""

from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.model.paths import MOST_LINKS
from fctui.sandbox.execute import TOOLS
from fctui.sandbox.isolate import NAMES, NOT_SHOWN, STRICT, Leave, isolated
from fctui.tasks.command import Command, Completed
from fctui.tasks.missing import how_to_install
from fctui.tasks.process import Emit, run_process
from fctui.tasks.task import Task

_FORMATS = Path("/proc/sys/fs/binfmt_misc")
# What the kernel starts with the help of an interpreter: its binfmt-misc documentation.

_MACHINES = {"x86_64": 62, "aarch64": 183}
# e_machine in the head of their ELF files: elf(5).

EMULATORS = ("qemu-user-static", "binfmt-support")


class RootedSandbox(Struct, frozen=True):
    """`root` as the whole world, the bundle read-only at its place, and `shown` beside it."""

    title: str
    root: Path
    bundle: Path
    code_dir: str
    env: Mapping[str, str]
    shown: Mapping[str, Path] = {}

    async def has(self, programs: Sequence[str], task: Task) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Those of the absolute paths that are programs of the root."""
        found = []
        for program in programs:
            inside = real_path(self.root, program)
            if inside is None or not os.access(inside, os.X_OK):
                continue
            tops = {program.split("/")[1], inside.relative_to(self.root).parts[0]}
            if not tops & NOT_SHOWN:
                found.append(program)
        return tuple(found)

    async def run(
        self,
        argv: Sequence[str],
        tools: Path,
        task: Task,
        emit: Emit,
        *,
        log_stdout: bool = True,
    ) -> Completed:
        """Run a command in it."""
        command = self.attached(argv, tools)
        task.show(command)
        return await run_process(command, emit, log_stdout=log_stdout)

    def attached(self, argv: Sequence[str], tools: Path, leave: Leave = STRICT) -> Command:
        """The same command for whoever starts it with streams of their own."""
        shown = {**self.shown, self.code_dir: self.bundle, TOOLS: tools}
        if leave.network:
            shown |= {place: Path(place) for place in NAMES if Path(place).is_file()}
        return isolated(self.root, argv, shown=shown, env=self.env, cwd=self.code_dir, leave=leave)


def real_path(root: Path, path: str) -> Path | None:
    """Where an absolute path of a root leads, links followed within the root; None: nowhere."""
    rest = [part for part in path.split("/") if part]
    here: list[str] = []
    for _ in range(MOST_LINKS * 8):
        if not rest:
            return root.joinpath(*here)
        part = rest.pop(0)
        if part == "..":
            here = here[:-1]
            continue
        if part == ".":
            continue
        place = root.joinpath(*here, part)
        if place.is_symlink():
            target = os.readlink(place)
            here = [] if target.startswith("/") else here
            rest = [word for word in target.split("/") if word] + rest
        elif place.exists():
            here.append(part)
        else:
            return None
    return None


def check_root(root: Path) -> None:
    """Raise UsageError for a directory that is no root file system."""
    if not root.is_dir() or not any(real_path(root, name) for name in ("/usr/lib", "/lib")):
        raise UsageError(
            f"{root} is not a root file system: it has no /usr/lib.",
            hint="Make one with mmdebstrap, or leave out --sandbox.",
        )


def why_foreign(arch: str) -> str:
    """Why programs of an architecture (the kernel's name) do not run here; "" where they do, by
    themselves or by an emulator, if the kernel starts that for them (binfmt_misc).
    """
    here = platform.machine()
    if here == arch:
        return ""
    if _is_emulated(arch):
        return ""
    cure = how_to_install(*EMULATORS)
    return f"this machine ({here}) cannot run what is for {arch} without QEMU ({cure})"


def _is_emulated(arch: str) -> bool:
    """Whether the kernel starts an emulator for an architecture, whatever its name, and has it open
    (the flag F), for no root has it inside.
    """
    number = _MACHINES.get(arch)
    if number is None:
        return False
    head = f"7f454c460201.{{24}}{number.to_bytes(2, 'little').hex()}"
    with suppress(OSError):
        for entry in _FORMATS.iterdir():
            try:
                text = entry.read_text()
            except OSError:  # what it is told by cannot be read
                continue
            ours = re.search(f"^magic {head}", text, re.MULTILINE)
            kept = re.search(r"^flags: .*F", text, re.MULTILINE)
            if text.startswith("enabled") and ours and kept:
                return True
    return False


@functools.cache
def unavailable() -> str:
    """Why no sandbox can be had on this machine; "" where it can."""
    program = shutil.which("bwrap")
    if program is None:
        return f"bubblewrap is not on this machine ({how_to_install('bubblewrap')})"
    own = [] if os.geteuid() == 0 else ["--unshare-user"]
    probe = [program, *own, "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-pid"]
    probe += ["--unshare-net", "true"]
    try:
        done = subprocess.run(probe, capture_output=True, timeout=10, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run: {error}"
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().splitlines()
    return "the system allows no name spaces" + (f": {said[-1]}" if said else "")
