"""What a writable shell has beside the target: pip and npm, to install by hand.

A minimal system has neither. pip is the wheel that virtualenv brings, run by the target's own
Python; npm is this machine's, run by the target's Node. They lie behind everything else in PATH.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.program import find_npm
from fctui.managers.pip.config import PipConfig, read_config
from fctui.managers.pip.virtual_environment import seed_wheels
from fctui.sandbox.container import ContainerSandbox
from fctui.sandbox.execute import TOOLS
from fctui.sandbox.rooted import RootedSandbox
from fctui.workflow.sandboxes import Stand

Box = RootedSandbox | ContainerSandbox

_PIP = '#!/bin/sh\nexec {python} {tools}/pip.whl/pip "$@"\n'
_NPM = '#!/bin/sh\nexec {node} {tools}/npm/bin/npm-cli.js "$@"\n'


async def put_tools(
    context: Context, sandbox: Box, stands: Stand, tools: Path, *, network: bool
) -> Box:
    """The sandbox with pip and npm, as far as their languages are there. With `network` they have
    the indexes and certificates of the user's own configuration, passwords in URLs included.
    """
    programs = tools / "bin"
    programs.mkdir(mode=0o755)
    env = {"npm_config_cache": "/tmp/.npm", "npm_config_update_notifier": "false"}  # noqa: S108 - the sandbox's
    env |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
    env |= {"PIP_NO_COMPILE": "1"}
    shown: dict[str, Path] = {}
    if stands.python:
        wheels = dict(await asyncio.to_thread(seed_wheels, context.target))
        shutil.copyfile(wheels["pip"], tools / "pip.whl")
        _program(programs / "pip", _PIP.format(python=stands.python, tools=TOOLS))
        if network:
            env |= _pip_variables(read_config(), tools, shown)
    npm = _npm_directory()
    if stands.node and npm is not None and isinstance(sandbox, RootedSandbox):
        shown[f"{TOOLS}/npm"] = npm
        (tools / "npm").mkdir()
        _program(programs / "npm", _NPM.format(node=stands.node, tools=TOOLS))
        if network:
            env |= _npm_variables(effective_settings(context.project.root), tools)
    env["PATH"] = f"{sandbox.env.get('PATH', '')}:{TOOLS}/bin"
    sandbox = structs.replace(sandbox, env={**env, **sandbox.env, "PATH": env["PATH"]})
    if isinstance(sandbox, RootedSandbox):
        return structs.replace(sandbox, shown={**sandbox.shown, **shown})
    return sandbox


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _pip_variables(config: PipConfig, tools: Path, shown: dict[str, Path]) -> dict[str, str]:
    """The user's pip configuration as variables; directories of wheels are shown where they are."""
    wanted = {
        "PIP_INDEX_URL": config.index_url,
        "PIP_EXTRA_INDEX_URL": " ".join(config.extra_index_urls),
        "PIP_NO_INDEX": "1" if config.no_index else "",
        "PIP_PROXY": config.proxy,
        "PIP_TRUSTED_HOST": " ".join(config.trusted_hosts),
        "PIP_CERT": _copied(config.cert, tools / "pip.pem"),
    }
    links = [link for link in config.find_links if "://" in link or Path(link).is_dir()]
    shown |= {link: Path(link) for link in links if link.startswith("/")}
    wanted["PIP_FIND_LINKS"] = " ".join(links)
    return {name: value for name, value in wanted.items() if value}


def _npm_variables(settings: Mapping[str, str], tools: Path) -> dict[str, str]:
    """The user's registry and certificates; tokens stay outside."""
    wanted = {
        "npm_config_registry": settings.get("registry", ""),
        "npm_config_cafile": _copied(settings.get("cafile", ""), tools / "npm.pem"),
        "npm_config_proxy": settings.get("proxy", ""),
        "npm_config_https_proxy": settings.get("https-proxy", ""),
    }
    return {name: value for name, value in wanted.items() if value}


def _copied(source: str, place: Path) -> str:
    """A file of the host in the tools, as the sandbox names it; "" where there is none."""
    if not source or not Path(source).is_file():
        return ""
    shutil.copyfile(source, place)
    place.chmod(0o644)
    return f"{TOOLS}/{place.name}"


def _npm_directory() -> Path | None:
    """The npm of this machine, where it is a directory that needs nothing else, as in Node's own
    archives; Debian's is spread over many packages.
    """
    program = find_npm()
    if program is None:
        return None
    place = Path(os.path.realpath(program)).parent.parent
    return place if (place / "bin/npm-cli.js").is_file() else None
