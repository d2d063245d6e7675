"""Running mmdebstrap(1): confined, without a network, with a repository of our own."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from fctui.model.errors import MissingToolError
from fctui.sandbox.rooted import unavailable
from fctui.tasks.command import Command
from fctui.tasks.task import Task

HOOKS = Path("/usr/share/mmdebstrap/hooks")
_NEEDED_HOOKS = ("maybe-merged-usr", "file-mirror-automount")

CAPABILITIES = (
    *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "SETFCAP"),
    *("SYS_CHROOT", "SYS_ADMIN", "KILL"),
)
# What unpacking, mounting and changing into a root takes: capabilities(7). No devices, no modules.

_NOT_KEPT = ("./etc/resolv.conf", "./etc/hostname", "./dev/*", "./var/cache/apt/*")
# The first two are the host's: mmdebstrap copies them for the network.


async def make_root(
    room: Path, repository: Path, packages: Sequence[str], arch: str, task: Task
) -> Path:
    """A root file system of the packages, in `room`. Raises TaskError where it cannot be made."""
    archive, work = room / "root.tar", room / "work"
    work.mkdir()
    await task.run(_command(room, repository, packages, arch, archive), log_stdout=True)
    made = room / "root"
    made.mkdir()
    await task.run(_unpack(archive, made))
    await asyncio.to_thread(archive.unlink)
    return made


def unusable() -> str:
    """Why mmdebstrap cannot be used here; "" where it can."""
    if shutil.which("mmdebstrap") is None or not all(
        (HOOKS / name).is_dir() for name in _NEEDED_HOOKS
    ):
        return "mmdebstrap is not on this machine"
    if not _mode():
        return "mmdebstrap needs a range of user numbers to work without root's rights"
    return ""


def _command(
    room: Path, repository: Path, packages: Sequence[str], arch: str, archive: Path
) -> Command:
    hooks = [word for name in _NEEDED_HOOKS for word in ("--hook-dir", str(HOOKS / name))]
    argv = (
        *("mmdebstrap", f"--mode={_mode()}", "--variant=minbase", f"--architectures={arch}"),
        *((f"--include={','.join(packages)}",) if packages else ()),
        *("--skip=output/dev,output/mknod", "--dpkgopt=force-unsafe-io", "--format=tar"),
        *hooks,
        *("", str(archive), f"deb [trusted=yes] file://{repository} ./"),
    )
    env = {"TMPDIR": str(room / "work"), "DEBIAN_FRONTEND": "noninteractive"}
    if os.geteuid() != 0:
        return Command(argv, env=env, cwd=room)
    return Command((*_wrapped(room), *argv), env=env, cwd=room)


def _wrapped(room: Path) -> tuple[str, ...]:
    """Root's command without root's power: its mounts are gone with it, and so is the network."""
    why = unavailable()
    if why:
        raise MissingToolError(
            f"No root file system can be made: {why}.",
            hint="Name a container image with --sandbox docker:IMAGE.",
        )
    words = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-net", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    words += ["--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var/tmp"]  # noqa: S108 - emptied
    words += ["--bind", str(room), str(room), "--cap-drop", "ALL"]
    for name in CAPABILITIES:
        words += ["--cap-add", f"CAP_{name}"]
    return (*words, "--")


def _mode() -> str:
    """How mmdebstrap gets the rights that it needs; "" where it cannot."""
    if os.geteuid() == 0:
        return "root"
    if shutil.which("newuidmap") and _has_range("/etc/subuid"):
        return "unshare"
    return "fakechroot" if shutil.which("fakechroot") and shutil.which("fakeroot") else ""


def _has_range(table: str) -> bool:
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        lines = Path(table).read_text(encoding="utf-8").splitlines()
    except (KeyError, OSError):
        return False
    return any(line.split(":")[0] in {name, str(os.geteuid())} for line in lines)


def _unpack(archive: Path, into: Path) -> Command:
    """Everything as this user's own, no file with the rights of another: tar(1)."""
    argv = ["tar", "-xf", str(archive), "-C", str(into), "--no-same-owner"]
    argv += ["--no-same-permissions", "--delay-directory-restore"]
    return Command((*argv, *(f"--exclude={name}" for name in _NOT_KEPT)))


def finish(made: Path) -> None:
    """Add what containers have beside their packages; make directories ones that all may enter
    whom they let in, this user among them.
    """
    texts = {"hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost\n", "hostname": "function\n"}
    for name, text in texts.items():
        place = made / "etc" / name
        place.unlink(missing_ok=True)  # it could be a link into the store
        place.write_text(text, encoding="utf-8")
    for directory, names, _ in os.walk(made):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode & 0o777 | 0o700)
