"""A root file system as the whole world of a command: bwrap(1).

The root and what is shown in it are read-only, only /tmp can be written. No network, no process
and no variable of the host's; without rights, as root's command too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct

from fctui.tasks.command import Command

TMP_SIZE = 512 << 20
# Bytes of /tmp: what Function Compute and Lambda give a function by default.

NOBODY = 65534
# The user that every system has for what belongs to nobody.

NOT_SHOWN = frozenset(
    {"proc", "sys", "dev", "tmp", "run", "home", "root", "mnt", "media", "boot", "lost+found"}
)
# Top directories of a root that are the kernel's or somebody's, and no part of a system.


NAMES = ("/etc/resolv.conf", "/etc/hosts")
# What names of the network are looked up in: resolver(3).


class Leave(Struct, frozen=True):
    """What a command may have beyond the strictest: the places of `shown` that it may write to,
    the host's network, the terminal that it is started in, its own user in the place of nobody.

    A terminal has to be one that belongs to nobody else: whoever has one may type into it,
    ioctl_tty(2).
    """

    writable: frozenset[str] = frozenset()
    network: bool = False
    terminal: bool = False
    user: bool = False


STRICT = Leave()
# What a function has.


def isolated(
    root: Path,
    argv: Sequence[str],
    *,
    shown: Mapping[str, Path],
    env: Mapping[str, str],
    cwd: str = "/",
    leave: Leave = STRICT,
) -> Command:
    """A command in a root; `shown` are files and directories of the host by their paths inside."""
    words = ["bwrap", "--die-with-parent", "--hostname", "function"]
    words += [] if leave.terminal else ["--new-session"]
    words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    words += [] if leave.network else ["--unshare-net"]
    words += ["--unshare-cgroup-try"]
    drop = () if leave.user else _drop(root)
    if leave.user:
        words += ["--cap-drop", "ALL"] if os.geteuid() == 0 else ["--unshare-user"]
    elif drop:
        words += ["--cap-drop", "ALL"]
        for name in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_CHROOT"):
            words += ["--cap-add", name]
    else:
        words += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    for part in _spread(root, PurePosixPath("/"), [PurePosixPath(place) for place in shown]):
        words += part
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    words += ["--perms", "1777", "--size", str(TMP_SIZE), "--tmpfs", "/dev/shm"]  # noqa: S108
    words += ["--perms", "1777", "--size", str(TMP_SIZE), "--tmpfs", "/tmp"]  # noqa: S108
    words += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    for place, path in sorted(shown.items()):
        for above in reversed(PurePosixPath(place).parents[:-1]):
            words += ["--perms", "0755", "--dir", str(above)]
        bind = "--bind" if place in leave.writable else "--ro-bind"
        words += [bind, str(path.absolute()), place]
    words += ["--remount-ro", "/", "--clearenv"]
    for name, value in sorted(env.items()):
        words += ["--setenv", name, value]
    words += ["--chdir", cwd, "--"]
    return Command((*words, *drop, *argv))


def _drop(root: Path) -> tuple[str, ...]:
    """What makes root's command one of nobody: the root's own chroot(1), which is asked for no
    other root than the one that there is. Others are nobody in a name space of users.
    """
    if os.geteuid() != 0:
        return ()
    for place in ("usr/sbin/chroot", "usr/bin/chroot"):
        if (root / place).is_file():
            user = f"--userspec={NOBODY}:{NOBODY}"
            return (f"/{place}", user, "--groups=", "--skip-chdir", "/")
    return ()


def _spread(
    root: Path, here: PurePosixPath, mounts: Sequence[PurePosixPath]
) -> Iterator[tuple[str, ...]]:
    """Show a directory whole, or its entries one by one where something that is not in it is to
    be mounted below: nothing can be made in a read-only directory.
    """
    top = root / here.relative_to("/")
    yield "--perms", "0755", "--dir", str(here)  # by itself it may be 0700
    for entry in sorted(os.scandir(top), key=lambda entry: entry.name):
        place = here / entry.name
        if str(here) == "/" and entry.name in NOT_SHOWN:
            continue
        if place in mounts:
            continue
        if entry.is_symlink():
            yield "--symlink", os.readlink(entry.path), str(place)
        elif entry.is_dir():
            below = [mount for mount in mounts if mount.is_relative_to(place)]
            if all((root / mount.relative_to("/")).exists() for mount in below):
                yield "--ro-bind", entry.path, str(place)
            else:
                yield "--perms", "0755", "--dir", str(place)  # by itself it would be 0700
                yield from _spread(root, place, below)
        elif entry.is_file():
            yield "--ro-bind", entry.path, str(place)
