"""Wrapping a command so that what it runs cannot write to the host: bwrap(1)."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from fctui.tasks.command import Command


@functools.cache
def available() -> bool:
    """Whether bubblewrap is here and may make its name spaces (many containers forbid it)."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    probe = [program, "--ro-bind", "/", "/", "--unshare-pid", "--unshare-ipc", "true"]
    return subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0


def confined(command: Command, *, writable: Iterable[Path], network: bool) -> Command:
    """The same command with the host read-only but for `writable`, which must exist.

    Home, /tmp and /run are empty, of the environment only PATH, locale, proxies and certificates
    remain beside the command's own; without `network` there is only loopback.
    """
    home = str(Path.home())
    argv = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc"]
    argv += ["--unshare-uts", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    argv += ["--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108 - the sandbox's own
    if not network:
        argv += ["--unshare-net"]
    elif os.path.exists("/run/systemd/resolve"):
        argv += ["--ro-bind", "/run/systemd/resolve", "/run/systemd/resolve"]
    argv += ["--clearenv"]
    kept = {name: value for name, value in os.environ.items() if _kept(name)}
    for name, value in sorted({**kept, "HOME": home, **command.env}.items()):
        argv += ["--setenv", name, value]
    for path in writable:
        argv += ["--bind", str(path), str(path)]
    if command.cwd is not None:
        argv += ["--chdir", str(command.cwd)]
    return Command((*argv, "--", *command.argv), ok=command.ok)


def _kept(name: str) -> bool:
    """Whether a variable of the host is handed in: never tokens or credentials of other tools."""
    upper = name.upper()
    return (
        upper in {"PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}
        or upper.startswith("LC_")
        or upper in {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    )
