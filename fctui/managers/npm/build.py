"""Running the install scripts that the project allows by name, confined; keeping what they made."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.npm.ask import ANY_STATUS
from fctui.managers.npm.bundled import carrier, split_bundled
from fctui.managers.npm.facts import TEXT, decode_facts
from fctui.managers.npm.layout import layout
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.program import find_npm, require_npm
from fctui.managers.npm.tarball import unpack_tarball
from fctui.managers.workshop import Workshop, no_workshop, open_workshop
from fctui.model.contents import Contents, Listing
from fctui.model.errors import TaskError
from fctui.model.graph import reachable
from fctui.model.package import Resolution
from fctui.sandbox.confine import available, confined
from fctui.store.disk import disk_errors
from fctui.store.materialize import materialize
from fctui.tasks.command import Command
from fctui.tasks.task import Task

MEMORY = "npm-built"

_DEBIAN_NODE, _DEBIAN_NPM = "/usr/bin/node", "/usr/bin/npm"
# Where Debian's own packages have them.

_HANDED_ON = ("nodedir", "python", "disturl", "cafile", "proxy", "https-proxy", "noproxy")
# Settings that builds of native code go by and that hold no secrets; the sandbox sees no .npmrc.


def to_build(resolution: Resolution, whole: Mapping[str, Contents]) -> list[str]:
    """The packages whose scripts are allowed and that have some."""
    return [
        id_
        for id_, contents in whole.items()
        if resolution.packages[id_].needs_build
        and decode_facts(contents.texts.get(TEXT, "")).installs
    ]


def build_key(context: Context, resolution: Resolution, id_: str) -> str:
    """What the outcome of a package's scripts depends on: it, what it requires, and the target."""
    target = context.target
    node = target.node.version if target.node else ""
    facts = (id_, node, target.arch, target.glibc, target.distribution, target.release)
    digest = hashlib.sha256(repr(facts).encode())
    for needed in sorted(reachable(resolution, [id_])):
        artifact = resolution.packages[needed].artifact
        known = (artifact.digest or artifact.url) if artifact else ""
        digest.update(f"{needed}\0{known}\0".encode())
    return digest.hexdigest()


def recalled(context: Context, resolution: Resolution, id_: str) -> Contents | None:
    """The files of a package after its scripts, if they have run for this target before."""
    digest = context.store.recall(MEMORY, build_key(context, resolution, id_))
    return context.store.contents(digest.decode()) if digest else None


def obstacle(context: Context) -> str:
    """Why scripts cannot run here, "" where they can."""
    arch, machine = context.target.arch, platform.machine()
    if machine != arch and not _has_debian_node(context):
        return f"its install script has to run on {arch}, and this machine is {machine}"
    if machine != arch and (why := no_workshop(context)):
        return f"its install script has to run on {arch}, but {why}"
    if not available():
        return (
            "its install script only runs in a sandbox, and bubblewrap (bwrap) does not work here"
        )
    if find_npm() is None:
        return "its install script needs npm, which is not on this machine"
    return ""


def rebuild_command(
    context: Context,
    names: Iterable[str],
    room: Path,
    work: Path,
    npm: str = "npm",
    workshop: Workshop | None = None,
) -> Command:
    """The run of the scripts by npm itself, with nothing writable but its room: on this machine,
    or in a workshop by what is there.
    """
    settings = effective_settings(work)
    env = {f"npm_config_{k.replace('-', '_')}": settings[k] for k in _HANDED_ON if k in settings}
    env |= {"npm_config_cache": str(room / "cache"), "npm_config_devdir": str(room / "headers")}
    if context.target.node and "nodedir" not in settings and _is_exact(context.target.node.version):
        env["npm_config_target"] = context.target.node.version
    argv = (npm, "rebuild", *names, "--foreground-scripts", "--no-update-notifier", "--json")
    network = not context.offline
    if workshop is None:
        return confined(Command(argv, env, work, ANY_STATUS), writable=[room], network=network)
    own = {"npm_config_nodedir": "/usr", "TMPDIR": str(room), **env}
    command = Command((_DEBIAN_NPM, *argv[1:]), own, work, ANY_STATUS)
    return confined(command, writable=[room], network=network, root=workshop.root)


async def _workshop(context: Context, task: Task) -> Workshop | None:
    """The target's release with its Node, npm and compilers, where that is the target's Node."""
    if not _has_debian_node(context):
        return None
    return await open_workshop(context, ("nodejs", "npm", "libnode-dev", "python3"), task)


def _has_debian_node(context: Context) -> bool:
    node = context.target.node
    return node is not None and node.executable == _DEBIAN_NODE


def _is_exact(version: str) -> bool:
    return version.count(".") == 2


async def build(
    context: Context,
    resolution: Resolution,
    whole: Mapping[str, Contents],
    ids: list[str],
    task: Task,
) -> dict[str, Contents]:
    """Run the scripts of `ids` on copies of them and of what they require; their files after it.

    Raises TaskError when a script fails, MissingToolError where npm is too old.
    """
    npm = await require_npm(context, task)
    async with context.store.workspace.lent() as room:
        work = room / "work"
        with disk_errors(context.store.root):
            await asyncio.to_thread(_lay_out, context, resolution, whole, ids, work)
        names = dict.fromkeys(resolution.packages[id_].name for id_ in ids)
        workshop = await _workshop(context, task)
        if workshop is None and context.target.arch != platform.machine():
            raise TaskError(f"No root file system of {context.target.title} could be made.")
        program = npm.name if npm else "npm"
        command = rebuild_command(context, names, room, work, program, workshop)
        done = await task.run(command, log_stdout=True)
        if done.returncode:
            raise TaskError(
                f"The install script of {', '.join(names)} failed with status {done.returncode}.",
                hint="The task's log has its output. Without [npm] allow-scripts it is not run.",
            )
        keep = partial(_keep, context, resolution, workshop.title if workshop else "")
        return {id_: await keep(id_, room, work, task) for id_ in ids}


def _lay_out(
    context: Context,
    resolution: Resolution,
    whole: Mapping[str, Contents],
    ids: list[str],
    work: Path,
) -> None:
    """Copies, for what a script writes to must not be a file of the store."""
    work.mkdir()
    needed = reachable(resolution, ids)
    parts = split_bundled(resolution, whole)
    listing = Listing(
        {id_: parts[id_] for id_ in resolution.packages if id_ in needed & set(parts)}
    )
    files = [f for f in layout(resolution, listing, code=False).files if f.path]
    materialize(context.store, files, context.project.root, work, "copy")
    project = {"name": "build", "version": "0.0.0", "private": True}
    (work / "package.json").write_text(json.dumps(project), "utf-8")


async def _keep(
    context: Context,
    resolution: Resolution,
    where: str,
    id_: str,
    room: Path,
    work: Path,
    task: Task,
) -> Contents:
    """Take a package as its scripts left it into the store."""
    package = resolution.packages[id_]
    archive = room / f"{package.name.rpartition('/')[2]}-{package.version}.built.tar"
    others = {other for other in resolution.packages if carrier(resolution, other) != id_}
    with disk_errors(context.store.root):
        await asyncio.to_thread(_pack, work, id_, others, archive)

    def unpack(built: Path, into: Path, digest: str) -> Contents:
        return structs.replace(unpack_tarball(built, into, digest, name=built.name), built=where)

    contents = await context.store.adopt(archive, unpack, task)
    key = build_key(context, resolution, id_)
    context.store.keep(MEMORY, key, contents.digest.encode())
    return contents


def _pack(work: Path, id_: str, others: set[str], archive: Path) -> None:
    """A package's directory as a tar, without the packages that are installed inside of it."""

    def wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        inner = member.name.partition("/")[2]
        if f"{id_}/{inner}" in others or member.name.endswith("node_modules/.bin"):
            return None
        member.mtime = 0
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(work / id_, arcname="package", filter=wanted)
