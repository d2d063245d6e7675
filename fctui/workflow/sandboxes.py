"""Choosing the sandbox for a bundle, and the interpreters in it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from fctui.bundle.manifest import Manifest
from fctui.managers.interface import Context
from fctui.model.errors import MissingToolError, TaskError, UsageError
from fctui.model.target import Interpreter
from fctui.sandbox.container import ContainerSandbox, is_remote
from fctui.sandbox.execute import Sandbox
from fctui.sandbox.rooted import RootedSandbox, check_root, unavailable, why_foreign
from fctui.workflow.borrow import borrowed

_DEBIAN_NODE = "/usr/bin/node"
# Where Debian's own package nodejs has it.


class NoSandboxError(UsageError):
    """Nothing can be run on this machine; `why` says so in a few words."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"No sandbox can be had here: {why}.",
            hint="Name a container's image with --sandbox docker:IMAGE.",
        )
        self.why = why


class Stand(Struct, frozen=True):
    """Where trials are made. `plain` is the target as it is, `with_node` where its Node is;
    `python` and `node` are their paths inside, or "" with the reason.
    """

    title: str
    plain: Sandbox
    with_node: Sandbox
    python: str
    node: str
    why_no_python: str = ""
    why_no_node: str = ""
    notes: tuple[str, ...] = ()


async def open_stands(
    context: Context,
    bundle: Path,
    manifest: Manifest,
    env: Mapping[str, str],
    wanted: str,
    *,
    node: bool | None = None,
    beside: Mapping[str, Path] | None = None,
) -> Stand:
    """The sandboxes for a bundle, see `verify`. `node` says whether Node is needed; else it is
    where the bundle has something for it. `beside` are directories by their places there. Raises
    NoSandboxError where none is possible and none was asked for, and FctuiError.
    """
    node = has_node(manifest) if node is None else node
    kind, _, name = wanted.partition(":")
    bundle = Path(os.path.abspath(bundle))  # noqa: ASYNC240 - nothing is read
    target = context.target
    beside = beside or {}
    if kind in {"docker", "podman"} and name and beside:
        raise UsageError(
            "Layers cannot be laid out in a container.",
            hint="Leave out --sandbox, or a rootfs:DIR.",
        )
    if kind in {"docker", "podman"} and name:
        return await _container(context, bundle, env, _engine(kind), name)
    if wanted and (kind != "rootfs" or not name):
        raise UsageError(
            f"There is no sandbox {wanted!r}.",
            hint="One of docker:IMAGE, podman:IMAGE, rootfs:DIR; without it one is made.",
        )
    why = unavailable() or why_foreign(target.arch)
    if why and wanted:
        raise MissingToolError(
            f"No sandbox can be had here: {why}.",
            hint="fctui check tells what can be known without one.",
        )
    if why:
        raise NoSandboxError(why)
    if wanted or target.id == "local":
        root = Path(os.path.abspath(name or "/"))  # noqa: ASYNC240 - no system call worth a thread
        check_root(root)
        title = f"bubblewrap, {root}" if wanted else f"bubblewrap, {target.title}"
        return await _rooted(context, bundle, env, title, root, None, beside, node=node)
    return await _made(context, bundle, env, beside, node=node)


async def _made(
    context: Context,
    bundle: Path,
    env: Mapping[str, str],
    beside: Mapping[str, Path],
    *,
    node: bool,
) -> Stand:
    """In root file systems of the target's release."""
    from fctui.managers.apt.stand_in import stand_in
    from fctui.managers.apt.suite import other_context

    try:
        plain = await stand_in(context)
    except TaskError:
        other = other_context(context)
        if other is None:
            raise
        stand = await _made(other, bundle, env, beside, node=node)
        note = (
            f"The archive of the release of {context.target.title} cannot be reached. A newer "
            "one stands for it: what is too new for the target works there all the same."
        )
        return structs.replace(stand, notes=(note, *stand.notes))
    target = context.target
    node_root = None
    if node and target.node and target.node.executable == _DEBIAN_NODE:
        node_root = (await stand_in(context, ("nodejs",))).root
    suite = target.suite.name if target.suite else ""
    title = f"bubblewrap, {suite} {plain.how} ({len(plain.packages)} packages)"
    return await _rooted(context, bundle, env, title, plain.root, node_root, beside, node=node)


def has_node(manifest: Manifest) -> bool:
    """Whether there is something for Node in a bundle."""
    return any(file.manager == "npm" for file in manifest.files)


async def _rooted(
    context: Context,
    bundle: Path,
    env: Mapping[str, str],
    title: str,
    root: Path,
    node_root: Path | None,
    beside: Mapping[str, Path],
    *,
    node: bool,
) -> Stand:
    target = context.target
    notes: list[str] = []
    shown = dict(beside)
    paths: dict[str, str] = {}
    whys: dict[str, str] = {}
    async with context.tasks.open("", "look for the target's interpreters") as task:
        plain = RootedSandbox(title, root, bundle, target.code_dir, env)
        for language, wanted in (("Python", target.python), ("Node", target.node)):
            where = plain
            if language == "Node" and node_root is not None:
                where = RootedSandbox(title, node_root, bundle, target.code_dir, env)
            if language == "Node" and not node:
                continue
            if wanted is None:
                whys[language] = f"{target.title} has no {language}"
                continue
            if await where.has((wanted.executable,), task):
                paths[language] = wanted.executable
                continue
            found, why = await borrowed(context, language, wanted, root, task)
            if not found:
                whys[language] = why
                notes.append(f"{why[:1].upper()}{why[1:]}.")
                continue
            paths[language] = wanted.executable
            shown |= found
            source = next(iter(found.values()))
            notes.append(f"{language} is this machine's own, of {source}.")
    plain = RootedSandbox(title, root, bundle, target.code_dir, env, shown)
    other = plain
    if node_root is not None:
        other = RootedSandbox(
            f"{title}, with nodejs", node_root, bundle, target.code_dir, env, shown
        )
    return Stand(
        title=title,
        plain=plain,
        with_node=other,
        python=paths.get("Python", ""),
        node=paths.get("Node", ""),
        why_no_python=whys.get("Python", ""),
        why_no_node=whys.get("Node", ""),
        notes=tuple(notes),
    )


async def _container(
    context: Context,
    bundle: Path,
    env: Mapping[str, str],
    engine: Literal["docker", "podman"],
    image: str,
) -> Stand:
    target = context.target
    title = f"{engine}, {image}"
    sandbox = ContainerSandbox(
        title, engine, image, bundle, target.code_dir, env, is_remote(engine)
    )
    async with context.tasks.open("", f"look into {image}") as task:
        wanted = [each.executable for each in (target.python, target.node) if each]
        usual = ["/usr/local/bin/python3", "/usr/bin/python3", "/usr/local/bin/node", _DEBIAN_NODE]
        there = await sandbox.has(tuple(dict.fromkeys([*wanted, *usual])), task)
    python = _first(there, target.python, "python3")
    node = _first(there, target.node, "node")
    return Stand(
        title=title,
        plain=sandbox,
        with_node=sandbox,
        python=python,
        node=node,
        why_no_python=f"{image} has no Python",
        why_no_node=f"{image} has no Node",
    )


def _first(there: tuple[str, ...], wanted: Interpreter | None, name: str) -> str:
    if wanted is not None and wanted.executable in there:
        return wanted.executable
    return next((path for path in there if posixpath.basename(path) == name), "")


def _engine(kind: str) -> Literal["docker", "podman"]:
    return "podman" if kind == "podman" else "docker"
