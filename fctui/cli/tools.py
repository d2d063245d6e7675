"""The programs that fctui works with, found on this host."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct, field


class Tool(Struct, frozen=True):
    """A program: `path` and `version` are "" where it is missing, `purpose` is what it is for."""

    name: str
    path: str
    version: str
    purpose: str = field(name="for")
    ok: bool
    hint: str = ""


class _Wanted(Struct, frozen=True):
    name: str
    argv: tuple[str, ...]
    purpose: str
    hint: str


_WANTED = (
    _Wanted("apt-get", ("--version",), "resolving and updating debs", "Debian or Ubuntu has it"),
    _Wanted("dpkg-deb", ("--version",), "comparing with dpkg's own view", "apt install dpkg"),
    _Wanted("gpgv", ("--version",), "verifying the signatures of suites", "apt install gpgv"),
    _Wanted("node", ("--version",), "running npm", "apt install nodejs"),
    _Wanted("npm", ("--version",), "resolving npm packages", "apt install npm"),
    _Wanted(
        "bwrap", ("--version",), "building sdists away from the host", "apt install bubblewrap"
    ),
    _Wanted("mvn", ("--version",), "resolving Maven artifacts", "apt install maven"),
    _Wanted("java", ("-version",), "running mvn", "apt install default-jre-headless"),
)


def find_tools() -> list[Tool]:
    """Every tool with its version, asked of the tools themselves, all at once."""
    with ThreadPoolExecutor() as threads:
        return [_python(), _uv(), _pip(), *threads.map(_find, _WANTED)]


def _python() -> Tool:
    version = ".".join(map(str, sys.version_info[:3]))
    return Tool("python", sys.executable, version, "running fctui", ok=True)


def _uv() -> Tool:
    try:
        import uv

        path = uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        return Tool("uv", "", "", "resolving pip packages", False, "pip install uv")
    return Tool("uv", path, _version((path, "--version")), "resolving pip packages", ok=True)


def _pip() -> Tool:
    try:
        import pip_api

        version = str(pip_api.version())
    except Exception as error:  # noqa: BLE001 - pip_api runs pip when it is imported
        return Tool("pip", "", "", "the reference resolver", ok=False, hint=str(error)[:80])
    return Tool("pip", f"{sys.executable} -m pip", version, "the reference resolver", ok=True)


def _find(wanted: _Wanted) -> Tool:
    path = shutil.which(wanted.name)
    if path is None:
        return Tool(wanted.name, "", "", wanted.purpose, ok=False, hint=wanted.hint)
    version = _version((path, *wanted.argv))
    return Tool(wanted.name, path, version, wanted.purpose, ok=bool(version), hint=wanted.hint)


def _version(argv: tuple[str, ...]) -> str:
    """The first number with dots that the tool prints."""
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return found.group(0) if found else ""
