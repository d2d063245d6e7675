"""npm's own default registry, asked from npm itself once for each npm that is installed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.lock import Lock
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.program import find_npm, identity, require_npm
from fctui.model.errors import MissingToolError
from fctui.tasks.command import Command
from fctui.tasks.task import Task

MEMORY = "npm-defaults"


def defaults_command(npm: str) -> Command:
    """Lists npm's configuration as it is without any file or variable of the user's."""
    unset = {name: "" for name in os.environ if name.lower().startswith("npm_config_")}
    # Two names, because npm refuses to read one file as both.
    nowhere = {"npm_config_userconfig": os.devnull, "npm_config_globalconfig": "/npmrc.none"}
    argv = (npm, "config", "list", "--long", "--json")
    return Command(argv, {**unset, **nowhere}, Path("/"))


async def read_config(
    context: Context, directory: Path, lock: Lock | None, task: Task
) -> NpmConfig:
    """The settings in force in a directory.

    npm is started only where its built-in registry matters: to recognize its host in a lock, or
    for packages of which the lock does not say where they are. Raises MissingToolError where npm is
    too old, or missing for the latter.
    """
    settings = effective_settings(directory)
    config = NpmConfig(settings)
    nameless = not config.registry and lock is not None and _has_unresolved(lock)
    mirrored = bool(config.registry) and config.replaced_host == "never"
    mirrored = mirrored and settings.get("replace-registry-host", "npmjs") == "npmjs"
    if not nameless and not mirrored:
        return config
    program = find_npm()
    if program is None:
        if nameless:
            raise MissingToolError(
                "The lock does not say where its packages are, and npm, whose registry would be "
                "asked, is not on this machine.",
                hint="Name the registry in .npmrc (registry=https://...), or install npm.",
            )
        return config
    return NpmConfig(settings, await _default_registry(context, program, task))


async def read_registry(context: Context, directory: Path, task: Task) -> NpmConfig:
    """The settings in force in a directory, with npm's built-in registry where they name none and
    npm is here to tell it.
    """
    config = NpmConfig(effective_settings(directory))
    program = None if config.registry else find_npm()
    if program is None:
        return config
    return NpmConfig(config.settings, await _default_registry(context, program, task))


def _has_unresolved(lock: Lock) -> bool:
    return any(
        place and entry.version and not entry.source and not entry.in_bundle and not entry.link
        for place, entry in lock.packages.items()
    )


async def _default_registry(context: Context, program: str, task: Task) -> str:
    key = identity(program)
    kept = context.store.recall(MEMORY, key)
    if kept is None:
        npm = await require_npm(context, task)
        done = await task.run(defaults_command(npm.name if npm else program))
        try:
            found = json.loads(done.stdout).get("registry")
        except ValueError:
            found = None
        kept = str(found or "").encode()
        context.store.keep(MEMORY, key, kept)
    return kept.decode()
