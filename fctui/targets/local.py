"""The running machine as a target, read from what it says of itself."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

from fctui.model.target import Certainty, Interpreter, Suite, Target

CAPTURED = ("glibc", "python", "node", "installed", "arch")


def local_target() -> Target:
    """The machine that fctui runs on: its release, glibc, architecture, Python and Node."""
    release = _os_release()
    distribution = release.get("ID", "linux")
    codename = release.get("VERSION_CODENAME", "")
    number = release.get("VERSION_ID", "")
    suite = Suite(name=codename, release=number) if distribution == "debian" and codename else None
    return Target(
        id="local",
        title=f"this machine ({release.get('PRETTY_NAME', platform.platform())})",
        provider="local",
        distribution=distribution,
        release=number,
        glibc=_glibc(),
        arch=platform.machine(),
        python=Interpreter(platform.python_version(), os.path.realpath(sys.executable)),
        node=_node(),
        suite=suite,
        presets={},
        certainty=dict.fromkeys(CAPTURED, Certainty.CAPTURED),
        sources=("this machine",),
    )


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _glibc() -> tuple[int, int]:
    """The version of glibc as confstr(3) tells it; (0, 0) where the libc is another."""
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
        major, minor, *_ = text.removeprefix("glibc ").split(".")
        return int(major), int(minor)
    except (ValueError, OSError):
        return 0, 0


def _node() -> Interpreter | None:
    program = shutil.which("node")
    if program is None:
        return None
    asked = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=10, check=False
    )
    version = asked.stdout.strip().removeprefix("v")
    return Interpreter(version, program) if version else None
