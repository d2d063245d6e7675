"""The programs that fctui works with, found on this host."""

from __future__ import annotations

import asyncio
import platform
import re
import shutil
import sys
from pathlib import Path

from msgspec import Struct, field

from fctui.model.errors import FctuiError
from fctui.sandbox.rooted import EMULATORS, why_foreign
from fctui.tasks.command import Command
from fctui.tasks.missing import how_to_install
from fctui.tasks.process import run_process

PATIENCE = 20
# Seconds for a tool to tell its version: java takes one on a cold disk, a hanging mount for ever.

MACHINES = ("x86_64", "aarch64")
# The processors that targets have, by the kernel's names.

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Tool(Struct, frozen=True):
    """A program or file: `path` and `version` are "" where it is missing, `purpose` is what it is
    for, `hint` how to come by it.
    """

    name: str
    path: str
    version: str
    purpose: str = field(name="for")
    ok: bool
    hint: str = ""


class _Wanted(Struct, frozen=True):
    name: str
    purpose: str
    hint: str = ""
    package: str = ""
    ask: str = "--version"

    @property
    def cure(self) -> str:
        """What to do where it is missing."""
        return how_to_install(self.package) if self.package else self.hint


_WANTED = (
    _Wanted("apt-get", "resolving debs", "without it fctui does that itself, from [apt] mirror"),
    _Wanted("dpkg-deb", "the tests' second opinion on debs", package="dpkg"),
    _Wanted("gpgv", "verifying the signatures of suites", "install GnuPG, or fctui[openpgp]"),
    _Wanted("node", "running npm", package="nodejs"),
    _Wanted("bwrap", "running packages' code away from the host", package="bubblewrap"),
    _Wanted("mmdebstrap", "root file systems to verify bundles in", "without it fctui makes them"),
    _Wanted("strip", "the rule symbols of fctui prune", package="binutils"),
    _Wanted("mvn", "resolving Maven artifacts", package="maven"),
    _Wanted("java", "running mvn", package="default-jre-headless", ask="-version"),
)


async def find_tools() -> list[Tool]:
    """Every tool with its version, asked of the tools themselves, all at once."""
    asked = [_uv(), asyncio.to_thread(_pip), _npm(), _patchelf(), *map(_find, _WANTED)]
    asked += [_emulator(arch) for arch in MACHINES if arch != platform.machine()]
    return [_python(), *await asyncio.gather(*asked), _keyring()]


def _python() -> Tool:
    version = ".".join(map(str, sys.version_info[:3]))
    return Tool("python", sys.executable, version, "running fctui", ok=True)


async def _uv() -> Tool:
    purpose, hint = "resolving pip packages", "pip install uv"
    try:
        import uv

        path = uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        return Tool("uv", "", "", purpose, ok=False, hint=hint)
    version = await _version((path, "--version"))
    return Tool("uv", path, version, purpose, ok=bool(version), hint=hint)


def _pip() -> Tool:
    purpose = "the reference resolver"
    try:
        from pip_api._version import version  # the package re-exports it without saying so

        return Tool("pip", f"{sys.executable} -m pip", version(), purpose, ok=True)
    except Exception:  # noqa: BLE001 - pip_api runs pip when it is imported, whatever that raises
        return Tool("pip", "", "", purpose, ok=False, hint="python -m ensurepip")


async def _npm() -> Tool:
    from fctui.managers.npm.program import HINT, find_npm, is_too_old

    purpose, path = "resolving npm packages", find_npm()
    if path is None:
        return Tool("npm", "", "", purpose, ok=False, hint=f"{how_to_install('npm')}, then {HINT}")
    version = await _version((path, "--version"))
    hint = f"too old: {HINT}" if version else HINT
    return Tool("npm", path, version, purpose, ok=not is_too_old(version), hint=hint)


async def _patchelf() -> Tool:
    from fctui.bundle.runpath.patch import HINT, find_patchelf

    purpose, path = "libraries that find each other, [bundle] rpath", find_patchelf()
    version = await _version((path, "--version")) if path else ""
    return Tool("patchelf", path or "", version, purpose, ok=bool(version), hint=HINT)


async def _emulator(arch: str) -> Tool:
    """QEMU for a processor that targets have and this machine has not."""
    path = shutil.which(f"qemu-{arch}-static") or shutil.which(f"qemu-{arch}") or ""
    version = await _version((path, "--version")) if path else ""
    purpose, ok = f"trying bundles for {arch}", not why_foreign(arch)
    return Tool(f"qemu-{arch}", path, version, purpose, ok=ok, hint=how_to_install(*EMULATORS))


def _keyring() -> Tool:
    ok = KEYRING.is_file()
    path, hint = str(KEYRING) if ok else "", "without it fctui's own copy of them counts"
    return Tool("debian-archive-keyring", path, "", "the keys that sign suites", ok=ok, hint=hint)


async def _find(wanted: _Wanted) -> Tool:
    path = shutil.which(wanted.name)
    if path is None:
        return Tool(wanted.name, "", "", wanted.purpose, ok=False, hint=wanted.cure)
    version = await _version((path, wanted.ask))
    return Tool(wanted.name, path, version, wanted.purpose, ok=bool(version), hint=wanted.cure)


async def _version(argv: tuple[str, ...]) -> str:
    """The first number with dots that the tool prints, "" where it prints none or does not run."""
    lines: list[str] = []

    def take(more: tuple[str, ...], _replace: bool) -> None:  # noqa: FBT001 - process.Emit
        lines.extend(more)

    try:
        async with asyncio.timeout(PATIENCE):
            await run_process(Command(argv), take, log_stdout=True)
    except (FctuiError, TimeoutError):
        return ""
    found = re.search(r"\d+(?:\.\d+)+", "\n".join(lines))
    return found.group(0) if found else ""
