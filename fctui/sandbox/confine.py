"""Wrapping a command so that it can neither write to the host nor read its secrets: bwrap(1)."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from fctui.sandbox.isolate import NAMES, Leave, isolated
from fctui.sandbox.rooted import real_path
from fctui.tasks.command import Command

_KEPT = frozenset(
    {"PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
)
# Nothing else of the host's environment is handed in: tokens live there.

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Of a root file system, where the host's own means nothing.


@functools.cache
def available() -> bool:
    """Whether bubblewrap is here and may make its name spaces (many containers forbid it)."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    probe = [program, "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "true"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def confined(
    command: Command,
    *,
    writable: Iterable[Path],
    network: bool,
    readable: Iterable[Path] = (),
    root: Path | None = None,
) -> Command:
    """The same command with the host read-only but for `writable`, which must exist; or with
    `root` in the place of the host, of which there are only `readable`, `writable` and, where
    `root` has it not, the program.

    The home directories, /tmp and /run are empty but for this Python, `readable` and `writable`.
    Of the host's environment only PATH, locale, proxies and certificates are handed in; without
    `network` there is only loopback. The command ends with its parent, and has no rights beyond
    those of its user: root's is root without capabilities(7).
    """
    if root is not None:
        return _in_root(command, root, tuple(writable), tuple(readable), network=network)
    argv = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    argv += ["--cap-drop", "ALL"]  # root could mount the host writable again
    argv += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    hidden = [place for place in _hidden_places() if Path(place).is_dir()]
    for place in hidden:
        argv += ["--tmpfs", place]
    if not network:
        argv += ["--unshare-net"]
    shown = [*_needed(command), *readable]
    bound: list[str] = []
    for path in dict.fromkeys(str(path.absolute()) for path in shown if path.exists()):
        inside = any(Path(path).is_relative_to(place) for place in bound)
        # What lies in a shown directory is shown: bwrap 0.8 cannot bind over a link there.
        if not inside and any(Path(path).is_relative_to(place) for place in hidden):
            argv += ["--ro-bind", path, path]
            bound.append(path)
    for path in dict.fromkeys(str(path.absolute()) for path in writable):
        argv += ["--bind", path, path]
    argv += ["--clearenv"]
    for name, value in sorted(_variables(command, HOME=str(Path.home())).items()):
        argv += ["--setenv", name, value]
    if command.cwd is not None:
        argv += ["--chdir", str(command.cwd)]
    return Command((*argv, "--", *command.argv), ok=command.ok)


def _in_root(
    command: Command,
    root: Path,
    writable: tuple[Path, ...],
    readable: tuple[Path, ...],
    *,
    network: bool,
) -> Command:
    names = NAMES if network else ()
    program = Path(shutil.which(command.argv[0]) or command.argv[0])
    brought = () if real_path(root, command.argv[0]) else (program,)
    seen = [
        *(path for path in (*brought, *readable, *map(Path, names)) if path.exists()),
        *writable,
    ]
    shown = {str(path.absolute()): path for path in seen}
    leave = Leave(frozenset(str(path.absolute()) for path in writable), network=network, user=True)
    env = _variables(command, HOME="/tmp", PATH=_PATH)  # noqa: S108 - the sandbox's own
    cwd = str(command.cwd or "/")
    wrapped = isolated(root, command.argv, shown=shown, env=env, cwd=cwd, leave=leave)
    return Command(wrapped.argv, ok=command.ok)


def _variables(command: Command, **instead: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    return {**kept, **instead, "LC_ALL": "C.UTF-8", **command.env}


def _hidden_places() -> tuple[str, ...]:
    """Where a host keeps what is nobody's business, outer directories before inner ones."""
    places = ("/home", "/root", str(Path.home()), "/tmp", "/var/tmp", "/run", "/mnt", "/media")  # noqa: S108 - emptied, not used
    return tuple(sorted(set(places), key=len))


def _needed(command: Command) -> list[Path]:
    """What the command cannot start without, where it may lie in a hidden place."""
    program = shutil.which(command.argv[0]) or command.argv[0]
    places = [Path(sys.prefix), Path(sys.base_prefix), Path(program).parent]
    places.append(Path(program).resolve().parent)
    resolver = Path("/etc/resolv.conf").resolve()
    return [*places, resolver]


def _is_kept(name: str) -> bool:
    return name.upper() in _KEPT or name.startswith("LC_")
