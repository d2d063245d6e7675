"""The running machine as a target, read from what it says of itself."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from fctui.model.errors import UsageError
from fctui.model.target import Certainty, Interpreter, Target
from fctui.targets.suites import suite_of

_DPKG_STATUS = Path("/var/lib/dpkg/status")
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "aarch64"}
_NODE_SECONDS = 2.0
# `node --version` takes 10 ms; a wrapper that downloads Node first is not waited for.


def local_target() -> Target:
    """The machine that fctui runs on: its release, glibc, architecture, Python and Node.

    What dpkg has installed need not be in a bundle for it. Raises UsageError where bundles cannot
    be made for it: not Linux, another C library than glibc, another processor.
    """
    arch = _ARCHITECTURES.get(platform.machine())
    glibc = _glibc()
    if sys.platform != "linux" or arch is None or glibc is None:
        raise UsageError(
            f"This machine ({platform.system()}, {platform.machine()}) cannot be a target.",
            hint="Bundles are for Linux with glibc on x86_64 or aarch64; name another target.",
        )
    release = _os_release()
    distribution = release.get("ID", "linux")
    installed = _installed()
    node = _node()
    known = ["glibc", "arch", "python", "suite" if distribution == "debian" else ""]
    known += ["node" if node else "", "installed" if installed else ""]
    certainty = dict.fromkeys((fact for fact in known if fact), Certainty.CAPTURED)
    if distribution != "debian":
        certainty["suite"] = Certainty.ASSUMED
    return Target(
        id="local",
        title=f"this machine ({release.get('PRETTY_NAME') or distribution})",
        provider="local",
        distribution=distribution,
        release=release.get("VERSION_ID", ""),
        glibc=glibc,
        arch=arch,
        python=Interpreter(platform.python_version(), os.path.realpath(sys.executable)),
        node=node,
        suite=suite_of(release, glibc),
        installed=installed,
        certainty={**certainty, "code_dir": Certainty.ASSUMED},
        sources=("os-release(5), confstr(3) and dpkg's status of this machine",),
    )


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _glibc() -> tuple[int, int] | None:
    """The version of glibc as confstr(3) tells it; None where the libc is another."""
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return None
    found = re.fullmatch(r"glibc (\d+)\.(\d+).*", text)
    return (int(found[1]), int(found[2])) if found else None


def _installed() -> tuple[str, ...]:
    """The packages that dpkg has installed, sorted; none where there is no dpkg."""
    try:
        status = _DPKG_STATUS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    found = re.findall(r"^Package: (\S+)\nStatus: \S+ \S+ installed$", status, re.MULTILINE)
    return tuple(sorted(set(found)))


def _node() -> Interpreter | None:
    """Node as PATH has it; its header tells the version without starting it, where it is there."""
    program = shutil.which("node")
    if program is None:
        return None
    version = _header_version(Path(os.path.realpath(program))) or _asked_version(program)
    return Interpreter(version, program) if version else None


def _header_version(program: Path) -> str:
    """The version in `include/node/node_version.h`, which the official archives have."""
    try:
        header = (program.parent.parent / "include/node/node_version.h").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    parts = [
        found[1]
        for part in ("MAJOR", "MINOR", "PATCH")
        if (found := re.search(rf"^#define NODE_{part}_VERSION (\d+)$", header, re.MULTILINE))
    ]
    return ".".join(parts) if len(parts) == 3 else ""


def _asked_version(program: str) -> str:
    try:
        asked = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_NODE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    found = re.fullmatch(r"v(\d+\.\d+\.\d+)\S*", asked.stdout.strip())
    return found[1] if found else ""
